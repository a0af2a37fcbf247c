"""The kinds of questions that only reports about projects ask: how far, where, with whom, and what is wrong."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from handlers.messages import Kind
from handlers.questions import Text
from handlers.reading import number, plain
from handlers.state import Asked, Heard
from handlers.talk import Again, Answered, Misfit, Option, Talk
from handlers.texts import note_questions as texts
from handlers.texts.rectifications import SEVERITY
from handlers.texts.titles import choose_one
from storage.domain.rectification_stages import Severity
from storage.notes import Nearness, Part, TookPart, nearness

PROBLEMS_AT_MOST = 9
PEOPLE_AT_MOST = 20
LONGEST_NAME = 40  # characters
_SENTENCE = 1_000  # characters of one problem or reason

_AROUND = re.compile(r"大概|大约|约|差不多|左右|完成了?|已经?|进度|[是到了。.!]$|\s")
_PER_CENT = re.compile(r"(?:百分之)?(?P<whole>\d{1,6}|[零〇一二两三四五六七八九十百]{1,7})(?:\.\d+)?(?:%|个?百分点)?")
_TENTHS = re.compile(r"([一二两三四五六七八九])成半?")
_IN_WORDS = {"一半": 50, "half": 50, "没开工": 0, "还没开工": 0, "未开工": 0, "没动工": 0, "还没动工": 0}
_SAME = frozenset(
    ["一样", "和上次一样", "跟上次一样", "同上", "没变", "没变化", "不变", "没有变化", "没有进展", "没进展", "same"]
)


def per_cent(text: str) -> int | None:
    """What a short text says in per cent: 35, 35%, 百分之三十五, 三成, 一半; None for anything else."""
    said = _AROUND.sub("", unicodedata.normalize("NFKC", text[:40]))
    if said in _IN_WORDS:
        return _IN_WORDS[said]
    if tenths := _TENTHS.fullmatch(said):
        return (number(tenths[1]) or 0) * 10 + 5 * said.endswith("半")
    match = _PER_CENT.fullmatch(said)
    return number(match["whole"]) if match else None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a project is: (per cent, why it is less than it was `last`). Default: whatever it was before."""

    last: int = 0

    def begin(self, _talk: Talk, _explicit: bool, /) -> Answered | Again:
        return Again(figure=True)

    def read(self, heard: Heard, asked: Asked, _talk: Talk, /) -> Answered | Again:
        if heard.option == "again":
            return Again(figure=True)
        value = self.last if plain(heard.text) in _SAME else per_cent(heard.text)
        if value is None and asked.progress is not None and heard.kind in (Kind.TEXT, Kind.VOICE):
            return self._less(heard, asked.progress, _talk)
        if value is None:
            raise Misfit(texts.PER_CENT_WANTED)
        if value > 100:
            raise Misfit(texts.BEYOND)
        if value < self.last:
            mistaken = [Option("again", texts.OTHER_FIGURE)]
            return Again(mistaken, texts.less(self.last, value), progress=value, figure=True)
        return Answered([value, ""])

    def _less(self, heard: Heard, value: int, talk: Talk) -> Answered:
        if heard.kind is Kind.TEXT and len(plain(heard.text)) < 2:
            raise Misfit(texts.REASON_WANTED)
        why = Text(at_most=_SENTENCE).read(heard, _NOTHING, talk)
        return Answered([value, why.value if isinstance(why, Answered) else ""])

    def load(self, stored: Any, _talk: Talk, /) -> tuple[int, str]:
        value, why = stored
        return int(value), str(why)


_NOTHING = Asked("", "", "", [])


@dataclass(frozen=True, slots=True)
class Where:
    """Where somebody stands, and how far that is from a project's cells. `latitude` None: they did not say."""

    latitude: float | None = None
    longitude: float | None = None
    nearness: Nearness | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """A shared location, as seen from the project's `cells`; it may be left out."""

    cells: Sequence[int]

    def begin(self, _talk: Talk, _explicit: bool, /) -> Answered | Again:
        return Again([Option("skip", texts.NO_PLACE)])

    def read(self, heard: Heard, _asked: Asked, talk: Talk, /) -> Answered | Again:
        if heard.option == "skip" or plain(heard.text) in _SKIPPED:
            return Answered([])
        if heard.place is None:
            raise Misfit(texts.PLACE_WANTED)
        at = heard.place.latitude, heard.place.longitude
        return Answered([*at, nearness(talk.store.areas.metres_to(self.cells, *at))])

    def load(self, stored: Any, _talk: Talk, /) -> Where:
        if not stored:
            return Where()
        latitude, longitude, near = stored
        return Where(latitude, longitude, Nearness(near) if near else None)


_SKIPPED = frozenset({"跳过", "不发", "发不了", "skip"})


Problem = tuple[Severity, str]


