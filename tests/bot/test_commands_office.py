"""What a congress's office does from the command line, each command as it is typed."""

import csv
import stat
from pathlib import Path

import pytest
from openpyxl import load_workbook
from PIL import Image

from storage.domain.roles import Role
from tests.bot.installation import Installation
from tests.bot_api import TOKEN, BotApiStandIn

AREAS = """code,name,parent code,level,aliases
4313821002,杨柳村,431382100,village,
431382100201,第一网格,4313821002,cell,柳树湾;一组
431382100202,第二网格,4313821002,cell,老桥头
"""
PEOPLE = """姓名,身份,电话,代表小组,行业,责任网格
李强,人大代表,13900000001,第一小组,教育,431382100201
周平,代表,13900000002,第一小组,种植,杨柳村
赵敏,网格员,13900000003,,,柳树湾；老桥头
"""
FORMS = """姓名,电话,网格,内容
张三,13900000009,柳树湾,村口的路坑坑洼洼
,,老桥头,装几盏路灯
"""


@pytest.fixture
def office(installation: Installation) -> Installation:
    """云溪镇人大 with its cells."""
    installation.setup()
    installation.does("import-areas", installation.file("areas.csv", AREAS))
    return installation


# --- areas


def test_areas_come_in_and_a_dry_run_only_shows_them(installation: Installation) -> None:
    installation.setup()
    file = installation.file("areas.csv", AREAS)

    assert "以上只是预览" in installation.does("import-areas", file, "--dry-run")
    with installation.store() as store:
        assert store.areas.by_code("431382100201") is None

    assert "已导入" in installation.does("import-areas", file)
    with installation.store() as store:
        cell = store.areas.by_code("431382100201")
        assert cell
        assert store.areas.title(cell) == "杨柳村 第一网格"


def test_a_wrong_file_of_areas_is_refused_by_line(installation: Installation) -> None:
    installation.setup()

    said = installation.refuses("import-areas", installation.file("areas.csv", AREAS.replace(",cell,", ",room,")))

    assert said.splitlines()[0].startswith("第 3 行：级别「room」认不出")
    assert installation.refuses("import-areas", "none.csv", "--level", "room").startswith("--level room: write one of ")


# --- people


def test_people_come_in_with_a_file_of_their_links(office: Installation) -> None:
    said = office.does("import-people", office.file("people.csv", PEOPLE))

    path = office.folder / "people-invites.csv"
    assert "云溪镇人大：新增 3 人，更新 0 人，0 人不变。3 new, 0 changed.\n" in said
    assert str(path) in said
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    heading, *rows = csv.reader(path.read_text("utf-8-sig").splitlines())
    assert heading == ["姓名", "身份", "网页聊天", "Telegram", "微信"]
    assert {*rows[0][3:]} == {""}  # neither is set up
    assert [row[:2] for row in rows] == [["李强", "人大代表"], ["周平", "人大代表"], ["赵敏", "网格员"]]
    with office.store() as store:
        (deputy,) = store.people.named(1, "李强")
        assert store.people.invited(rows[0][2].rpartition("?start=i-")[2]) == deputy
        assert len(store.people.holders(1, Role.GRID_WORKER)[0].areas) == 2


def test_the_same_people_again_change_nothing_and_write_no_links(office: Installation) -> None:
    file = office.file("people.csv", PEOPLE)
    office.does("import-people", file)
    written = (office.folder / "people-invites.csv").read_bytes()

    said = office.does("import-people", file)

    assert "新增 0 人，更新 0 人，3 人不变" in said
    assert [path.name for path in office.folder.glob("*invites*")] == ["people-invites.csv"]
    assert (office.folder / "people-invites.csv").read_bytes() == written


def test_further_people_get_a_file_of_their_own(office: Installation) -> None:
    office.does("import-people", office.file("people.csv", PEOPLE))

    office.does("import-people", office.file("people.csv", f"{PEOPLE}吴静,代表,13900000004,,,\n"))

    assert len((office.folder / "people-invites-2.csv").read_text("utf-8-sig").splitlines()) == 2


