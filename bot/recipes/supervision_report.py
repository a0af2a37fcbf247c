"""Reports of supervision as an XLSX file, and as a page that a browser prints on A4."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.recipes.report_sections import Report, Section, report
from bot.recipes.source import Source
from bot.recipes.spreadsheet_cells import cell, heading
from handlers.texts import reports as texts
from storage.domain.report_period import read

_TEMPLATE = "supervision_report.html"


def write_supervision_report(source: Source, arguments: Mapping[str, Any], path: Path) -> None:
    """Write the report of a congress about a period, in a language and a format, to `path`. Raises KeyError for a
    format that is unknown."""
    write = {"xlsx": _write_workbook, "html": _write_page}[arguments["format"]]
    write(report(source, arguments["congress"], read(arguments["period"]), arguments["language"]), path)


def _write_workbook(made: Report, path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for section in made.sections:
        _write_sheet(book, section)
    book.properties.title = made.heading
    book.save(path)


def _write_sheet(book: Any, section: Section) -> None:
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(section.title)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(section.columns))}1"
    for position, column in enumerate(section.columns, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = column.width
    sheet.append([heading(sheet, column.heading) for column in section.columns])
    for row in section.rows:
        sheet.append([cell(sheet, value) for value in row])


def _write_page(made: Report, path: Path) -> None:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    template = environment.get_template(_TEMPLATE)
    words = {"nothing": texts.NOTHING.said(made.language), "printed": texts.PRINTED.said(made.language)}
    sections = [section.on_paper() for section in made.sections]
    path.write_text(template.render(report=made, sections=sections, words=words), encoding="utf-8")
