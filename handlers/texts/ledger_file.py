"""What is said about a ledger that comes back filled in."""

from collections.abc import Sequence

from handlers.texts.phrase import Phrase, lines, many
from handlers.texts.words import CATEGORY, PLACE_OPEN, REASON, STATUS
from storage.domain.categories import Category
from storage.domain.ledger_changes import Conflict, Fault, FaultKind, Field
from storage.domain.proposal_status import Reason, Status

FAULTS_SHOWN = 15
CONFLICTS_SHOWN = 10

CHECKING = Phrase(
    "收到，正在核对，马上告诉您会改动什么。", "Received. We are checking it and tell you in a moment what would change."
)
NOTHING_CHANGED = Phrase("没有要改的：和现在的台账一样。", "There is nothing to change: it is as the ledger stands.")
LEFT_ALONE = Phrase("好的，什么都没改。", "All right, nothing was changed.")
APPLY = Phrase("确定要改吗？状态变了的，会告诉作者。", "Change it? Authors are told of a new status.")
NONE_APPLIED = Phrase(
    "请改好后重新上传，现在什么都没改。", "Please put it right and load it again. Nothing was changed."
)

_FIELD = {
    Field.CATEGORY: Phrase("类别", "category"),
    Field.CELL: Phrase("网格", "cell"),
    Field.STATUS: Phrase("状态", "status"),
}

_WRONG = {
    FaultKind.UNREADABLE: Phrase(
        "文件打不开，请上传从这里导出的 XLSX 台账",
        "the file cannot be opened; please load the XLSX ledger",
    ),
    FaultKind.NOT_A_LEDGER: Phrase(
        "这不是从这里导出的台账，请先导出，在那份文件里填写",
        "this is no ledger from here; please export one and fill that in",
    ),
    FaultKind.OTHER_CONGRESS: Phrase(
        "这是另一个人大的台账",
        "this is the ledger of another congress",
    ),
    FaultKind.TOO_MANY: Phrase(
        "改动太多，一次最多 2000 条建议，请分几次上传",
        "too much was changed: 2,000 proposals at most, please load it in parts",
    ),
    FaultKind.NUMBER_UNKNOWN: Phrase(
        "编号“{word}”不在这份台账里",
        "number “{word}” is not of this ledger",
    ),
    FaultKind.NUMBER_TWICE: Phrase(
        "编号 {word} 出现了两次",
        "number {word} stands there twice",
    ),
    FaultKind.CATEGORY_UNKNOWN: Phrase(
        "没有“{word}”这个类别",
        "there is no category “{word}”",
    ),
    FaultKind.STATUS_UNKNOWN: Phrase(
        "没有“{word}”这个状态",
        "there is no status “{word}”",
    ),
    FaultKind.REASON_UNKNOWN: Phrase(
        "“{word}”不在未采纳原因里",
        "“{word}” is not on the list of reasons",
    ),
    FaultKind.CELL_UNKNOWN: Phrase(
        "没有“{word}”这个网格",
        "there is no cell “{word}”",
    ),
    FaultKind.CELL_UNCLEAR: Phrase(
        "叫“{word}”的网格不止一个，请写网格编码",
        "several cells are called “{word}”; please write the code",
    ),
    FaultKind.CELL_CONTRADICTORY: Phrase(
        "网格编码 {word} 和网格名称对不上",
        "the code {word} and the cell's name do not agree",
    ),
    FaultKind.REASON_MISSING: Phrase(
        "改为未采纳，要选原因",
        "it is not taken up; please choose a reason",
    ),
    FaultKind.REASON_ALONE: Phrase(
        "填了原因，但状态没有改为未采纳；已是未采纳的不能换原因",
        "there is a reason, but the status is not changed to not taken up; a reason cannot be replaced",
    ),
    FaultKind.STATUS_NOT_HERE: Phrase(
        "不能在表里改为“{word}”，请在对话里办",
        "it cannot become “{word}” by the ledger; please do it in chat",
    ),
    FaultKind.STATUS_ORDER: Phrase(
        "现在是“{now}”，不能改为“{word}”",
        "it is “{now}” and cannot become “{word}”",
    ),
}


def faults(found: Sequence[Fault]) -> Phrase:
    """What is wrong, a line each, and that nothing was changed."""
    head = Phrase(f"有 {len(found)} 处要改：", f"{many(len(found), 'thing')} must be put right:")
    return lines([head, *map(_fault, found[:FAULTS_SHOWN]), _more(len(found) - FAULTS_SHOWN), NONE_APPLIED])


def _fault(fault: Fault) -> Phrase:
    sentence = _WRONG[fault.kind]
    zh, en = ({"word": _word(fault.word, language), "now": _word(fault.now, language)} for language in ("zh", "en"))
    where = Phrase(f"第 {fault.line} 行：", f"line {fault.line}: ") if fault.line else Phrase("", "")
    return where + Phrase(sentence.zh.format_map(zh), sentence.en.format_map(en))


def _word(word: str, language: str) -> str:
    """A status in the reader's words; anything else as it stands in the file."""
    return STATUS[Status(word)].said(language) if word in list(Status) else word


def _more(count: int) -> Phrase:
    return Phrase(f"……还有 {count} 处", f"… and {count} more") if count > 0 else Phrase("")


def summary(changes: int, proposals: int, moved: int, conflicts: Sequence[Phrase]) -> Phrase:
    """What would change, and what would not."""
    head = Phrase(
        f"要改 {proposals} 条建议，共 {changes} 处，其中 {moved} 条状态有变。",
        f"{many(changes, 'change')} to {many(proposals, 'proposal')}, {moved} of them to a new status.",
    )
    return lines([head, *left_out(conflicts), APPLY])


def nothing(conflicts: Sequence[Phrase]) -> Phrase:
    return lines([NOTHING_CHANGED, *left_out(conflicts)])


def left_out(conflicts: Sequence[Phrase]) -> list[Phrase]:
    """What somebody else changed as well, and so stays as they made it."""
    if not conflicts:
        return []
    head = Phrase(
        f"导出以后有 {len(conflicts)} 处已被别人改过，保持现在的样子：",
        f"Changed by others since, and kept as they have it: {len(conflicts)}",
    )
    return [head, *conflicts[:CONFLICTS_SHOWN], _more(len(conflicts) - CONFLICTS_SHOWN)]


def conflict(one: Conflict, wanted: Phrase, standing: Phrase) -> Phrase:
    name = _FIELD[one.field]
    return Phrase(
        f"{one.number}号 {name.zh}：您填“{wanted.zh}”，现在是“{standing.zh}”",
        f"No. {one.number}, {name.en}: you wrote “{wanted.en or wanted.zh}”, it is “{standing.en or standing.zh}”",
    )


def value(of: Field, stored: str, cell_title: str) -> Phrase:
    """A value as people say it."""
    if of is Field.CELL:
        return Phrase(cell_title) if stored else PLACE_OPEN
    if of is Field.CATEGORY:
        return CATEGORY[Category(stored)]
    return REASON[Reason(stored)] if stored in list(Reason) else STATUS[Status(stored or Status.DECLINED)]


def going_on(changes: int) -> Phrase:
    return Phrase(
        f"开始更新 {changes} 处，完成后告诉您。", f"Making {many(changes, 'change')}; we tell you when that is done."
    )


def loaded(changes: int, conflicts: Sequence[Phrase]) -> Phrase:
    head = Phrase(f"台账已更新 {changes} 处。", f"The ledger is updated in {many(changes, 'place')}.")
    return lines([head, *left_out(conflicts)])