def test_links_go_where_the_clerk_wants_them(office: Installation) -> None:
    office.set(PUBLIC_URL="https://yunxi.example/", TELEGRAM__USERNAME="@yunxi_bot")
    target = office.folder / "links.csv"
    file = office.file("people.csv", PEOPLE)
    office.does("import-people", file, "--invites", target)

    links = target.read_text("utf-8-sig")
    assert "https://yunxi.example/chat?start=i-" in links
    assert "https://t.me/yunxi_bot?start=i-" in links
    assert (
        office.refuses("import-people", file, "--invites", target) == f"{target} is there already; name another file."
    )


def test_no_links_on_disk_no_people_in_the_congress(office: Installation) -> None:
    target = office.folder / "no such folder" / "links.csv"

    said = office.refuses("import-people", office.file("people.csv", PEOPLE), "--invites", target)

    assert said == f"{target}: No such file or directory; nothing more was imported."
    with office.store() as store:
        assert store.people.named(1, "李强") == []


def test_wrong_people_are_refused_by_line(office: Installation) -> None:
    file = office.file("people.csv", PEOPLE.replace("人大代表", "市长").replace("老桥头", "月亮湾"))

    first, second = office.refuses("import-people", file).splitlines()
    assert first.startswith("第 2 行：身份“市长”认不出")
    assert second.startswith("第 4 行：辖区里没有“月亮湾”")
    assert office.refuses("import-people", file, "--role", "boss").startswith("--role boss: write one of deputy, ")


def test_a_dry_run_of_people_changes_nothing(office: Installation) -> None:
    assert "以上只是预览" in office.does("import-people", office.file("people.csv", PEOPLE), "--dry-run")

    with office.store() as store:
        assert store.people.named(1, "李强") == []
    assert not list(office.folder.glob("*invites*"))


# --- paper forms and the ledger


def test_paper_forms_become_proposals_once(office: Installation) -> None:
    file = office.file("forms.csv", FORMS)

    assert office.does("import-proposals", file, "--dry-run").startswith("云溪镇人大：可以导入 2 条。")
    assert office.does("import-proposals", file) == "云溪镇人大：导入 2 条，编号 1–2。Done.\n"
    assert office.does("import-proposals", file) == "云溪镇人大：导入 0 条，2 条以前导入过。Done.\n"


def test_wrong_forms_are_refused_by_line(office: Installation) -> None:
    file = office.file("forms.csv", FORMS.replace("老桥头", "月亮湾"))

    assert office.refuses("import-proposals", file).startswith("第 3 行：没有“月亮湾”这个网格")


def test_the_ledger_is_written_whole_and_for_its_owner_only(office: Installation) -> None:
    office.does("import-proposals", office.file("forms.csv", FORMS))
    target = office.folder / "台账.xlsx"

    assert office.does("export", target) == f"{target}: 云溪镇人大\n"

    rows = list(load_workbook(target, read_only=True).worksheets[0].iter_rows(min_row=2, values_only=True))
    assert ["村口的路坑坑洼洼" in map(str, row) for row in rows] == [True, False]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert office.refuses("export", target) == f"{target} is there already; name another file."
    assert (
        office.refuses("export", office.folder / "none" / "a.xlsx") == f"There is no folder {office.folder / 'none'}."
    )
    assert not list(office.folder.glob(".ledger*"))


# --- invites


def test_an_invite_adds_a_person_with_a_role(office: Installation) -> None:
    said = office.does("invite", "吴静", "--role", "deputy", "--cells", "431382100201；431382100202", "--group", "二组")

    with office.store() as store:
        (holding,) = store.people.holders(1, Role.DEPUTY)
        assert store.people.invited(said.strip().rpartition("?start=i-")[2]) == holding.person_id
        assert (holding.group_name, len(holding.areas)) == ("二组", 2)


def test_an_invite_leads_to_the_bot_too_whose_name_telegram_tells(office: Installation) -> None:
    with BotApiStandIn() as platform:
        office.set(TELEGRAM__TOKEN=TOKEN, TELEGRAM__API_BASE=platform.base_url)
        web, telegram = office.does("invite", "王芳").split()
    assert telegram == f"https://t.me/minsheng_test_bot?start={web.partition('start=')[2]}"


