"""A tap overtakes the message that was written before it: it is handed in first, or at the same moment elsewhere."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine

from handlers.texts import questions, titles
from tests.bot.program_stage import PATIENCE
from tests.bot_api import BotApiStandIn, Person
from tests.bot_api.parameters import JsonObject
from tests.faults.replicas import Replicas, replicas
from tests.kill.congress import Cell, found_congress
from tests.kill.stories import THANKS
from tests.kill.verdict import Records, told

PEOPLE = 10
_FIRST_CHAT = 80_001
_BOT = BotApiStandIn().token.partition(":")[0]


@dataclass
class Hasty:
    """Somebody who taps right after they wrote. `sent` are the keys of all that they did, `shown` those of photos by
    the text that they belong to."""

    person: Person
    replicas: Replicas
    platform: BotApiStandIn
    cell: Cell
    sent: list[str] = field(default_factory=list)
    shown: dict[str, str] = field(default_factory=dict)

    async def live(self, numbers: Sequence[int]) -> None:
        """A proposal for each number: a photo is overtaken by "no photos" or "done", a remark by "submit"."""
        for number in numbers:
            await self._hands(number, self.person.says("提建议"))
            what = f"希望修一修第{number}段路"
            await self._hands(number, self.person.says(what))
            await self._hands(number + 1, self.person.says(self.cell.name))
            photo = self.person.sends_photo()
            self.shown[what] = self._key(photo)
            await self._overtakes(number, self._taps(questions.NO_PHOTOS.zh), photo)
            if not self._has_button(titles.SUBMIT.zh):
                await self._hands(number, self._taps(titles.DONE.zh))
            remark = self.person.says("谢谢大家")
            await self._overtakes(number, self._taps(titles.SUBMIT.zh), remark)
            await self._hands(number, self.person.says("取消"))  # the remark, if it began something

    async def _overtakes(self, number: int, tap: JsonObject, message: JsonObject) -> None:
        """Every other time both come at the same moment."""
        first = asyncio.create_task(self._hands(number, tap))
        if number % 2:
            await first
        await self._hands(number + 1, message)
        await first

    async def _hands(self, at: int, update: JsonObject) -> None:
        self.sent.append(self._key(update))
        await self.replicas.post(at, update)
        await self.platform.wait_until_async(lambda: len(self.person.inbox) >= len(self.sent), timeout=PATIENCE)

    def _taps(self, label: str) -> JsonObject:
        return self.person.taps(next(button.text for button in self.person.buttons if label in button.text))

    def _has_button(self, label: str) -> bool:
        return any(label in button.text for button in self.person.buttons)

    def _key(self, update: JsonObject) -> str:
        if "callback_query" in update:
            return f"cb:{update['callback_query']['id']}"
        return f"{_BOT}:{self.person.id}:{update['message']['message_id']}"


async def overtaken(engine: Engine, url: str, folder: Path, rounds: int) -> list[str]:
    """So many times a tap overtakes; whatever is wrong in the end."""
    cells = await asyncio.to_thread(found_congress, url)
    people = min(PEOPLE, max(1, rounds // 2))
    with BotApiStandIn() as platform:
        async with replicas(engine, url, folder, platform) as both:
            crowd = [
                Hasty(platform.person(_FIRST_CHAT + at), both, platform, cells[at % len(cells)]) for at in range(people)
            ]
            shares = [range(at, rounds // 2, people) for at in range(people)]
            await asyncio.gather(*(one.live(share) for one, share in zip(crowd, shares, strict=True)))
            await both.sent()
        return [*_wrong(Records(engine), crowd, rounds // 2), *platform.violations]


def _wrong(records: Records, crowd: Sequence[Hasty], wishes: int) -> list[str]:
    problems = list(records.leftovers())
    sent = [key for one in crowd for key in one.sent]
    if sorted(sent) != sorted(key for _, key in records.incoming):
        problems.append(f"{len(records.incoming)} messages are stored of {len(sent)}")
    if len(records.outgoing) != len(sent):
        problems.append(f"{len(records.outgoing)} replies to {len(sent)} messages")
    made = {proposal.body: number for number, proposal in records.proposals.items()}
    if len(made) != len(records.proposals) or len(made) != wishes:
        problems.append(f"{wishes} wishes became {len(records.proposals)} proposals")
    for one in crowd:
        account = records.people["telegram", str(one.person.id)].id
        said = [row.text for row in records.outgoing if row.account_id == account]
        wrong, twice = told(said, [message.text for message in one.person.inbox])
        problems += wrong + ([f"{twice} replies came twice"] if twice else [])
        if sum(text.startswith(THANKS) for text in said) != len(one.shown):
            problems.append(f"{one.person.id} was thanked for something else")
        for what, photo in one.shown.items():
            message = records.incoming["telegram", photo].id
            if not records.links["proposal", made[what], message]:
                problems.append(f"the photo of proposal {made[what]} is not with it")
    return problems
