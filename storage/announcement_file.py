"""Files of announcements: headed lines with the text below them, or the same as JSON.

种类：征集公告
标题：2027年民生实事项目开始征集
发给：全体
正文：
从7月1日起，您可以……
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from storage.announcement_faults import AnnouncementFault
from storage.domain.file_kinds import decoded
from storage.headings import plain, values_of
from storage.line_faults import TableRefused

BYTES_LIMIT = 256 * 1024  # the longest text has 12,000 bytes

# What each part is called in sentences: Chinese, English.
NAMES: Mapping[str, tuple[str, str]] = {
    "kind": ("种类", "kind"),
    "title": ("标题", "title"),
    "text": ("正文", "text"),
    "audience": ("发给", "audience"),
    "without": ("不发给", "without"),
    "channels": ("渠道", "channels"),
    "when": ("时间", "when"),
    "link": ("链接", "link"),
    "button": ("按钮", "button"),
    "files": ("附件", "files"),
    "board": ("公告榜", "board"),
    "urgent": ("紧急", "urgent"),
}
_HEADINGS = {
    "kind": "种类 公告种类 类型 kind type",
    "title": "标题 题目 公告标题 title",
    "text": "正文 内容 公告正文 公告内容 text body content",
    "audience": "发给 发给谁 对象 发送对象 发送范围 范围 audience to for",
    "without": "不发给 除外 不含 without except",
    "channels": "渠道 发送渠道 channel channels",
    "when": "时间 发送时间 when time sendat",
    "link": "链接 网址 link url",
    "button": "按钮 button",
    "files": "附件 图片 文件 file files picture pictures attachment attachments",
    "board": "公告榜 公开榜 公告栏 上榜 board onboard",
    "urgent": "紧急 紧急原因 紧急理由 urgent",
}
_NEEDED = ("kind", "title", "text", "audience")
_SEVERAL = ("audience", "without", "channels", "files")  # may be written in several lines, or as a list
_COMMENT = "#"
_HEADED = re.compile("([^:：]*)[:：](.*)")
_SHOWN = 20  # characters of what has no heading


@dataclass(frozen=True, slots=True)
class Written:
    """What a file says under each of our names, and in which line. Several of one kind stand on a line each."""

    values: Mapping[str, str]
    lines: Mapping[str, int | None] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def fault(self, kind: str, name: str, **details: Any) -> AnnouncementFault:
        """What is wrong with the value of one name."""
        heading, english = NAMES[name]
        return AnnouncementFault(kind, self.lines.get(name), {"heading": heading, "name": english, **details})


def read_announcement(path: Path) -> Written:
    """Raises TableRefused with all that is wrong with how the file is written; what it says is checked elsewhere."""
    try:
        if path.stat().st_size > BYTES_LIMIT:
            raise TableRefused([AnnouncementFault("file_large", None, {"kilobytes": BYTES_LIMIT // 1024})])
        content = decoded(path.read_bytes())
    except OSError as error:
        raise TableRefused([AnnouncementFault("unreadable")]) from error
    if content is None:
        raise TableRefused([AnnouncementFault("unreadable")])
    reading = _Reading()
    if content.lstrip().startswith("{"):
        reading.take_json(content)
    else:
        reading.take_lines(content.splitlines())
    return reading.written()


class _Reading:
    """Gathers what a file says, and what is wrong with it."""

    def __init__(self) -> None:
        self._names = {heading: name for name, headings in _HEADINGS.items() for heading in headings.split()}
        self._values: dict[str, str] = {}
        self._lines: dict[str, int | None] = {}
        self._faults: list[AnnouncementFault] = []

    def written(self) -> Written:
        names = list(self._values)
        values = values_of(tuple(self._values.values()), {name: at for at, name in enumerate(names)})
        found = Written({name: value for name, value in values.items() if value}, self._lines)
        missing = [found.fault("missing", name) for name in _NEEDED if not found[name]]
        if faults := [*self._faults, *missing]:
            raise TableRefused(faults)
        return found

    def take_lines(self, lines: Iterable[str]) -> None:
        """Below the heading of the text, everything is the text."""
        numbered = iter(enumerate(lines, 1))
        for line, text in numbered:
            if not text.strip() or text.lstrip().startswith(_COMMENT):
                continue
            headed = _HEADED.match(text)
            if headed is None:
                self._faults.append(AnnouncementFault("no_heading", line, {"word": text.strip()[:_SHOWN]}))
                continue
            heading, value = headed.groups()
            name = self._name(heading, line)
            if name == "text":
                value = "\n".join([value, *(rest for _, rest in numbered)])
            if name:
                self._keep(name, value, line)

    def take_json(self, content: str) -> None:
        try:
            pairs: Any = json.loads(content, object_pairs_hook=_Pairs)
        except json.JSONDecodeError as error:
            raise TableRefused([AnnouncementFault("json_broken", None, {"at": error.lineno})]) from error
        except (ValueError, RecursionError) as error:
            raise TableRefused([AnnouncementFault("json_broken", None, {"at": 1})]) from error
        for heading, value in pairs:
            if name := self._name(heading, None):
                self._take_value(name, value)

    def _take_value(self, name: str, value: Any) -> None:
        if name == "board" and isinstance(value, bool):
            value = "是" if value else "否"
        listed = value if isinstance(value, list) and name in _SEVERAL else [value]
        if value is None:
            return
        if isinstance(value, _Pairs) or not all(isinstance(one, str) for one in listed):
            self._faults.append(Written({}).fault("value_wrong", name))
            return
        self._keep(name, "\n".join(one.encode("utf-8", "ignore").decode() for one in listed), None)

    def _name(self, heading: str, line: int | None) -> str | None:
        name = self._names.get(plain(heading))
        if name is None:
            self._faults.append(AnnouncementFault("heading_unknown", line, {"word": heading.strip()[:_SHOWN]}))
        return name

    def _keep(self, name: str, value: str, line: int | None) -> None:
        before = self._values.get(name)
        if before is not None and name not in _SEVERAL:
            self._faults.append(Written({}, {name: line}).fault("twice", name))
            return
        self._values[name] = value if before is None else f"{before}\n{value}"
        self._lines.setdefault(name, line)


class _Pairs(list[tuple[str, Any]]):
    """An object of JSON, with names that are there twice."""

    def __init__(self, pairs: Iterable[tuple[str, Any]]) -> None:
        super().__init__(pairs)


def several(value: str, between: str = "、，,；;\n") -> Iterator[str]:
    """What stands in a value that may hold several."""
    for mark in between[1:]:
        value = value.replace(mark, between[0])
    return (one for part in value.split(between[0]) if (one := part.strip()))
