"""What may be wrong with a file of areas, said in plain words: Chinese, and English beside it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Unit(StrEnum):
    """What a file is counted in."""

    LINE = "line"
    FEATURE = "feature"


_PLACES = {Unit.LINE: ("第 {} 行", "line {}"), Unit.FEATURE: ("第 {} 个图形", "feature {}")}

SENTENCES: dict[str, tuple[str, str]] = {
    # the file as a whole
    "unreadable": ("文件打不开", "the file cannot be opened"),
    "excel": ("这是 Excel 文件，请另存为 CSV 再导入", "this is an Excel file; save it as CSV first"),
    "encoding": ("文字编码认不出，请存为 UTF-8", "the character encoding is unknown; save the file as UTF-8"),
    "not_csv": ("不是完好的 CSV 表格", "this is not well-formed CSV"),
    "not_json": ("不是完好的 JSON", "this is not well-formed JSON"),
    "not_geojson": ("JSON 里没有 GeoJSON 图形（features）", "the JSON holds no GeoJSON features"),
    "empty": ("文件里没有任何地区", "the file holds no areas"),
    "column_missing": ("表头缺少「{column}」这一列", "the header lacks the column {column}"),
    # one area
    "code_missing": ("没有编码", "the code is missing"),
    "code_too_long": ("编码超过 {limit} 个字符", "the code is longer than {limit} characters"),
    "code_spaced": ("编码「{code}」里有空格", "the code {code} has a space in it"),
    "code_rounded": (
        "编码「{code}」被表格软件改成了科学计数，请把这一列设为文本再填",
        "a spreadsheet has rounded the code to {code}; make the column text and fill it in again",
    ),
    "code_repeated": ("编码「{code}」与{first}重复", "the code {code} stands in {first} already"),
    "name_missing": ("没有名称", "the name is missing"),
    "name_too_long": ("名称或别名超过 {limit} 个字", "a name or alias is longer than {limit} characters"),
    "level_missing": ("没有级别", "the level is missing"),
    "level_unknown": (
        "级别「{level}」认不出，请写省、市、县、乡镇、村或网格",
        "the level {level} is unknown; write province, city, county, township, village or cell",
    ),
    # its place in the tree
    "parent_missing": ("没有上级编码，{level}必须有上级", "the parent's code is missing; a {level_name} needs one"),
    "parent_unknown": (
        "上级编码「{parent}」在文件和库里都找不到",
        "the parent {parent} is neither in the file nor known already",
    ),
    "level_order": (
        "{level}不能放在{upper}「{parent}」下面",
        "a {level_name} cannot lie below the {upper_name} {parent}",
    ),
    "cycle": ("上级绕成了一圈：{ring}", "the parents go in a circle: {ring}"),
    # its border
    "geometry_kind": ("图形必须是 Polygon 或 MultiPolygon", "the geometry must be a Polygon or MultiPolygon"),
    "geometry_broken": ("边界残缺，没有围成一个面", "the border is broken: it encloses nothing"),
    "geometry_crossing": ("边界在 {place} 处与自己相交", "the border crosses itself at {place}"),
    "geometry_invalid": ("边界不合规：{reason}", "the border is not valid: {reason}"),
    "coordinates_swapped": (
        "经纬度写反了：应先经度后纬度，这里是 {place}",
        "the coordinates are swapped: longitude comes first, here it is {place}",
    ),
    "coordinates_projected": (
        "坐标是米而不是度（{place}），请先转成 WGS 84 或 CGCS2000 经纬度",
        "the coordinates are metres, not degrees ({place}); convert them to WGS 84 first",
    ),
    "coordinates_range": ("坐标超出范围：{place}", "the coordinates are out of range: {place}"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. `kind` is a key of SENTENCES and `details` fills its sentence (`first` is a place).

    `place` counts from 1 in `unit`s; None is the whole file.
    """

    kind: str
    place: int | None = None
    unit: Unit = Unit.LINE
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def chinese(self) -> str:
        return self._say(0, "：")

    @property
    def english(self) -> str:
        return self._say(1, ": ")

    def _say(self, language: int, colon: str) -> str:
        details = dict(self.details)
        if "first" in details:
            details["first"] = self._counted(details["first"], language)
        sentence = SENTENCES[self.kind][language].format_map(details)
        return sentence if self.place is None else self._counted(self.place, language) + colon + sentence

    def _counted(self, place: int, language: int) -> str:
        return _PLACES[self.unit][language].format(place)

    def __str__(self) -> str:
        return f"{self.chinese}（{self.english}）"


class AreaFileRefused(Exception):
    """A file that cannot be taken as it is. Nothing of it was."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))
