"""What residents do: short scripts, each with the answer that every act must get, and what it must leave behind."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from handlers.texts import everywhere, questions, titles
from handlers.texts import proposals as texts
from tests.kill.congress import CONGRESS, Cell

THANKS = texts.suggest_thanks([0]).zh.partition("0")[0]

STEPS_ON_AVERAGE = 5.1

_THINGS = ("修一修门口的路", "装一盏路灯", "清一清水渠", "添一个垃圾箱", "建一个凉亭", "栽一排树", "补一段护栏")


@dataclass(frozen=True, slots=True)
class Says:
    text: str


@dataclass(frozen=True, slots=True)
class Taps:
    """The button of the last message with buttons whose label holds these words."""

    label: str


@dataclass(frozen=True, slots=True)
class Locates:
    """Degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Shows:
    """A photo."""


Act = Says | Taps | Locates | Shows


@dataclass(frozen=True, slots=True)
class Step:
    """An act, and words that stand in the bot's answer to it. `tells`: it says something about the wish."""

    act: Act
    words: tuple[str, ...]
    tells: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """What must have become a proposal."""

    text: str
    cell: int
    how: str
    photos: int = 0


@dataclass(frozen=True, slots=True)
class Story:
    """One conversation from beginning to end; `wish` is None where it is given up."""

    steps: tuple[Step, ...]
    wish: Wish | None = None


class Imagination:
    """Makes up stories, the same ones for the same `chance`. Every wish has a text of its own."""

    def __init__(self, cells: list[Cell], chance: Random) -> None:
        self._cells, self._chance = cells, chance
        self._plots: tuple[Callable[[str, Cell, bool], Story], ...] = (
            _by_command,
            _unprompted,
            _named_at_once,
            _by_location,
            _with_photo,
            _second_thoughts,
            _given_up,
        )

    def stories(self, count: int, *, hasty: bool) -> Iterator[Story]:
        """A hasty person writes on without waiting for answers, so they tap no buttons."""
        for _ in range(count):
            what = f"希望能{self._chance.choice(_THINGS)}，心愿{self._chance.randbytes(6).hex()}"
            yield self._chance.choice(self._plots)(what, self._chance.choice(self._cells), not hasty)


def _by_command(what: str, cell: Cell, taps: bool) -> Story:
    return Story((*_beginning(what), *_place(cell), *_ending(what, cell, taps)), Wish(what, cell.id, "text"))


def _unprompted(what: str, cell: Cell, taps: bool) -> Story:
    yes = _step(_chosen(titles.YES.zh, taps), texts.SUGGEST_WHERE.zh)
    steps = (_telling(Says(what), texts.UNPROMPTED.zh), yes, *_place(cell), *_ending(what, cell, taps))
    return Story(steps, Wish(what, cell.id, "text"))


def _named_at_once(what: str, cell: Cell, taps: bool) -> Story:
    """The text names the place, so nobody asks for it."""
    whole = f"{cell.name}{what}"
    begun = _step(Says("我要提建议"), texts.SUGGEST_WHAT.zh), _telling(Says(whole), texts.SUGGEST_PHOTOS.zh)
    return Story((*begun, *_ending(whole, cell, taps)), Wish(whole, cell.id, "text"))


def _by_location(what: str, cell: Cell, taps: bool) -> Story:
    located = _telling(Locates(cell.latitude, cell.longitude), texts.SUGGEST_PHOTOS.zh)
    return Story((*_beginning(what), located, *_ending(what, cell, taps)), Wish(what, cell.id, "location"))


def _with_photo(what: str, cell: Cell, taps: bool) -> Story:
    shown = _telling(Shows(), questions.photos_received(1).zh)
    steps = (*_beginning(what), *_place(cell), shown, *_ending(what, cell, taps, photos=1))
    return Story(steps, Wish(what, cell.id, "text", photos=1))


def _second_thoughts(what: str, cell: Cell, taps: bool) -> Story:
    """The place is taken back and given again."""
    first, back = Says(cell.name), Says("返回")
    again = _step(first, texts.SUGGEST_PHOTOS.zh), _step(back, texts.SUGGEST_WHERE.zh)
    steps = (*_beginning(what), *again, *_place(cell), *_ending(what, cell, taps))
    return Story(steps, Wish(what, cell.id, "text"))


def _given_up(what: str, cell: Cell, _: bool) -> Story:
    gone = _step(Says("取消"), everywhere.CANCELLED.zh)
    return Story((*_beginning(what), *_place(cell), gone))


def _beginning(what: str) -> tuple[Step, ...]:
    return _step(Says("提建议"), texts.SUGGEST_WHAT.zh), _telling(Says(what), texts.SUGGEST_WHERE.zh)


def _place(cell: Cell) -> tuple[Step, ...]:
    return (_telling(Says(cell.name), texts.SUGGEST_PHOTOS.zh),)


def _ending(what: str, cell: Cell, taps: bool, photos: int = 0) -> tuple[Step, ...]:
    no_more = titles.DONE.zh if photos else questions.NO_PHOTOS.zh
    summary = Step(_chosen(no_more, taps), (what, cell.title, CONGRESS))
    return summary, _step(_chosen(titles.SUBMIT.zh, taps), THANKS)


def _step(act: Act, answer: str) -> Step:
    return Step(act, (answer,))


def _telling(act: Act, answer: str) -> Step:
    return Step(act, (answer,), tells=True)


def _chosen(first: str, taps: bool) -> Act:
    """The first option of what is shown."""
    return Taps(first) if taps else Says("1")
