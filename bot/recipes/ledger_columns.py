"""The columns of the ledger's file, for writing it and for reading it back."""

from dataclasses import dataclass
from enum import StrEnum

from handlers.texts.words import CATEGORY, PLACE_OPEN, REASON, STATUS
from storage.domain.categories import Category
from storage.domain.ledger_changes import NOT_BY_LEDGER
from storage.domain.proposal_status import Reason, Status


class Column(StrEnum):
    """The headings, by which a column is found again wherever a clerk has moved it."""

    NUMBER = "编号"
    RECEIVED = "收到日期"
    TEXT = "内容"
    CATEGORY = "类别"
    CELL_CODE = "网格编码"
    CELL_NAME = "网格"
    STATUS = "状态"
    REASON = "未采纳原因"
    AUTHORS = "提出人"
    TELEPHONES = "电话"
    SUPPORTERS = "支持人数"
    WAITING = "等待天数"
    CLEARED = "是否公开"


@dataclass(frozen=True, slots=True)
class Look:
    """How a column looks: its width in characters, whether clerks fill it in, and what they may choose from."""

    width: int
    filled_in: bool = False
    choices: tuple[str, ...] = ()


LOOKS = {
    Column.NUMBER: Look(8),
    Column.RECEIVED: Look(12),
    Column.TEXT: Look(60),
    Column.CATEGORY: Look(12, filled_in=True, choices=tuple(CATEGORY[one].zh for one in Category)),
    Column.CELL_CODE: Look(18, filled_in=True),
    Column.CELL_NAME: Look(24, filled_in=True),
    Column.STATUS: Look(
        12, filled_in=True, choices=tuple(STATUS[one].zh for one in Status if one not in NOT_BY_LEDGER)
    ),
    Column.REASON: Look(26, filled_in=True, choices=tuple(REASON[one].zh for one in Reason)),
    Column.AUTHORS: Look(14),
    Column.TELEPHONES: Look(16),
    Column.SUPPORTERS: Look(10),
    Column.WAITING: Look(10),
    Column.CLEARED: Look(10),
}

LEDGER = "台账"
# A sheet that nobody sees. Its first line tells what it is; each further one holds a proposal's number and, as JSON,
# the values it had at the export: category, cell code, cell name, status, reason.
EXPORTED = "_导出"
FORMAT = "minsheng-ledger-1"

OPEN_CELL = PLACE_OPEN.zh
YES = "是"
AND = "、"
