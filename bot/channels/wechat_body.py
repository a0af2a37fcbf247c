"""The bodies that WeChat posts, and those that we answer with: XML or JSON, as the account's console is set."""

import json
import re
from collections.abc import Mapping
from typing import TypeAlias, Union
from xml.parsers.expat import ExpatError, ParserCreate

Value: TypeAlias = Union[str, "Fields", list[Union[str, "Fields"]]]
Fields: TypeAlias = dict[str, Value]

_DEPTH = 8  # levels; WeChat's deepest body, of a subscription notice, has four
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2


class Malformed(Exception):
    """No body of WeChat's. The sentence never holds what it says."""


def is_json(body: bytes) -> bool:
    """Whether a body is JSON, not XML."""
    return body.lstrip()[:1] == b"{"


def parse(body: bytes) -> Fields:
    """What a body says: texts, and what is nested likewise; what stands there several times is a list. Numbers are
    texts, too, for XML knows no others. Raises Malformed."""
    return _parse_json(body) if is_json(body) else _parse_xml(body)


def text_of(fields: Mapping[str, Value], name: str) -> str:
    """A field that holds a text; empty where it is missing or holds something else."""
    found = fields.get(name)
    return found if isinstance(found, str) else ""


# --- XML


class _Reading:
    """What expat tells of a body. There are no document types in it, and so no entities of somebody's own."""

    def __init__(self) -> None:
        self._open: list[tuple[str, Fields, list[str]]] = []
        self.root: tuple[str, Value] | None = None

    def begins(self, name: str, _: Mapping[str, str]) -> None:
        if len(self._open) == _DEPTH:
            raise Malformed("nested too deep")
        self._open.append((name, {}, []))

    def says(self, text: str) -> None:
        self._open[-1][2].append(text)

    def ends(self, _: str) -> None:
        name, fields, texts = self._open.pop()
        value: Value = fields or "".join(texts)
        if not self._open:
            self.root = name, value
            return
        _add(self._open[-1][1], name, value)


def _add(fields: Fields, name: str, value: Value) -> None:
    before = fields.get(name)
    if before is None:
        fields[name] = value
    elif isinstance(before, list):
        before.append(value)  # type: ignore[arg-type]  # no list is ever added to one
    else:
        fields[name] = [before, value]  # type: ignore[list-item]  # likewise


def _refuse(*_: object) -> None:
    raise Malformed("a document type")


def _parse_xml(body: bytes) -> Fields:
    reading, parser = _Reading(), ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler, parser.EndElementHandler = reading.begins, reading.ends
    parser.CharacterDataHandler = reading.says
    try:
        parser.Parse(body, True)  # noqa: FBT003  # the last piece; expat takes it by position only
    except ExpatError:
        raise Malformed("no XML") from None
    name, value = reading.root or ("", "")
    if name != "xml" or not isinstance(value, dict):
        raise Malformed("no fields")
    return value


# --- JSON


def _parse_json(body: bytes) -> Fields:
    try:
        found = json.loads(body.decode(), parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        raise Malformed("no JSON") from None
    fields = _fields(found, _DEPTH)
    if not fields:
        raise Malformed("no fields")
    return fields


def _fields(found: Mapping[str, object], depth: int) -> Fields:
    return {name: _value(value, depth - 1) for name, value in found.items()}


def _value(found: object, depth: int) -> Value:
    if depth == 0:
        raise Malformed("nested too deep")
    match found:
        case dict():
            return _fields(found, depth)
        case list():
            return [one for one in (_value(each, depth - 1) for each in found) if not isinstance(one, list)]
        case str():
            return found
    return "" if found is None else str(found)


# --- what we answer


def written(fields: Mapping[str, str | int], *, as_json: bool) -> bytes:
    """An answer of ours, in the form of what is answered. Whatever its texts hold, they stay texts."""
    if as_json:
        return json.dumps(dict(fields), ensure_ascii=False).encode(errors="replace")
    inner = "".join(f"<{name}>{_in_xml(value)}</{name}>" for name, value in fields.items())
    return f"<xml>{inner}</xml>".encode()


def _in_xml(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    text = _NOT_IN_XML.sub("", value)
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"
