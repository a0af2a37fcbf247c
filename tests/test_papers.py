"""What the papers say is so: settings, commands, targets, links, and both languages alike."""

import argparse
import importlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.cli import COMMANDS
from bot.settings import variables

ROOT = Path(__file__).parent.parent
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
PAPERS = (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")))
DEPLOYED = tuple(path for path in sorted((ROOT / "docs" / "deploy").iterdir()) if path not in PAPERS)
PICTURE_LIMIT = 200 * 1024  # bytes

KNOWN_HOSTS = {
    "127.0.0.1",
    "api.telegram.org",
    "api.weixin.qq.com",
    "bot.example",
    "keepachangelog.com",
    "minsheng",  # what nginx.conf calls its replicas
    "minsheng.example.org",
    "semver.org",
    "t.me",
}
# Where an operator's machine keeps things, and what the program itself serves.
KNOWN_ROOTS = {
    *("backup", "bin", "dev", "etc", "opt", "usr", "var"),
    *("board", "chat", "healthz", "metrics", "readyz", "telegram", "wechat"),
    "newbot",  # what one writes to @BotFather
}

_FENCE = re.compile(r"^```.*?$(.*?)^```$", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
_TABLE = re.compile(r"(?:^ *\|.*\n)+", re.MULTILINE)
_SETTING = re.compile(r"MINSHENG_[A-Z_]+")
_ROW = re.compile(r"^\| `(MINSHENG_\w+)` \| (?:`([^|]+)`)? *\|", re.MULTILINE)
_CJK = "\u2e80-\u9fff\uff00-\uffef\u3000-\u303f"
_HALF_WIDTH = re.compile(rf"(?<=[{_CJK}])[,:;?!()]|[,:;?!()](?=[{_CJK}])")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _named(path: Path) -> str:
    return str(path.relative_to(ROOT))


each_paper = pytest.mark.parametrize("paper", PAPERS, ids=_named)
each_readme = pytest.mark.parametrize("paper", READMES, ids=_named)


def _prose(paper: Path) -> str:
    """The paper without its code."""
    return _SPAN.sub("", _FENCE.sub("", _text(paper)))


def _code(paper: Path) -> Iterator[str]:
    """Every line of code and every piece of it in the prose; a line that ends in a backslash goes on."""
    text = _text(paper)
    for block in _FENCE.findall(text):
        yield from (line.strip() for line in block.replace("\\\n", " ").splitlines())
    yield from _SPAN.findall(_FENCE.sub("", text))


def _invocations(paper: Path) -> Iterator[list[str]]:
    """The words behind `minsheng` wherever it is called."""
    for code in _code(paper):
        words = shlex.split(code.removeprefix("$ "), comments=True)
        if len(words) > 1 and words[0].rpartition("/")[2] == "minsheng" and words[1] != "…":
            yield words[1:]


# --- settings


@each_readme
def test_the_table_of_settings_lists_every_setting_with_its_default(paper: Path) -> None:
    listed = [(name, default) for name, default in _ROW.findall(_text(paper))]
    assert listed == [(one.name, one.default) for one in variables()]


def test_the_english_table_says_what_the_program_says_of_each_setting() -> None:
    text = _text(READMES[0])
    assert [one.name for one in variables() if f"| {one.meaning} |" not in text] == []


@pytest.mark.parametrize("paper", [*PAPERS, *DEPLOYED], ids=_named)
def test_settings_that_are_named_exist(paper: Path) -> None:
    known = {one.name for one in variables()} | {"MINSHENG_TEST_DATABASE_URL", "MINSHENG_TEST_REDIS_URL"}
    named = {name for name in _SETTING.findall(_text(paper)) if not name.endswith("_")}
    assert named - known == set()


# --- commands


@each_paper
def test_commands_that_are_named_exist_and_take_what_is_shown(paper: Path) -> None:
    for name, *rest in _invocations(paper):
        assert name in COMMANDS
        if rest and rest != ["--help"]:
            module = importlib.import_module(f"bot.commands.{name.replace('-', '_')}")
            parser = argparse.ArgumentParser(prog=name, exit_on_error=False)
            module.arguments(parser)
            parser.parse_args(rest)


def test_the_readmes_tell_of_every_command() -> None:
    for paper in READMES:
        assert {words[0] for words in _invocations(paper)} == set(COMMANDS)


@each_paper
def test_targets_of_make_that_are_named_exist(paper: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", _text(ROOT / "Makefile"), re.MULTILINE))
    named = {words[1] for code in _code(paper) if (words := code.split())[:1] == ["make"] and len(words) > 1}
    assert named - targets == set()


# --- links and files


@each_paper
def test_links_and_pictures_lead_somewhere(paper: Path) -> None:
    for target in _LINK.findall(_FENCE.sub("", _text(paper))):
        path, _, anchor = target.partition("#")
        if urlsplit(target).scheme:
            continue
        there = (paper.parent / path).resolve() if path else paper
        assert there.exists(), target
        assert not anchor or anchor in _anchors(there), target


def _anchors(paper: Path) -> set[str]:
    """What a heading can be reached by: lower case, hyphens for spaces, without other marks."""
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for _, title in _HEADING.findall(_text(paper))}


def test_files_on_the_map_exist() -> None:
    named = [span for span in _SPAN.findall(_FENCE.sub("", _text(ROOT / "ARCHITECTURE.md"))) if "/" in span]
    folders = ("bot/", "handlers/", "scheduler/", "storage/", "tests/", "docs/")
    assert [span for span in named if span.startswith(folders) and not (ROOT / span).exists()] == []


def test_pictures_are_small() -> None:
    pictures = list((ROOT / "docs" / "images").iterdir())
    assert pictures
    assert [picture.name for picture in pictures if picture.stat().st_size > PICTURE_LIMIT] == []


@pytest.mark.parametrize("paper", [*PAPERS, *DEPLOYED], ids=_named)
def test_papers_name_no_place_that_a_reader_cannot_know(paper: Path) -> None:
    text = _text(paper)
    hosts = {urlsplit(address).hostname for address in re.findall(r"https?://[\w.:-]+", text)}
    assert hosts - KNOWN_HOSTS == set()
    roots = set(re.findall(r"(?<![\w./:~>*-])/([a-z]+)\b", re.sub(r"https?://\S+", "", text)))
    assert roots - KNOWN_ROOTS == set()


@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/readyz"])
def test_the_example_of_a_proxy_keeps_from_the_public_what_is_for_operators(path: str) -> None:
    lines = _text(ROOT / "docs" / "deploy" / "nginx.conf").splitlines()
    assert ["location", "=", path, "{", "return", "404;", "}"] in [line.split() for line in lines]


# --- the two languages


def test_both_readmes_have_the_same_sections() -> None:
    english, chinese = (_text(paper) for paper in READMES)
    levels = [[mark for mark, _ in _HEADING.findall(_FENCE.sub("", text))] for text in (english, chinese)]
    assert levels[0] == levels[1]
    assert len(_FENCE.findall(english)) == len(_FENCE.findall(chinese))
    assert sorted(_pictures(english)) == sorted(_pictures(chinese))


def test_both_readmes_have_the_same_tables_with_as_many_rows() -> None:
    english, chinese = (_tables(_text(paper)) for paper in READMES)
    assert english == chinese
    assert sum(map(len, english)) > 10


def _tables(text: str) -> list[list[int]]:
    """The rows of each table, section by section."""
    sections = _HEADING.sub("\f", _FENCE.sub("", text)).split("\f")
    return [[found.count("\n") for found in _TABLE.findall(section)] for section in sections]


def _pictures(text: str) -> list[str]:
    return [link for link in _LINK.findall(text) if link.startswith("docs/images/")]


@each_paper
def test_chinese_is_punctuated_as_chinese(paper: Path) -> None:
    if paper.name.endswith(".zh-CN.md"):
        marks = [match.group() for match in _HALF_WIDTH.finditer(_LINK.sub("", _prose(paper)))]
        assert marks == []
