"""What may be wrong with a file of paper forms, said in plain words: Chinese, and English beside it."""

from collections.abc import Mapping
from typing import ClassVar

from storage.line_faults import LineFault


class FormFault(LineFault):
    """See LineFault."""

    sentences: ClassVar[Mapping[str, tuple[str, str]]] = {
        # the file as a whole
        "unreadable": (
            "文件打不开，请用 XLSX 或 CSV（UTF-8 或 GB18030）",
            "the file cannot be opened; use XLSX or CSV (UTF-8 or GB18030)",
        ),
        "column_missing": (
            "找不到表头：至少要有“内容”一列",
            "there is no heading: a column 内容 (text) is needed at least",
        ),
        "empty": ("表里没有任何建议", "the table holds no proposals"),
        "no_cycle": ("这个人大还没有开始征集", "this congress has not begun to collect proposals"),
        "not_collecting": ("征集环节已经结束", "this congress no longer collects proposals"),
        "imported_meanwhile": (
            "同一份文件正在另一处导入，请等它完成",
            "the same file is being imported elsewhere; wait until that is done",
        ),
        # one form
        "text_missing": ("没有填内容", "the text is missing"),
        "text_too_long": ("内容超过 {limit} 个字", "the text is longer than {limit} characters"),
        "name_too_long": ("姓名超过 {limit} 个字", "the name is longer than {limit} characters"),
        "telephone_too_long": ("电话超过 {limit} 个字符", "the telephone is longer than {limit} characters"),
        "cell_unknown": ("没有“{word}”这个网格", "there is no cell {word}"),
        "cell_unclear": (
            "“{word}”不止一个网格，请写网格编码，或写清是哪个村的哪个网格",
            "{word} may be several cells; write the code, or which cell of which village",
        ),
        "cell_contradictory": ("网格编码 {word} 和网格名称对不上", "the code {word} and the cell's name do not agree"),
        "repeated": (
            "以前从别的文件导入过一样的（姓名、电话、地点、内容都相同）",
            "the same form (name, telephone, place and text) was imported from another file before",
        ),
    }
