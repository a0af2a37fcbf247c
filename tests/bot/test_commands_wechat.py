"""What commands ask of WeChat: the menu below the chat, and codes with a parameter."""

import csv
import json
from collections.abc import Iterator

import pytest
from PIL import Image

from bot.channels.wechat_body import parse, written
from bot.channels.wechat_inbound import read
from bot.commands.wechat_menu import menu
from bot.qr import qr_png
from handlers.catalogue import ROUTES
from handlers.messages import Kind
from handlers.reading import HELP, plain
from storage.domain.roles import Role
from tests.bot.installation import Installation
from tests.wechat_api import Account, WeChatStandIn, errcode

A_MONTH = 30 * 24 * 60 * 60  # seconds


@pytest.fixture
def stand_in() -> Iterator[WeChatStandIn]:
    with WeChatStandIn() as stand_in:
        yield stand_in
        assert stand_in.violations == []


@pytest.fixture
def account(stand_in: WeChatStandIn) -> Account:
    return stand_in.account


@pytest.fixture
def office(installation: Installation, stand_in: WeChatStandIn) -> Installation:
    """An installation with a congress and the account."""
    installation.set(**{name.removeprefix("MINSHENG_"): value for name, value in stand_in.settings.items()})
    installation.setup()
    return installation


def test_every_invite_says_what_to_send_on_wechat(installation: Installation, stand_in: WeChatStandIn) -> None:
    installation.set(**{name.removeprefix("MINSHENG_"): value for name, value in stand_in.settings.items()})
    people = installation.file("people.csv", "姓名,身份\n李强,代表\n")

    said = [installation.setup(), installation.does("invite", "王芳")]
    installation.does("import-people", people, "--invites", installation.folder / "invites.csv")

    told = [one.splitlines()[-2:] for one in said]
    with (installation.folder / "invites.csv").open(encoding="utf-8-sig", newline="") as file:
        told += [[row["网页聊天"], row["微信"]] for row in csv.DictReader(file)]
    for web, wechat in told:
        code = web.partition("?start=")[2]
        assert wechat.strip() == f"微信 WeChat: 关注公众号后发送 follow the account and send  {code}"


# --- the menu


def test_the_menu_is_set_as_it_is_shown_before(office: Installation, account: Account) -> None:
    shown = office.does("wechat-menu", "--dry-run")
    assert account.menu == []
    assert "没有改动" in shown

    done = office.does("wechat-menu")

    assert account.menu == menu()
    assert done.splitlines()[:-1] == shown.splitlines()[:-1]
    assert shown.splitlines()[:3] == ["提建议（发送“提建议”）", "看进展", "  我的建议（发送“我的建议”）"]


def test_a_dry_run_needs_no_account(installation: Installation) -> None:
    assert "看进展" in installation.does("wechat-menu", "--dry-run")


def keys() -> list[str]:
    buttons = json.loads(json.dumps(menu()))
    return [one["key"] for button in buttons for one in button.get("sub_button", [button])]


def test_everything_that_anybody_may_do_is_in_the_menu() -> None:
    begun = [ROUTES.begun_by(key) for key in keys() if plain(key) not in HELP]

    assert None not in begun
    open_to_all = {one.name for one in ROUTES.conversations if one.menu and one.allowed(())}
    assert {one.name for one in begun if one} == open_to_all | {"menu"}
    assert [key for key in keys() if plain(key) in HELP] == ["帮助"]


def test_no_name_is_cut_off() -> None:
    """A telephone shows four characters of a place, eight of what is below it."""
    for button in json.loads(json.dumps(menu())):
        assert len(button["name"]) <= 4
        assert all(len(one["name"]) <= 8 for one in button.get("sub_button", []))


def test_who_taps_the_menu_says_its_word() -> None:
    event: dict[str, str | int] = {
        "FromUserName": "oPlainlyInvented",
        "CreateTime": 1790000000,
        "MsgType": "event",
        "Event": "CLICK",
    }
    inbound = read(parse(written({**event, "EventKey": keys()[0]}, as_json=False)))

    assert (inbound.kind, inbound.text) == (Kind.TEXT, "提建议")


def test_without_an_account_or_its_secret_the_sentence_names_what_is_missing(installation: Installation) -> None:
    assert "MINSHENG_WECHAT__APP_ID" in installation.refuses("wechat-menu")
    installation.set(WECHAT__APP_ID="wx0123456789abcdef", WECHAT__TOKEN="plainlyinvented")
    assert "MINSHENG_WECHAT__SECRET" in installation.refuses("wechat-menu")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (48001, "未认证的公众号（订阅号）没有"),
        (40164, "IP 白名单"),
        (40013, "AppID 或 AppSecret 不对"),
        (45009, "错误码 45009"),
    ],
)
def test_what_wechat_refuses_is_a_sentence(
    office: Installation, stand_in: WeChatStandIn, code: int, words: str
) -> None:
    stand_in.faults.add(errcode(code), method="menu/create")

    said = office.refuses("wechat-menu")

    assert words in said
    assert stand_in.account.secret not in said


