"""What may be wrong with a table that people filled in, said in plain words: Chinese, and English beside it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True)
class LineFault:
    """One thing that is wrong. `kind` is a key of `sentences`; `line` counts from 1, None is the whole file."""

    sentences: ClassVar[Mapping[str, tuple[str, str]]]

    kind: str
    line: int | None = None
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def chinese(self) -> str:
        sentence = self.sentences[self.kind][0].format_map(self.details)
        return sentence if self.line is None else f"第 {self.line} 行：{sentence}"

    @property
    def english(self) -> str:
        sentence = self.sentences[self.kind][1].format_map(self.details)
        return sentence if self.line is None else f"line {self.line}: {sentence}"

    def __str__(self) -> str:
        return f"{self.chinese} ({self.english})"


class TableRefused(Exception):
    """A file that cannot be taken as it is. Nothing of it was."""

    def __init__(self, faults: Iterable[LineFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))
