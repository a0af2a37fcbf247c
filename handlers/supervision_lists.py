"""The lists of supervision, each a page at a time: what is missing, by whom, where, and what was found."""

from collections.abc import Callable, Mapping
from datetime import date

from handlers import access
from handlers.listing import Fetch, Pages, Row, paged
from handlers.places import place_name
from handlers.talk import Option, Talk
from handlers.texts import supervision as texts
from handlers.texts.phrase import Phrase
from handlers.texts.words import day
from storage.congresses import Congress
from storage.nudges import Unreached

BACK = Option("back", texts.BACK)


def _pages(fetch: Fetch, head: Phrase, empty: Phrase) -> Pages:
    return Pages(fetch, head, empty, [BACK])


def _behind(key: str, least: int = 0) -> int:
    """The number that the next page begins behind."""
    return int(key) if key else least


def _missing(talk: Talk, congress: Congress) -> Pages:
    return _pages(_of_projects(talk, congress, None), texts.PROJECT_CHOSEN, texts.NO_MISSING)


def _late(talk: Talk, congress: Congress) -> Pages:
    fetch = _of_projects(talk, congress, congress.today(talk.now))
    return _pages(fetch, texts.PROJECT_CHOSEN, texts.NO_LATE)


def _of_projects(talk: Talk, congress: Congress, due_before: date | None) -> Fetch:
    return paged(
        lambda key, limit: talk.store.supervision.missing(
            congress.id, _behind(key), due_before=due_before, limit=limit
        ),
        lambda one: Row(texts.missing(one), str(one.number)),
        lambda one: one.number,
    )


def _by_project(talk: Talk, congress: Congress) -> Pages:
    counts, today = talk.store.supervision.counts, congress.today(talk.now)
    fetch = paged(
        lambda key, limit: counts.by_project(congress.id, today, _behind(key), limit),
        lambda one: Row(texts.of_project(one), str(one.number)),
        lambda one: one.number,
    )
    return _pages(fetch, texts.PROJECT_CHOSEN, texts.NO_SUPERVISED)


def _by_deputy(talk: Talk, congress: Congress) -> Pages:
    counts, today = talk.store.supervision.counts, congress.today(talk.now)
    fetch = paged(
        lambda key, limit: counts.by_deputy(congress.id, today, _behind(key), limit),
        lambda one: Row(texts.deputy(one)),
        lambda one: one.person,
    )
    return _pages(fetch, texts.BY_DEPUTY, texts.NO_DEPUTIES)


def _by_cell(talk: Talk, congress: Congress) -> Pages:
    counts, today = talk.store.supervision.counts, congress.today(talk.now)
    fetch = paged(
        lambda key, limit: counts.by_cell(congress.id, today, _behind(key, -1), limit),
        lambda one: Row(texts.cell(place_name(talk, one[0]), one[1])),
        lambda one: one[0],
    )
    return _pages(fetch, texts.BY_CELL, texts.NO_PROJECTS)


def _by_body(talk: Talk, congress: Congress) -> Pages:
    counts, today = talk.store.supervision.counts, congress.today(talk.now)
    fetch = paged(
        lambda key, limit: counts.by_body(congress.id, today, key, limit),
        lambda one: Row(texts.body(one)),
        lambda one: one.body,
    )
    return _pages(fetch, texts.BY_BODY, texts.NO_PROJECTS)


def _problems(talk: Talk, congress: Congress) -> Pages:
    today = congress.today(talk.now)
    fetch = paged(
        lambda key, limit: talk.store.supervision.findings.problems(congress.id, _behind(key), limit),
        lambda one: Row(texts.problem(one, access.masked(one.text), today), str(one.number)),
        lambda one: one.number,
    )
    return _pages(fetch, texts.PROBLEM_CHOSEN, texts.NO_PROBLEMS)


def _unable(talk: Talk, congress: Congress) -> Pages:
    fetch = paged(
        lambda key, limit: talk.store.supervision.findings.unable(congress.id, _behind(key), limit),
        lambda one: Row(texts.unable(one, access.masked(one.reason))),
        lambda one: one.note,
    )
    return _pages(fetch, texts.UNABLE, texts.NO_UNABLE)


def _telephones(talk: Talk, congress: Congress) -> Pages:
    def row(one: Unreached) -> Row:
        since = day(one.since, congress.timezone) if one.since else None
        return Row(texts.unreached(one.name, one.telephone, since, awaits=one.awaits))

    fetch = paged(
        lambda key, limit: talk.store.nudges.unreached(congress.id, _behind(key), limit),
        row,
        lambda one: one.person,
    )
    return _pages(fetch, texts.TELEPHONES, texts.ALL_REACHED)


LISTS: Mapping[str, Callable[[Talk, Congress], Pages]] = {
    "missing": _missing,
    "late": _late,
    "project": _by_project,
    "deputy": _by_deputy,
    "cell": _by_cell,
    "body": _by_body,
    "problems": _problems,
    "unable": _unable,
    "telephones": _telephones,
}
