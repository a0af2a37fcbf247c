"""What may be wrong with a file of projects, said in plain words: Chinese, and English beside it."""

from collections.abc import Mapping
from typing import ClassVar

from storage.line_faults import LineFault


class ProjectFault(LineFault):
    """See LineFault. `column` is what a column is called in Chinese, `name` in English."""

    sentences: ClassVar[Mapping[str, tuple[str, str]]] = {
        # the file as a whole
        "unreadable": (
            "文件打不开，请用 XLSX 或 CSV（UTF-8 或 GB18030）",
            "the file cannot be opened; use XLSX or CSV (UTF-8 or GB18030)",
        ),
        "too_large": (
            "文件太大：最多 {lines} 行、{megabytes} MB；一个人大一年只有几百个项目，请看看是不是选错了文件",
            "the file is too large: {lines} lines and {megabytes} MB at most; is it the right one?",
        ),
        "column_missing": (
            "找不到表头：至少要有“项目名称”“实施主体”“完成时限”三列",
            "there is no heading: the columns 项目名称 (title), 实施主体 (body) and 完成时限 (deadline) are needed",
        ),
        "columns_missing": ("没有“{column}”一列", "there is no column {column} ({name})"),
        "column_twice": (
            "有两列都叫“{word}”（其中一列可能是隐藏的），请只留一列",
            "two columns are called {word}, one of them hidden perhaps: leave only one",
        ),
        "empty": ("表里没有任何项目", "the table holds no projects"),
        "no_cycle": ("这个人大还没有开始本年度的工作", "this congress has no cycle yet"),
        "changed_meanwhile": (
            "导入期间又有同名项目进来，或者年度换了，其余的没有导入；请再运行一次",
            "a project of the same title came in meanwhile, or the cycle ended; the rest is not imported, run it again",
        ),
        # one cell
        "missing": ("没有填{column}", "the {name} is missing"),
        "too_long": ("{column}超过 {limit} 个字", "the {name} is longer than {limit} characters"),
        "uncomputed": (
            "{column}是公式，文件里没有算出的结果，或结果出错；请用 Excel 或 WPS 打开、看过后保存，再导入",
            "the {name} is a formula without a value, or a wrong one: save the file in Excel or WPS, then import it",
        ),
        "merged": (
            "{column}和上一行是合并的单元格，说不清这一行是多少；请拆开，每行各填各的",
            "the {name} is one cell with the line above: split it, and fill in each line",
        ),
        "day_wrong": (
            "{column}“{word}”不是日期，请写成 2026-11-30 或 2026年11月",
            "the {name} {word} is no date; write it like 2026-11-30 or 2026年11月",
        ),
        "day_past": ("{column} {day} 在今天（{today}）之前", "the {name} {day} is before today, {today}"),
        "investment_wrong": (
            "投资“{word}”看不懂，请写成 276、276万元 或 2,760,000元",
            "the investment {word} is no sum; write 276, 276万元 or 2,760,000元",
        ),
        "investment_unit": (
            "投资“{word}”按{unit}算就是 {sum} 亿元；请在这一格里写明是“元”还是“万元”",
            "the investment {word} would be {sum} 亿元 in {unit}: write in this cell whether it is 元 or 万元",
        ),
        "area_unknown": ("辖区里没有“{word}”这个网格或村", "there is no cell or village {word} in its area"),
        "area_unclear": (
            "“{word}”不止一处，请写编码，或写清是哪个村的",
            "{word} may be several places; write the code, or of which village it is",
        ),
        # the plan
        "milestone_unreadable": (
            "节点“{word}”看不懂，请写成：路基 2026-06-01 40%；路面 2026-09-01 80%",
            "the milestone {word} is not understood; write: 路基 2026-06-01 40%；路面 2026-09-01 80%",
        ),
        "milestone_untitled": ("第 {word} 个节点没有写名称", "milestone {word} has no title"),
        "share_wrong": (
            "{column}“{word}”不对，请写 1% 到 100% 的整数",
            "the {name} {word} is wrong; write a whole number from 1% to 100%",
        ),
        "shares_partly": (
            "有的节点写了比例、有的没写；请都写上，或都不写（平均分配）",
            "some milestones have a share and some have none: give each of them one, or none (then they are even)",
        ),
        "plan_twice": (
            "进度计划写了两遍（“节点”一列和“节点1”等列），请只留一种",
            "the plan stands there twice, in one column and in 节点1 and so on: leave only one",
        ),
        "milestones_many": ("节点超过 {limit} 个", "there are more than {limit} milestones"),
        "days_back": (
            "节点“{word}”（{day}）比前一个节点“{before}”还早",
            "the milestone {word} ({day}) comes before {before}, which stands in front of it",
        ),
        "shares_back": (
            "节点“{word}”的比例比前一个节点“{before}”还小；比例是累计完成的",
            "the share of milestone {word} is less than that of {before} before it; shares add up",
        ),
        "deadline_early": (
            "完成时限 {day} 比最后一个节点“{word}”（{last}）还早",
            "the deadline {day} is before the last milestone {word} ({last})",
        ),
        # one project
        "repeated": ("和第 {first} 行是同名项目", "this is the title of line {first}, too"),
        "differs": (
            "已有同名项目（编号 {number}），不一样的有：{columns}；票决过的内容经批准才能改，不能靠导入改",
            "project {number} has that title and differs in: {names}; what was voted on changes by approval only",
        ),
    }