def test_a_wrong_secret_is_told_apart_and_not_repeated(office: Installation) -> None:
    office.set(WECHAT__SECRET="not-the-right-one")

    said = office.refuses("wechat-menu")

    assert "AppSecret 不对" in said
    assert "not-the-right-one" not in said


def test_where_wechat_cannot_be_reached_the_network_is_named(office: Installation) -> None:
    office.set(WECHAT__API_BASE="http://127.0.0.1:1")

    assert "连不上微信" in office.refuses("wechat-menu")


# --- codes with a parameter


def test_the_code_of_a_cell_is_for_good(office: Installation, stand_in: WeChatStandIn) -> None:
    target = office.folder / "cell.png"

    said = office.does("qr", "--cell", "431382100", "--channel", "wechat", target)

    with office.store() as store:
        area = store.areas.by_code("431382100")
    assert area
    link = said.strip().removeprefix(f"{target}: ")
    assert stand_in.account.codes[link] == f"c-{area.id}"
    assert target.read_bytes() == qr_png(link)
    assert stand_in.calls("qrcode/create")[-1].parameters["action_name"] == "QR_LIMIT_STR_SCENE"


def test_a_station_and_a_deputy_have_codes_and_posters(office: Installation, account: Account) -> None:
    with office.store() as store:
        deputy = store.people.add("李强", "13900000001")
        role = store.people.grant(deputy, 1, Role.DEPUTY)
    new = ("--name", "杨柳村联络站", "--area", "431382100")
    for what in (("--station", "yl", *new), ("--deputy", "李强")):
        target = office.folder / f"{what[1]}.png"
        office.does("qr", *what, "--channel", "wechat", "--poster", target)
        with Image.open(target) as picture:
            assert round(picture.height / picture.width, 2) == 1.41

    assert {"s-1", f"d-{role}"} <= set(account.codes.values())


def test_the_code_of_an_invite_ends_with_it_and_makes_its_person(office: Installation, stand_in: WeChatStandIn) -> None:
    said = office.does("qr", "--invite", "王芳", "--channel", "wechat", office.folder / "invite.png")

    scene = stand_in.account.codes[said.strip().rpartition(" ")[2]]
    made = stand_in.calls("qrcode/create")[-1].parameters
    assert (made["action_name"], made["expire_seconds"]) == ("QR_STR_SCENE", A_MONTH)
    with office.store() as store:
        assert store.people.invited(scene.removeprefix("i-")) == store.people.named(1, "王芳")[0]


def test_an_invite_has_a_code_in_the_web_chat_too_but_no_poster(office: Installation) -> None:
    target = office.folder / "invite.png"

    assert "/chat?start=i-" in office.does("qr", "--invite", "王芳", target)
    assert "no poster" in office.refuses("qr", "--invite", "王芳", "--poster", target)
    assert "Nobody called 张三" in office.refuses("qr", "--invite", "张三", target)


@pytest.mark.parametrize("is_new", [True, False])
def test_an_account_without_codes_is_told_what_to_do_and_nothing_is_made(
    office: Installation, account: Account, is_new: bool
) -> None:
    account.is_verified = False
    with office.store() as store:
        before = store.people.invite(store.people.named(1, "王芳")[0])
    what = ("--station", "yl", "--name", "站", "--area", "431382100") if is_new else ("--invite", "王芳")

    said = office.refuses("qr", *what, "--channel", "wechat", office.folder / "code.png")

    assert "只有认证的服务号可以" in said
    assert "--channel web" in said
    assert not (office.folder / "code.png").exists()
    with office.store() as store:
        assert store.people.invited(before)
    assert "There is no station yl" in office.refuses("qr", "--station", "yl", office.folder / "code.png")


def test_used_up_codes_are_told(office: Installation, stand_in: WeChatStandIn) -> None:
    stand_in.faults.add(errcode(45029), method="qrcode/create")

    assert "10 万个" in office.refuses("qr", "--cell", "431382100", "--channel", "wechat", office.folder / "cell.png")


def test_an_invite_can_be_sent_as_a_text_where_there_are_no_codes(office: Installation) -> None:
    line = office.does("invite", "王芳").splitlines()[-1]
    assert line.startswith("微信 WeChat: ")

    text: dict[str, str | int] = {
        "FromUserName": "oPlainlyInvented",
        "CreateTime": 1790000000,
        "MsgType": "text",
        "MsgId": 1,
    }
    sent = read(parse(written({**text, "Content": f" {line.rpartition(' ')[2]}\n"}, as_json=False)))

    assert (sent.kind, sent.text) == (Kind.START, "")
    with office.store() as store:
        assert store.people.invited(sent.payload.removeprefix("i-")) == store.people.named(1, "王芳")[0]
