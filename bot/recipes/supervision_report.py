"""Reports of supervision as an XLSX file, and as a page that a browser prints on A4."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.recipes.report_sections import Report, report
from bot.recipes.source import Source
from bot.recipes.workbook import write_workbook
from handlers.texts import reports as texts
from storage.domain.report_period import read

_TEMPLATE = "supervision_report.html"


def write_supervision_report(source: Source, arguments: Mapping[str, Any], path: Path) -> None:
    """Write the report of a congress about a period, in a language and a format, to `path`. Raises KeyError for a
    format that is unknown."""
    write = {"xlsx": _write_workbook, "html": _write_page}[arguments["format"]]
    write(report(source, arguments["congress"], read(arguments["period"]), arguments["language"]), path)


def _write_workbook(made: Report, path: Path) -> None:
    write_workbook(made.heading, made.sections, path)


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
