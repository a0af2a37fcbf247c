"""Paper forms as somebody typed them into a table: XLSX or CSV, one line each."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage.form_faults import FormFault
from storage.headings import columns_of, values_of
from storage.line_faults import TableRefused
from storage.proposals import LONGEST_TEXT
from storage.spreadsheets import Unreadable, lines_of

LIMITS = {"text": LONGEST_TEXT, "name": 100, "telephone": 40}

_HEADINGS = {
    "text": (
        "内容 建议 建议内容 意见建议 意见 诉求 项目内容 建议事项 线索内容 项目线索 text proposal suggestion content"
    ),
    "name": "姓名 提出人 建议人 联系人 提交人 居民姓名 name resident",
    "telephone": "电话 手机 手机号 手机号码 联系电话 联系方式 电话号码 telephone phone mobile",
    "code": "网格编码 编码 网格代码 网格编号 code cellcode gridcode",
    "place": "网格 网格名称 所在网格 地点 位置 地址 村组 place cell grid cellname location address",
}


@dataclass(frozen=True, slots=True)
class Form:
    """One form. Everything but the text may be empty; `code` and `place` say where, by code and by name."""

    line: int
    text: str
    name: str = ""
    telephone: str = ""
    code: str = ""
    place: str = ""

    @property
    def mark(self) -> str:
        """The same for forms that say the same, whatever line they stand in."""
        return _digest([self.text, self.name, self.telephone, self.code, self.place])


@dataclass(frozen=True, slots=True)
class FormFile:
    """All forms of a file, and what is wrong with the others."""

    forms: tuple[Form, ...]
    faults: tuple[FormFault, ...] = ()

    @property
    def mark(self) -> str:
        """The same for files that say the same in the same lines, however they were saved."""
        return _digest([[form.line, form.mark] for form in self.forms])


def read_forms(path: Path) -> FormFile:
    """Raises TableRefused where nothing can be read at all; faults of single lines are kept, to be told all at once."""
    try:
        lines = lines_of(path)
        columns = columns_of(lines, _HEADINGS, "text")
        if columns is None:
            raise TableRefused([FormFault("column_missing")])
        forms = [_form(line, cells, columns) for line, cells in lines]
    except (Unreadable, OSError) as error:
        raise TableRefused([FormFault("unreadable")]) from error
    filled = [form for form in forms if form != Form(form.line, "")]
    if not filled:
        raise TableRefused([FormFault("empty")])
    return FormFile(tuple(filled), tuple(fault for form in filled for fault in _faults(form)))


def _form(line: int, cells: tuple[str, ...], columns: Mapping[str, int]) -> Form:
    values = values_of(cells, columns)
    return Form(line, values.pop("text", ""), **values)


def _faults(form: Form) -> Iterator[FormFault]:
    if not form.text:
        yield FormFault("text_missing", form.line)
    for name, limit in LIMITS.items():
        if len(getattr(form, name)) > limit:
            yield FormFault(f"{name}_too_long", form.line, {"limit": limit})


def _digest(value: list[Any]) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:32]