def test_a_new_invite_ends_the_one_before(office: Installation) -> None:
    first = office.does("invite", "王芳").strip()
    second = office.does("invite", "王芳").strip()

    with office.store() as store:
        assert store.people.invited(first.rpartition("i-")[2]) is None
        assert store.people.invited(second.rpartition("?start=i-")[2]) is not None


def test_a_further_role_goes_to_the_same_person(office: Installation) -> None:
    office.does("invite", "王芳", "--role", "teller")

    with office.store() as store:
        (person_id,) = store.people.named(1, "王芳")
        assert {holding.role for holding in store.people.holdings(person_id)} == {Role.STAFF, Role.TELLER}
    assert office.refuses("invite", "王芳", "--role", "staff") == (
        "王芳 has that role already; without --role there is a new link."
    )


def test_nobody_unknown_or_ambiguous_is_invited(office: Installation) -> None:
    assert office.refuses("invite", "吴静") == "Nobody called 吴静 has a role there; add them with --role."
    assert office.refuses("invite", "吴静", "--role", "deputy", "--cells", "1;2") == "--cells: there is no area 1, 2."
    for telephone in ("13900000001", "13900000002"):
        with office.store() as store:
            store.people.grant(store.people.add("李强", telephone), 1, Role.DEPUTY)
    assert office.refuses("invite", "李强").startswith("2 people are called 李强; give them different names")


def test_who_has_left_has_no_role_any_more(office: Installation) -> None:
    code = office.does("invite", "吴静", "--role", "deputy").strip().rpartition("i-")[2]
    office.does("invite", "吴静", "--role", "teller")
    said = office.does("revoke", "吴静", "--role", "teller").strip()
    assert said == "吴静 不再是云溪镇人大的监票计票人 / is no longer teller of 云溪镇人大"
    assert office.refuses("revoke", "吴静", "--role", "teller") == "吴静 does not have that role there."
    office.does("revoke", "吴静")
    assert office.refuses("revoke", "吴静") == "Nobody called 吴静 has a role there."
    with office.store() as store:
        assert store.people.invited(code) is None
        assert store.people.holders(1, Role.DEPUTY) == []


def test_by_command_the_last_of_the_staff_goes_too(office: Installation) -> None:
    office.does("revoke", "王芳")
    with office.store() as store:
        assert store.people.holders(1, Role.STAFF) == []


def test_an_unused_invite_is_taken_back_and_the_role_stays(office: Installation) -> None:
    code = office.does("invite", "王芳").strip().rpartition("i-")[2]
    assert office.does("revoke", "王芳", "--invite").strip() == "王芳：邀请链接已作废 / the invite works no more"
    assert office.refuses("revoke", "王芳", "--invite") == "王芳 has no unused invite."
    with office.store() as store:
        assert store.people.invited(code) is None
        assert len(store.people.holders(1, Role.STAFF)) == 1


def test_an_office_without_a_congress_is_told_so(installation: Installation) -> None:
    assert installation.refuses("invite", "王芳") == (
        "还没有人大，请先运行 `minsheng setup`。There is no congress yet: run `minsheng setup` first."
    )


# --- QR codes


def test_a_code_opens_the_chat_at_a_cell(office: Installation) -> None:
    office.set(PUBLIC_URL="https://yunxi.example")
    target = office.folder / "cell.png"

    said = office.says("qr", "--cell", "431382100201", target)

    with office.store() as store:
        cell = store.areas.by_code("431382100201")
    assert cell
    assert (said.out, said.err) == (f"{target}: https://yunxi.example/chat?start=c-{cell.id}\n", "")
    with Image.open(target) as picture:
        assert picture.format == "PNG"


def test_a_poster_is_a_page_of_a4(office: Installation) -> None:
    target = office.folder / "poster.png"
    office.does("qr", "--cell", "431382100201", "--poster", target)

    with Image.open(target) as picture:
        assert round(picture.height / picture.width, 2) == 1.41


