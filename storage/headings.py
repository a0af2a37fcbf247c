"""Which column of a table is which: people call the same thing by many names, and may write a title above."""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from storage.spreadsheets import Line

HEADING_WITHIN = 10  # lines from the top; above it there may be a title

_REMARK = re.compile(r"[(\[【].*?[)\]】]|[*:：]")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff\ufffe\uffff]")


def columns_of(lines: Iterator[Line], headings: Mapping[str, str], needed: str) -> dict[str, int] | None:
    """Where each of our columns stands, by the first line with a heading for the `needed` one; None without any.

    `headings` has for each of our names all that people write above it, separated by spaces.
    """
    names = {heading: name for name, written in headings.items() for heading in written.split()}
    for line, cells in lines:
        found: dict[str, int] = {}
        for position, cell in enumerate(cells):
            if name := names.get(plain(cell)):
                found.setdefault(name, position)
        if needed in found:
            return found
        if line >= HEADING_WITHIN:
            break
    return None


def values_of(cells: tuple[str, ...], columns: Mapping[str, int]) -> dict[str, str]:
    """What a line says in our columns, without what nobody can see."""
    return {name: _UNSEEN.sub("", cells[at]).strip() for name, at in columns.items() if at < len(cells)}


def plain(heading: str) -> str:
    """A heading without its remarks in brackets, spaces, marks and capitals, by which it is known."""
    return "".join(_REMARK.sub("", unicodedata.normalize("NFKC", heading)).split()).replace("_", "").casefold()
