"""What may be wrong with a file of an announcement, said in plain words: Chinese, and English beside it."""

from collections.abc import Mapping
from typing import ClassVar

from storage.domain.file_kinds import Refusal
from storage.line_faults import LineFault


class AnnouncementFault(LineFault):
    """See LineFault."""

    sentences: ClassVar[Mapping[str, tuple[str, str]]] = {
        # the file as a whole
        "unreadable": (
            "文件打不开，请用文本或 JSON（UTF-8 或 GB18030）",
            "the file cannot be opened; use plain text or JSON (UTF-8 or GB18030)",
        ),
        "file_large": ("文件超过 {kilobytes} KB", "the file is larger than {kilobytes} KB"),
        "json_broken": ("JSON 写得不对，从第 {at} 行看起", "the JSON is broken; look at line {at}"),
        "missing": ("没有写“{heading}”", "{name} is missing"),
        # what is written
        "no_heading": (
            "“{word}”前面没有标题，请写成“标题：……”；正文写在“正文：”下面",
            "{word} has no heading; write it as “title: …”, and the text below “text:”",
        ),
        "heading_unknown": ("认不出“{word}”这一项", "there is no heading {word}"),
        "twice": ("“{heading}”写了两次", "{name} is written twice"),
        "value_wrong": ("“{heading}”要写成文字", "{name} is to be a text"),
        "kind_unknown": ("种类“{word}”认不出，请写{kinds}", "there is no kind {word}; write one of {names}"),
        "too_long": (
            "“{heading}”有 {count} 个字，最多 {limit} 个",
            "{name} has {count} characters, at most {limit} fit",
        ),
        "variable_unknown": (
            "没有“{{{word}}}”这个变量，可以用 {{姓名}}、{{网格}}、{{代表}}",
            "there is no variable {{{word}}}; those are {{姓名}} (name), {{网格}} (cell) and {{代表}} (deputy)",
        ),
        "blank_left": (
            "“{heading}”里还有没填的空白 {blank}",
            "{name} still has a blank {blank} that is to be filled in",
        ),
        "link_wrong": (
            "链接“{word}”不对，要以 http:// 或 https:// 开头，没有空格",
            "the link {word} is none: it begins with http:// or https:// and has no spaces",
        ),
        "button_unknown": ("按钮“{word}”认不出，请写{buttons}", "there is no button {word}; write one of {names}"),
        "when_unreadable": (
            "时间“{word}”看不懂，请写成 2026-09-01 09:00，或者“立即”",
            "{word} is no time; write it as 2026-09-01 09:00, or “now”",
        ),
        "when_past": ("时间 {when} 已经过了", "{when} is past"),
        "yes_or_no": ("“{heading}”请写“是”或“否”", "{name} is to be yes or no"),
        "not_urgent": (
            "本级人大没有开通紧急签发（规则 announcement_urgent），请去掉“紧急”",
            "the congress knows no urgent approval (the rule announcement_urgent); leave “urgent” out",
        ),
        # whom it is for
        "audience_unknown": (
            "“{word}”认不出：写“全体”、身份、代表小组、村或网格的名称或编码、“项目 3”、“建议 12”",
            "{word} is unknown; write everybody, a role, a deputy group, a place or its code, project 3, proposal 12",
        ),
        "audience_unclear": (
            "“{word}”不止一处，请写编码，或写清是哪个村的",
            "{word} may be several places; write the code, or of which village it is",
        ),
        "project_unknown": ("没有 {number} 号项目", "there is no project {number}"),
        "proposal_unknown": ("没有 {number} 号建议", "there is no proposal {number}"),
        "everybody_left_out": ("“不发给”里不能写全体", "nobody would be left: write whom it shall not go to"),
        "channel_unknown": ("渠道“{word}”没有开通，已开通：{channels}", "{word} is not set up; set up: {channels}"),
        "nobody": ("选的范围里没有人", "the audience is nobody"),
        # what goes with it
        "files_many": ("附件最多 {limit} 个", "at most {limit} files go with it"),
        "file_elsewhere": (
            "附件“{word}”要和公告文件放在同一个文件夹，只写文件名",
            "{word} is to lie beside the announcement's file; write its name only",
        ),
        "file_missing": ("找不到附件“{word}”", "there is no file {word}"),
        "file_refused": ("附件“{word}”{why}", "the file {word} {reason}"),
        # against what is there
        "repeated": (
            "同样的公告已有（编号 {number}），没有再建一份",
            "the same announcement is there already (number {number}); no other one was made",
        ),
    }


# What completes the sentence about a file: Chinese, English.
WHY: Mapping[Refusal, tuple[str, str]] = {
    Refusal.EMPTY: ("是空的", "is empty"),
    Refusal.TOO_LARGE: ("超过 10 MB", "is larger than 10 MB"),
    Refusal.UNKNOWN: (
        "不是能发的文件，请用图片、PDF、Word、Excel 或文本",
        "is none that can be sent; use a picture, PDF, Word, Excel or text",
    ),
    Refusal.OLD_OFFICE: ("是旧版或加密的 Office 文件，请另存为 docx 或 xlsx", "is locked, or of an old Office"),
    Refusal.MACROS: ("带有宏，不能发", "holds macros, which cannot be sent"),
    Refusal.DAMAGED: ("是坏的", "is damaged"),
    Refusal.MISNAMED: ("和它的扩展名不符", "is not what its name says"),
}
