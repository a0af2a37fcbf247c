"""Sections of rows as a workbook: a sheet for each, to be filtered and printed.

Written as the format has it (ECMA-376 part 1, SpreadsheetML), row by row: openpyxl takes ten times as long for the tens
of thousands of rows that a county's cells are.
"""

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from string import ascii_uppercase
from xml.sax.saxutils import escape, quoteattr

from bot.recipes.report_sections import Section
from bot.recipes.spreadsheet_cells import CELL_LIMIT, UNWANTED, Value, is_like_formula

_FIRST_DAY = date(1899, 12, 30)  # what days are counted from, the leap year that 1900 never was included
_TOGETHER = 500  # rows
_A4 = 9
_HEADER_LIMIT = 200  # characters; a program refuses more than 255 with their codes
_SPACE = "http://schemas.openxmlformats.org"
_MAIN = f"{_SPACE}/spreadsheetml/2006/main"
_RELATIONS = f"{_SPACE}/officeDocument/2006/relationships"
_PACKAGE = f"{_SPACE}/package/2006"
_SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_BOLD, _TEXT, _DAY = 1, 2, 3  # places in the list of styles below
_WRAPPED = '<alignment vertical="top" wrapText="1"/>'  # what is longer than its column is wide goes on below
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/>'
    '</font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill>'
    '<patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>'
    f'<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf xfId="0" applyAlignment="1">{_WRAPPED}</xf>'
    f'<xf fontId="1" applyFont="1" xfId="0" applyAlignment="1">{_WRAPPED}</xf>'
    f'<xf quotePrefix="1" xfId="0" applyAlignment="1">{_WRAPPED}</xf>'
    f'<xf numFmtId="164" applyNumberFormat="1" xfId="0" applyAlignment="1">{_WRAPPED}</xf></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_TYPES = (
    f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>{}<Override PartName="/docProps/core.xml" '
    'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>'
)
_PROPERTIES = (
    f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{}</dc:title></cp:coreProperties>'
)


def write_workbook(title: str, sections: Sequence[Section], path: Path) -> None:
    """Write an XLSX to `path`. What a person wrote is a text, also where it looks like a formula."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=2) as archive:
        for name, content in _parts(title, sections):
            archive.writestr(name, _HEAD + content)
        for number, section in enumerate(sections, 1):
            with archive.open(f"xl/worksheets/sheet{number}.xml", "w") as stream:
                for piece in _sheet(section, title):
                    stream.write(piece.encode("utf-8", "replace"))


def _parts(title: str, sections: Sequence[Section]) -> Iterator[tuple[str, str]]:
    """All but the sheets themselves."""
    numbers = range(1, len(sections) + 1)
    types = [("/xl/workbook.xml", "sheet.main"), ("/xl/styles.xml", "styles")]
    types += [(f"/xl/worksheets/sheet{number}.xml", "worksheet") for number in numbers]
    overrides = "".join(f'<Override PartName="{part}" ContentType="{_SHEETS}.{kind}+xml"/>' for part, kind in types)
    yield "[Content_Types].xml", _TYPES.format(overrides)
    properties = f"{_PACKAGE}/relationships/metadata/core-properties"
    parts = [(f"{_RELATIONS}/officeDocument", "xl/workbook.xml"), (properties, "docProps/core.xml")]
    yield "_rels/.rels", _related(parts)
    yield "docProps/core.xml", _PROPERTIES.format(escape(title.translate(UNWANTED)))
    yield "xl/workbook.xml", _workbook(sections)
    targets = [(f"{_RELATIONS}/worksheet", f"worksheets/sheet{number}.xml") for number in numbers]
    yield "xl/_rels/workbook.xml.rels", _related([*targets, (f"{_RELATIONS}/styles", "styles.xml")])
    yield "xl/styles.xml", _STYLES


def _workbook(sections: Sequence[Section]) -> str:
    """The sheets in order, each with the lines that its filter covers, and its headings on every page."""
    listed = "".join(
        f'<sheet name={quoteattr(section.title)} sheetId="{number}" r:id="rId{number}"/>'
        for number, section in enumerate(sections, 1)
    )
    filters = "".join(
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="{at}" hidden="1">'
        f'{escape(_covered(section))}</definedName><definedName name="_xlnm.Print_Titles" localSheetId="{at}">'
        f"{escape(_quoted(section))}!$1:$1</definedName>"
        for at, section in enumerate(sections)
    )
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><bookViews><workbookView/></bookViews>'
        f"<sheets>{listed}</sheets><definedNames>{filters}</definedNames></workbook>"
    )


def _covered(section: Section) -> str:
    return f"{_quoted(section)}!$A$1:${_letters(len(section.columns) - 1)}$1"


def _quoted(section: Section) -> str:
    quoted = section.title.replace("'", "''")
    return f"'{quoted}'"


def _related(targets: Iterable[tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


def _sheet(section: Section, title: str) -> Iterator[str]:
    letters = [_letters(at) for at in range(len(section.columns))]
    widths = "".join(
        f'<col min="{at}" max="{at}" width="{column.width}" customWidth="1"/>'
        for at, column in enumerate(section.columns, 1)
    )
    yield (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        '<sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f"<cols>{widths}</cols><sheetData>"
    )
    heading = "".join(
        _text(f"{letter}1", column.heading, _BOLD) for letter, column in zip(letters, section.columns, strict=True)
    )
    yield f'<row r="1">{heading}</row>'
    for start in range(0, len(section.rows), _TOGETHER):
        rows = enumerate(section.rows[start : start + _TOGETHER], start + 2)
        yield "".join(f'<row r="{number}">{_row(letters, number, row)}</row>' for number, row in rows)
    yield (
        f'</sheetData><autoFilter ref="A1:{letters[-1]}1"/>'
        '<pageMargins left="0.4" right="0.4" top="0.8" bottom="0.6" header="0.3" footer="0.3"/>'
        f'<pageSetup paperSize="{_A4}" orientation="landscape" fitToHeight="0"/>'
        f"<headerFooter><oddHeader>&amp;C{_in_header(title)}</oddHeader><oddFooter>&amp;C&amp;P / &amp;N</oddFooter>"
        "</headerFooter></worksheet>"
    )


def _in_header(title: str) -> str:
    """Of what stands above each page; an & would begin a code there."""
    return escape(title.translate(UNWANTED).replace("&", "&&")[:_HEADER_LIMIT])


def _row(letters: Sequence[str], number: int, row: Sequence[Value]) -> str:
    return "".join(
        _cell(f"{letter}{number}", value) for letter, value in zip(letters, row, strict=True) if value is not None
    )


def _cell(at: str, value: str | float | date) -> str:
    if isinstance(value, str):
        text = value.translate(UNWANTED)[:CELL_LIMIT]
        return _text(at, text, _TEXT if is_like_formula(text) else 0) if text else ""
    if isinstance(value, date):
        return f'<c r="{at}" s="{_DAY}"><v>{(value - _FIRST_DAY).days}</v></c>'
    return f'<c r="{at}"><v>{value}</v></c>'


def _text(at: str, text: str, style: int) -> str:
    return f'<c r="{at}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def _letters(at: int) -> str:
    """What a column is called: A to Z, AA, AB and so on."""
    before, last = divmod(at, len(ascii_uppercase))
    return (_letters(before - 1) if before else "") + ascii_uppercase[last]
