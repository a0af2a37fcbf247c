"""Everything that is kept about a person, as a JSON file for themselves, in their language."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.recipes.source import Source
from handlers.texts.announcement_reports import why
from handlers.texts.announcements import STEP
from handlers.texts.inspections import NEARNESS, PART, REPORT, STANDING
from handlers.texts.phrase import Phrase
from handlers.texts.proposals import history_line
from handlers.texts.rectifications import STAGE
from handlers.texts.words import CATEGORY, PLACE_OPEN, ROLE, STATUS
from storage.area_index import AreaIndex
from storage.database import AnyRow
from storage.domain.proposal_status import Status
from storage.my_data import MyData
from storage.proposals import Event, Proposal
from storage.store import Store

_CODES: Mapping[str, Mapping[Any, Phrase]] = {
    "kind": REPORT,
    "standing": STANDING,
    "nearness": NEARNESS,
    "part": PART,
}
ZONE = ZoneInfo("Asia/Shanghai")
VERSION_WRITTEN = Phrase("写了这一版", "wrote it")

_WORDS = {
    "me": "我",
    "name": "姓名",
    "telephone": "电话",
    "language": "语言",
    "cell": "网格",
    "notices": "接收通知",
    "consented_at": "同意保存的时间",
    "created_at": "第一次来信",
    "accounts": "账号",
    "channel": "渠道",
    "external_id": "账号名",
    "seen_at": "最近来信",
    "consents": "同意接收的通知",
    "room": "还可以发几次",
    "roles": "身份",
    "congress": "人大",
    "role": "角色",
    "group": "代表小组",
    "trade": "行业",
    "cells": "负责的网格",
    "proposals": "我的建议",
    "number": "编号",
    "text": "内容",
    "category": "类别",
    "status": "状态",
    "supporters": "支持人数",
    "history": "经过",
    "supports": "我支持的建议",
    "at": "时间",
    "notes": "我的督查",
    "company": "和我一起的督查",
    "reminders": "收到的督查提醒",
    "period": "月份",
    "standing": "进展",
    "progress": "进度",
    "satisfied": "满意",
    "received": "接待人数",
    "nearness": "离项目",
    "part": "分工",
    "observations": "我反映的项目情况",
    "answer": "答复",
    "answered_at": "答复于",
    "rectifications": "我办的整改",
    "stage": "环节",
    "announcements": "收到的公告",
    "title": "标题",
    "sent_at": "送达时间",
    "not_sent": "没有送达的原因",
    "opened_at": "打开时间",
    "announced": "我办的公告",
    "version": "第几版",
    "step": "步骤",
    "unfinished": "没写完的内容",
    "texts": "写进记录的文字",
    "written_at": "写于",
    "body": "文字",
    "messages": "往来消息",
    "direction": "方向",
    "kind": "种类",
    "latitude": "纬度",
    "longitude": "经度",
    "files": "文件",
    "media_type": "类型",
    "size": "字节数",
    "state": "保存状态",
}


def write_my_data(source: Source, arguments: Mapping[str, Any], path: Path) -> None:
    """Write everything about the person that `arguments` name to `path`."""
    store = Store(source.unit, source.now, source.areas)
    person_id = arguments["person"]
    written = _Writing(store, MyData(source.unit, person_id), person_id).everything()
    path.write_text(json.dumps(written, ensure_ascii=False, indent=2), encoding="utf-8")


class _Writing:
    def __init__(self, store: Store, mine: MyData, person_id: int) -> None:
        self._store, self._mine, self._person_id = store, mine, person_id
        self._language = mine.person().language

    def everything(self) -> dict[str, Any]:
        person = self._record(self._mine.person()._asdict())
        person["cell"] = self._cell(person.pop("cell_id"))
        own = self._store.proposals.of_author(self._person_id, limit=None)
        written = {
            "me": person,
            "accounts": self._records(self._mine.accounts()),
            "consents": self._records(self._mine.consents()),
            "roles": self._roles(),
            "proposals": [self._proposal(one) for one in own],
            "supports": [{"number": row.proposal_id, "at": _time(row.at)} for row in self._mine.supports()],
            "notes": [self._note(row) for row in self._mine.notes()],
            "company": [self._note(row) for row in self._mine.company()],
            "reminders": [self._note(row) for row in self._mine.reminders()],
            "observations": [self._observation(row) for row in self._mine.observations()],
            "rectifications": [self._step(row) for row in self._mine.rectifications()],
            "announcements": [self._announcement(row) for row in self._mine.announcements()],
            "announced": [self._announced(row) for row in self._mine.announced()],
            "unfinished": self._mine.unfinished(),
            "texts": self._records(self._mine.texts()),
            "messages": self._records(self._mine.messages()),
            "files": self._records(self._mine.files()),
        }
        return written if self._language == "en" else _in_chinese(written)

    def _roles(self) -> list[dict[str, Any]]:
        return [
            {
                "congress": self._store.congresses.get(one.congress_id).name,
                "role": self._say(ROLE[one.role]),
                "group": one.group_name,
                "trade": one.trade,
                "cells": [self._cell(area) for area in one.areas],
            }
            for one in self._store.people.holdings(self._person_id)
        ]

    def _proposal(self, one: Proposal) -> dict[str, Any]:
        return {
            "number": one.number,
            "congress": self._store.congresses.get(one.congress_id).name,
            "text": one.body,
            "category": self._say(CATEGORY[one.category]),
            "cell": self._cell(one.cell_id),
            "status": self._say(STATUS[one.status]),
            "supporters": one.supporters,
            "created_at": _time(one.created_at),
            "history": [self._line(row) for row in self._store.proposals.history(one.number)],
        }

    def _line(self, row: AnyRow) -> str:
        kind, status, reason, body, _, at, _ = row
        line = history_line(Event(kind), Status(status) if status else None, reason, body or "")
        return f"{_time(at)} {self._say(line)}"

    def _note(self, row: AnyRow) -> dict[str, Any]:
        said = self._record({name: value for name, value in row._asdict().items() if value is not None})
        return {name: self._say(_CODES[name][value]) if name in _CODES else value for name, value in said.items()}

    def _observation(self, row: AnyRow) -> dict[str, Any]:
        said = self._record({name: value for name, value in row._asdict().items() if value is not None})
        return {**said, "cell": self._cell(said.pop("cell_id", None))}

    def _step(self, row: AnyRow) -> dict[str, Any]:
        return {**self._record(row._asdict()), "stage": self._say(STAGE[row.stage])}

    def _announcement(self, row: AnyRow) -> dict[str, Any]:
        told = self._record({name: value for name, value in row._asdict().items() if value})
        if "not_sent" in told:
            told["not_sent"] = self._say(why(told["not_sent"]))
        return {**told, "cell": self._cell(told.pop("cell_id", None))}

    def _announced(self, row: AnyRow) -> dict[str, Any]:
        done = self._record(row._asdict())
        return {**done, "step": self._say(STEP[row.step] if row.step else VERSION_WRITTEN)}

    def _cell(self, area_id: int | None) -> str:
        areas: AreaIndex = self._store.areas
        area = areas.area(area_id) if area_id else None
        return areas.title(area) if area else self._say(PLACE_OPEN)

    def _say(self, phrase: Phrase) -> str:
        return phrase.said(self._language)

    def _records(self, rows: Iterable[AnyRow]) -> list[dict[str, Any]]:
        return [self._record(row._asdict()) for row in rows]

    def _record(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {name: _time(value) if isinstance(value, datetime) else value for name, value in row.items()}


def _time(moment: datetime) -> str:
    return moment.astimezone(ZONE).isoformat(timespec="seconds")


def _in_chinese(value: Any) -> Any:
    if isinstance(value, list):
        return [_in_chinese(one) for one in value]
    if isinstance(value, dict):
        return {_WORDS.get(name, name): _in_chinese(one) for name, one in value.items()}
    return value
