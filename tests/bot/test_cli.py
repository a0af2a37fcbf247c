"""The command itself: what it lists, and how it says no."""

import argparse
import os
import subprocess
import sys

import pytest
from sqlalchemy import text

from bot import cli
from bot.commands import invite, migrate
from tests.bot.installation import Installation


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0

    out = capsys.readouterr().out
    assert all(name in out for name in cli.COMMANDS)


@pytest.mark.parametrize("given", [[], ["dance"]])
def test_who_names_no_command_is_shown_them(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(given) == 2
    assert "usage: minsheng COMMAND" in capsys.readouterr().err


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main([name, "--help"])

    assert left.value.code == 0
    assert f"usage: minsheng {name}" in capsys.readouterr().out


def test_run_lists_the_settings(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["run", "--help"])

    assert "  MINSHENG_HTTP_PORT [8080]\n      the port to listen on" in capsys.readouterr().out


def test_a_wrong_setting_ends_every_command_with_its_sentence(installation: Installation) -> None:
    installation.set(HTTP_PORT="x")

    assert installation.refuses("invite", "王芳").startswith("MINSHENG_HTTP_PORT: ")


@pytest.mark.parametrize("address", ["postgresql://bot:hunter2@127.0.0.1:1/minsheng", "sqlite:////no/such/folder/x.db"])
def test_a_database_that_does_not_answer_is_one_sentence(installation: Installation, address: str) -> None:
    installation.set(DATABASE_URL=address)

    for command in (("migrate",), ("invite", "王芳"), ("export", installation.folder / "a.xlsx")):
        sentence = installation.refuses(*command)
        assert sentence.startswith("MINSHENG_DATABASE_URL: the database cannot be used (OperationalError);")
        assert "hunter2" not in sentence


def test_a_folder_that_cannot_be_is_one_sentence(installation: Installation) -> None:
    installation.set(DATA_DIR=str(installation.file("file", "") / "data"))

    assert installation.refuses("migrate").startswith("MINSHENG_DATA_DIR: Not a directory: ")


def test_a_folder_of_somebody_else_is_one_sentence(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # to root nothing is forbidden

    assert installation.refuses("migrate").startswith("MINSHENG_DATA_DIR: this user may not write to ")


def test_a_database_that_a_newer_program_used_is_one_sentence(installation: Installation) -> None:
    installation.does("migrate")
    with installation.store() as store:
        store.unit.write(text("UPDATE alembic_version SET version_num = '9999'"))

    assert installation.refuses("invite", "王芳").startswith("The database is newer than this program")


def test_a_fault_of_the_program_keeps_what_it_was_about_to_itself(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(parsed: argparse.Namespace) -> None:
        raise RuntimeError(parsed.name)

    monkeypatch.setattr(invite, "run", broken)
    said = installation.says("invite", "王芳")

    assert said.code == cli.FAULT
    assert said.err.endswith("This is a fault of the program (RuntimeError). Nothing half done was kept.\n")
    assert "王芳" not in said.err


def test_an_interrupted_command_is_silent(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(migrate, "run", interrupted)
    said = installation.says("migrate")

    assert (said.code, said.out, said.err) == (cli.INTERRUPTED, "", "")


def test_python_runs_the_package_as_the_command() -> None:
    finished = subprocess.run([sys.executable, "-m", "bot", "--help"], capture_output=True, text=True, check=True)

    assert finished.stdout.startswith("usage: minsheng COMMAND")


HEAVY = ("alembic", "openpyxl", "PIL", "segno", "redis", "aiogram", "telegram", "psycopg", "httpx", "uvicorn.workers")


def test_a_start_imports_nothing_that_it_does_not_need() -> None:
    """A start is ready in two seconds and small, because of what it leaves out."""
    program = "import sys, bot.commands.demo; print(*sys.modules)"
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    imported = set(finished.stdout.split())
    assert "bot.serving" in imported
    assert not imported & set(HEAVY)
