"""Texts that are too long for a chat, as files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.recipes.source import Source
from handlers.access import masked
from handlers.texts.phrase import Phrase, lines
from handlers.texts.proposals import history_line, whole
from handlers.texts.words import day
from storage.domain.proposal_status import Status
from storage.proposals import Event
from storage.store import Store

_ENCODING = "utf-8-sig"  # with the mark by which telephones and Windows know it


def write_text(_: Source, arguments: Mapping[str, Any], path: Path) -> None:
    """Write the text in `arguments`."""
    path.write_text(arguments["text"], encoding=_ENCODING)


def write_proposal(source: Source, arguments: Mapping[str, Any], path: Path) -> None:
    """Write all of a proposal: its text, and its history with every word; for `neighbours` the text only, masked."""
    store = Store(source.unit, source.now, source.areas)
    proposal = store.proposals.get(arguments["number"])
    if proposal is None:
        raise KeyError(arguments["number"])
    if arguments["neighbours"]:
        told = whole(proposal.number, masked(proposal.body), [])
    else:
        told = whole(proposal.number, proposal.body, _history(store, proposal.number, proposal.congress_id))
    path.write_text(told.said(arguments["language"]), encoding=_ENCODING)


def _history(store: Store, number: int, congress_id: int) -> list[Phrase]:
    zone = store.congresses.get(congress_id).timezone
    told = []
    for kind, status, reason, body, _, at, _ in store.proposals.history(number)[1:]:  # the first is the text itself
        line = history_line(Event(kind), Status(status) if status else None, reason, "")
        told.append(lines([day(at, zone) + Phrase(" ") + line, Phrase(body or "")]))
    return told
