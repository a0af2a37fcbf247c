"""The channel as the program meets it: who is there, which files are whose, what is wrong with its settings."""

from datetime import UTC, datetime
from pathlib import Path

from bot.channels.webchat import WebChat
from handlers.messages import File
from tests.bot.channels.web_visitor import Visitor
from tests.web_chat_double import EchoBot


async def test_who_has_the_page_open_is_present(bot: EchoBot, visitor: Visitor) -> None:
    assert bot.channel
    assert visitor.account not in bot.channel.present()
    async with visitor.page() as page:
        await page.told()
        assert visitor.account in bot.channel.present()
    assert visitor.account not in bot.channel.present()


async def test_files_go_out_by_name_and_come_by_number(bot: EchoBot, visitor: Visitor, tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    path.write_bytes(b"PK\x03\x04 table")
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    async with visitor.page() as page:
        await page.told()
        number = await bot.say(visitor.account, "台账", file=File(str(path), "台账 9月.xlsx", media_type))
        frame = await page.receive()
    assert (frame["kind"], frame["file"]) == ("document", "台账 9月.xlsx")
    response = await visitor.http.get(f"/chat/file/{number}")
    assert response.content == b"PK\x03\x04 table"
    assert response.headers["content-disposition"].startswith("attachment; filename*=utf-8''%E5%8F%B0")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in response.headers["content-security-policy"]


async def test_a_picture_of_ours_is_shown_as_one(bot: EchoBot, visitor: Visitor, tmp_path: Path) -> None:
    path = tmp_path / "poster"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    assert bot.channel
    async with visitor.page() as page:
        await page.told()
        number = await bot.say(visitor.account, "二维码", file=File(str(path), "码.png", "image/png"))
        assert (await page.receive())["kind"] == "photo"
    response = await visitor.http.get(f"/chat/file/{number}")
    assert response.headers["content-disposition"].startswith("inline")


async def test_nobody_gets_another_persons_file(bot: EchoBot, visitor: Visitor, tmp_path: Path) -> None:
    assert bot.channel
    path = tmp_path / "secret"
    path.write_bytes(b"%PDF-")
    number = bot.write(visitor.account, "", file=File(str(path), "a.pdf", "application/pdf"))
    stranger = Visitor(bot.channel)
    assert (await stranger.http.get(f"/chat/file/{number}")).status_code == 404
    await stranger.come()
    assert (await stranger.http.get(f"/chat/file/{number}")).status_code == 404
    path.unlink()
    gone = await visitor.http.get(f"/chat/file/{number}")
    assert (gone.status_code, gone.text) == (404, "没有找到这个文件，请重新选择。")


async def test_before_the_start_pages_are_asked_to_come_back(bot: EchoBot) -> None:
    visitor = Visitor(bot.serve_by())
    await visitor.come()
    async with visitor.page() as page:
        assert await page.closing_code() == 1013


async def test_check_names_a_short_secret_and_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    bot = EchoBot(tmp_path)
    good = bot.serve_by()
    assert await good.check() == []
    bad = WebChat(
        secret=b"short",
        data_dir=tmp_path / "file",
        clock=lambda: datetime.now(UTC),
        history=bot.history,
        arrived=bot.arrivals.append,
        file_of=bot.file_of,
    )
    short, folder = await bad.check()
    assert "32 bytes" in short
    assert "Not a directory" in folder