@dataclass(frozen=True, slots=True)
class Problems:
    """None, or one after another: a sentence each, and how bad it is."""

    def begin(self, _talk: Talk, _explicit: bool, /) -> Answered | Again:
        return Again([Option("no", texts.NO_PROBLEMS), Option("yes", texts.SOME_PROBLEMS)])

    def read(self, heard: Heard, asked: Asked, talk: Talk, /) -> Answered | Again:
        found: list[list[str]] = (asked.progress or {}).get("found", [])
        text = (asked.progress or {}).get("text")
        if text is not None:
            return self._rated(heard, asked, [*found, [text]])
        if heard.option == "no" or (asked.options and _NONE.fullmatch(plain(heard.text))):
            return Answered(found)
        if heard.option == "yes" or plain(heard.text) in _SOME:
            return Again([], texts.PROBLEM_WHAT, progress={"found": found})
        if asked.options:
            raise Misfit(texts.PROBLEM_OR_NOT)
        said = Text(at_most=_SENTENCE, spoken=True).read(heard, asked, talk)
        words = said.value if isinstance(said, Answered) else ""
        options = [Option(severity, label) for severity, label in SEVERITY.items()]
        return Again(options, texts.HOW_BAD, progress={"found": found, "text": words})

    def _rated(self, heard: Heard, asked: Asked, found: list[list[str]]) -> Answered | Again:
        severity = (_severity(heard.text) or asked.named(heard.text)) if heard.option is None else heard.option
        if severity is None:
            raise Misfit(choose_one(len(asked.options)))
        found[-1].append(severity)
        if len(found) >= PROBLEMS_AT_MOST:
            return Answered(found)
        options = [Option("no", texts.NO_MORE), Option("yes", texts.ONE_MORE)]
        return Again(options, texts.more_problems(len(found)), progress={"found": found})

    def load(self, stored: Any, _talk: Talk, /) -> list[Problem]:
        return [(Severity(severity), text) for text, severity in stored]


def _severity(text: str) -> Severity | None:
    """How bad something is in people's own words: 不严重, 很严重, 急."""
    said = plain(text)
    return next((severity for severity, words in _AS_BAD.items() if words.fullmatch(said)), None)


_AS_BAD = {
    Severity.MINOR: re.compile(
        r"(?:不(?:太|算|是很|怎么|很)?(?:严重|重|急|大)|有点?轻|比较轻|很?轻微?|小(?:问题|毛病)|一般般)的?"
    ),
    Severity.URGENT: re.compile(r"(?:有点|比较|很|太|特别|非常|十分)?(?:紧?急|危险)的?|(?:特别|非常|十分|最)严?重的?"),
    Severity.SERIOUS: re.compile(r"(?:有点|比较|很|挺|蛮|太)?严?重的?|(?:大|严重)问题"),
}
_SOME = frozenset({"有", "有的", "存在"})
_NONE = re.compile(r"(目前|暂时|暂)?(没有?|未|无)(什么|发现|啥)*(大)?(问题)?(了)?")


@dataclass(frozen=True, slots=True)
class Company:
    """Who else took part: of those `listed` by number, anybody else by name, until "就这些".

    `listed` are ids and parts; `find` gives the id and the part of somebody by their name.
    """

    listed: Sequence[tuple[int, Part]]
    find: Callable[[str], tuple[int, Part] | None]

    def begin(self, talk: Talk, _explicit: bool, /) -> Answered | Again:
        return self._shown([], talk, again=False)

    def read(self, heard: Heard, asked: Asked, talk: Talk, /) -> Answered | Again:
        chosen: list[list[Any]] = list(asked.progress or [])
        if heard.option == "done":
            return Answered(chosen)
        if heard.option is not None:
            return self._shown([*chosen, self._by_id(heard.option)], talk)
        if heard.kind is not Kind.TEXT:
            raise Misfit(texts.NAMES_WANTED)
        for word in _words(heard.text):
            one = self._named(word, asked)
            if one not in chosen and one[1] != talk.person.id:
                chosen.append(one)
        if len(chosen) > PEOPLE_AT_MOST:
            raise Misfit(texts.TOO_MANY_PEOPLE)
        return self._shown(chosen, talk)

    def _by_id(self, value: str) -> list[Any]:
        person = int(value)
        return [dict(self.listed).get(person, Part.CAME), person, ""]

    def _named(self, word: str, asked: Asked) -> list[Any]:
        if (at := number(word)) is not None:
            if not 1 <= at <= len(asked.options) or asked.options[at - 1][0] == "done":
                raise Misfit(choose_one(len(asked.options)))
            return self._by_id(asked.options[at - 1][0])
        name, is_expert = _EXPERT.sub("", word), bool(_EXPERT.search(word))
        if not 1 < len(name) <= LONGEST_NAME:
            raise Misfit(texts.NAMES_WANTED)
        known = self.find(name)
        if known is None:
            return [Part.EXPERT if is_expert else Part.CAME, None, name]
        return [Part.EXPERT if is_expert else known[1], known[0], ""]

    def _shown(self, chosen: list[list[Any]], talk: Talk, *, again: bool = True) -> Again:
        taken = {person for _, person, _ in chosen}
        others = {person: name_of(talk, person) for person, _ in self.listed if person not in taken}
        options = [Option(str(person), texts.somebody(name)) for person, name in others.items() if name]
        names = [name or name_of(talk, person) for _, person, name in chosen]
        prompt = texts.chosen(names) if again else None
        return Again([Option("done", texts.THAT_IS_ALL), *options], prompt, progress=chosen)

    def load(self, stored: Any, _talk: Talk, /) -> list[TookPart]:
        return [TookPart(Part(part), person, name) for part, person, name in stored]


_BETWEEN = re.compile(r"[,，、;；/\s]+")
_AND = re.compile(r"[和与跟]")
_NO_NAME = 5  # characters: what is as long and has an "and" in it names two people, 李和平 only one
_EXPERT_APART = re.compile(r"专家(?:[:：]\s*|\s+)|expert:\s*", re.IGNORECASE)  # 专家 李四 is one of them, not two
_EXPERT = re.compile(r"^(?:专家[:：]?|expert:)|[（(](?:专家|expert)[）)]$", re.IGNORECASE)


def _words(text: str) -> Iterator[str]:
    for word in filter(None, _BETWEEN.split(_EXPERT_APART.sub("专家", text))):
        yield from filter(None, _AND.split(word)) if len(word) >= _NO_NAME else [word]


def name_of(talk: Talk, person_id: int) -> str:
    """Somebody's name, to be shown."""
    talk.store.shown.add(person_id)
    return talk.store.people.get(person_id).name