def test_a_code_that_works_here_only_says_so(office: Installation) -> None:
    said = office.says("qr", "--cell", "431382100201", office.folder / "cell.png")

    assert said.err == "MINSHENG_PUBLIC_URL is not set, so this code works on this machine only.\n"


def test_a_station_is_added_by_its_first_code(office: Installation) -> None:
    target = office.folder / "station.png"
    assert office.refuses("qr", "--station", "yl", target) == (
        "There is no station yl; to add it, give --name and --area."
    )

    first = office.does("qr", "--station", "yl", "--name", "杨柳村联络站", "--area", "4313821002", target)

    assert first.endswith("/chat?start=s-1\n")
    assert office.does("qr", "--station", "yl", "--poster", target) == first
    assert office.refuses("qr", "--station", "x", "--name", "x", "--area", "9", target) == "--area: there is no area 9."


def test_a_station_whose_code_cannot_be_drawn_is_not_added(office: Installation) -> None:
    target = office.folder / "none" / "station.png"

    said = office.refuses("qr", "--station", "yl", "--name", "杨柳村联络站", "--area", "4313821002", target)

    assert said.splitlines()[-1] == f"{target}: No such file or directory."
    assert "There is no station yl" in office.refuses("qr", "--station", "yl", office.folder / "station.png")


def test_a_deputy_has_a_code_on_telegram(office: Installation) -> None:
    office.does("import-people", office.file("people.csv", PEOPLE))
    target = office.folder / "deputy.png"

    assert office.refuses("qr", "--deputy", "李强", "--channel", "telegram", target).startswith(
        "Set MINSHENG_TELEGRAM__USERNAME to the bot's name"
    )
    office.set(TELEGRAM__USERNAME="yunxi_bot")

    said = office.does("qr", "--deputy", "李强", "--channel", "telegram", target)

    assert "https://t.me/yunxi_bot?start=d-" in said
    assert office.refuses("qr", "--deputy", "赵敏", target) == "There is no deputy 赵敏."
    assert office.refuses("qr", "--cell", "1", target) == "There is no area 1."


def test_of_two_deputies_of_one_name_neither_is_guessed(office: Installation) -> None:
    for telephone in ("13900000001", "13900000002"):
        with office.store() as store:
            store.people.grant(store.people.add("李强", telephone), 1, Role.DEPUTY)

    said = office.refuses("qr", "--deputy", "李强", office.folder / "deputy.png")

    assert said.startswith("Several deputies are called 李强; give them different names")


# --- the database


def test_a_new_folder_is_for_its_owner_only_and_one_that_is_there_stays_as_it_is(installation: Installation) -> None:
    shared = installation.folder / "shared"
    shared.mkdir()
    shared.chmod(0o755)

    for name, mode in (("data", 0o700), ("shared", 0o755)):
        installation.set(DATA_DIR=str(installation.folder / name))
        installation.does("migrate")
        assert stat.S_IMODE((installation.folder / name).stat().st_mode) == mode


def test_a_backup_is_a_whole_database(office: Installation, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"

    assert office.does("backup", target).startswith(f"{target}: ")
    assert target.read_bytes()[:6] == b"SQLite"
    assert "copy.db" in office.refuses("backup", target)


def test_migrate_says_from_where_to_where_and_never_goes_back_over_data(installation: Installation) -> None:
    first = installation.does("migrate")

    assert first.startswith("revision base → ")
    assert installation.does("migrate") == f"revision {first.rpartition(' ')[2]}"
    installation.setup()
    assert "would lose what the database holds" in installation.refuses("migrate", "--to", "base")


def test_tick_does_what_is_due_once(office: Installation) -> None:
    assert "expire_conversations" in office.does("tick", "--at", "2026-09-01T09:00:00+08:00")
    assert office.does("tick", "--at", "2026-09-01T09:00:00+08:00") == "nothing was due\n"
    assert office.refuses("tick", "--at", "2026-09-01T09:00:00").startswith("--at needs its offset")
    assert office.refuses("tick", "--at", "tomorrow").startswith("--at tomorrow: write it like ")
