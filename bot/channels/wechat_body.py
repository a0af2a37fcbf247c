"""The bodies that WeChat posts, and those that we answer with: XML or JSON, as the account's console is set."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias, Union
from xml.parsers.expat import ExpatError, ParserCreate

Value: TypeAlias = Union[str, "Fields", list[Union[str, "Fields"]]]
Fields: TypeAlias = dict[str, Value]

_DEPTH = 8  # levels; WeChat's deepest body, of the result of a mass send, has five
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2
_PLAIN = r"[^]<\r\x00-\x08\x0b\x0c\x0e-\x1f\ufffd-\uffff"  # no "<", so that no body is looked through twice
_FIELD = re.compile(rf"<([A-Za-z_]\w*)>(?:<!\[CDATA\[({_PLAIN}]*)\]\]>|({_PLAIN}>&]*))</\1>", re.ASCII)


class Malformed(Exception):
    """No body of WeChat's. The sentence never holds what it says."""


def is_json(body: bytes) -> bool:
    """Whether a body is JSON, not XML."""
    return body.lstrip()[:1] == b"{"


def parse(body: bytes) -> Fields:
    """What a body says, the same in XML and in JSON: texts, and what is nested likewise. What stands there several
    times is a list, what stands there once is none; numbers are texts, as in XML. Raises Malformed."""
    return _parse_json(body) if is_json(body) else _flat(body) or _parse_xml(body)


def text_of(fields: Mapping[str, Value], name: str) -> str:
    """A field that holds a text; empty where it is missing or holds something else."""
    found = fields.get(name)
    return found if isinstance(found, str) else ""


# --- XML


def _flat(body: bytes) -> Fields:
    """What most bodies are: plain texts on one level, each name once. Empty for any other; expat reads them all, and
    these in twice the time."""
    pieces = _FIELD.split(body.decode(errors="replace"))
    between, names = pieces[::4], pieces[1::4]
    if between[0] != "<xml>" or between[-1].rstrip("\n") != "</xml>" or "".join(between[1:-1]).strip("\n "):
        return {}
    fields: Fields = {
        name: one or other or "" for name, one, other in zip(names, pieces[2::4], pieces[3::4], strict=True)
    }
    return fields if len(fields) == len(names) else {}


class _Reading:
    """What expat tells of a body. There are no document types in it, and so no entities of somebody's own."""

    def __init__(self) -> None:
        self._open: list[Fields] = [{}]  # the first holds the root
        self._said: list[str] = []
        self.says = self._said.append

    def begins(self, _: str, __: Mapping[str, str]) -> None:
        if len(self._open) > _DEPTH:
            raise Malformed("nested too deep")
        self._open.append({})
        self._said.clear()

    def ends(self, name: str) -> None:
        fields = self._open.pop()
        _add(self._open[-1], name, fields or "".join(self._said))
        self._said.clear()

    def root(self) -> Value | None:
        return self._open[0].get("xml")


def _add(fields: Fields, name: str, value: Union[str, "Fields"]) -> None:
    before = fields.get(name)
    if before is None:
        fields[name] = value
    elif isinstance(before, list):
        before.append(value)
    else:
        fields[name] = [before, value]


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
    root = reading.root()
    if not isinstance(root, dict):
        raise Malformed("no fields")
    return root


# --- JSON


def _parse_json(body: bytes) -> Fields:
    try:
        # An object becomes a tuple of its pairs, so that none is lost where a name stands twice.
        found = json.loads(body.decode(), parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=tuple)
    except (ValueError, RecursionError):
        raise Malformed("no JSON") from None
    fields = _fields(found, _DEPTH)
    if not fields:
        raise Malformed("no fields")
    return fields


def _fields(pairs: Iterable[tuple[str, object]], depth: int) -> Fields:
    fields: Fields = {}
    for name, found in pairs:
        for value in _values(found, depth - 1):
            _add(fields, _legible(name), value)
    return fields


def _values(found: object, depth: int) -> Iterator[Union[str, "Fields"]]:
    """What stands under a name, one by one, as XML would have it."""
    if depth == 0:
        raise Malformed("nested too deep")
    match found:
        case list():
            for one in found:
                yield from _values(one, depth - 1)
        case tuple():
            yield _fields(found, depth) or ""
        case str():
            yield _legible(found)
        case None:
            yield ""
        case _:
            yield str(found).lower()  # true or false: numbers are texts already


# --- what we answer


def written(fields: Mapping[str, str | int], *, as_json: bool) -> bytes:
    """An answer of ours, in the form of what is answered. Whatever its texts hold, they stay texts."""
    said = {name: _legible(value) if isinstance(value, str) else value for name, value in fields.items()}
    if as_json:
        return json.dumps(said, ensure_ascii=False).encode()
    inner = "".join(f"<{name}>{_in_xml(value)}</{name}>" for name, value in said.items())
    return f"<xml>{inner}</xml>".encode()


def _in_xml(value: str | int) -> str:
    return str(value) if isinstance(value, int) else "<![CDATA[" + value.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def _legible(text: str) -> str:
    """Without what XML does not allow: control characters, and halves of characters."""
    return _NOT_IN_XML.sub("", text)
