"""What may be wrong with a file of people, said in plain words: Chinese, and English beside it."""

from collections.abc import Mapping
from typing import ClassVar

from storage.line_faults import LineFault


class PersonFault(LineFault):
    """See LineFault."""

    sentences: ClassVar[Mapping[str, tuple[str, str]]] = {
        # the file as a whole
        "unreadable": (
            "文件打不开，请用 XLSX 或 CSV（UTF-8 或 GB18030）",
            "the file cannot be opened; use XLSX or CSV (UTF-8 or GB18030)",
        ),
        "column_missing": (
            "找不到表头：至少要有“姓名”一列",
            "there is no heading: a column 姓名 (name) is needed at least",
        ),
        "role_column_missing": (
            "没有“身份”一列，请加上，或用 --role 说明全表是什么身份",
            "there is no column 身份 (role): add it, or say by --role what everybody in the file is",
        ),
        "empty": ("表里没有人", "the table holds nobody"),
        # one line
        "name_missing": ("没有填姓名", "the name is missing"),
        "name_too_long": ("姓名超过 {limit} 个字", "the name is longer than {limit} characters"),
        "group_too_long": ("小组超过 {limit} 个字", "the group is longer than {limit} characters"),
        "trade_too_long": ("行业超过 {limit} 个字", "the trade is longer than {limit} characters"),
        "telephone_wrong": ("电话“{word}”不像电话号码", "{word} is no telephone number"),
        "role_missing": ("没有填身份", "the role is missing"),
        "role_unknown": (
            "身份“{word}”认不出，请写代表、工作人员、网格员、主席团、监票人、专家或管理员",
            "the role {word} is unknown; write deputy, staff, grid worker, presidium, teller, expert or administrator",
        ),
        "area_unknown": ("辖区里没有“{word}”这个网格或村", "there is no cell or village {word} in its area"),
        "area_unclear": (
            "“{word}”不止一处，请写编码，或写清是哪个村的",
            "{word} may be several places; write the code, or of which village it is",
        ),
        # one person
        "repeated": (
            "和第 {first} 行重复；如果是同名的两个人，请都填上电话",
            "this stands in line {first} already; two people of one name need their telephone numbers",
        ),
        "telephone_needed": (
            "表里有几个人叫“{word}”，请都填上电话",
            "several people of the table are called {word}: fill in the telephone of each",
        ),
        "namesake": (
            "已有一位“{word}”，但电话或身份对不上；是同一个人用 --namesakes same，是另一个人用 --namesakes new",
            "{word} is there already with another telephone or role; --namesakes says whether it is them (same, new)",
        ),
        "unclear": (
            "已有几位“{word}”，请填上电话，好知道是哪一位",
            "there are several people called {word}: fill in the telephone that tells which it is",
        ),
    }
