"""The sandbox itself: the program with the invented township, the stand-in of WeChat, and who is played."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import shapely
from sqlalchemy import Engine

from bot.clock import wall_clock
from bot.commands.foundation import prepare
from bot.demo.places import demo_areas
from bot.demo.seed import invitations, seed
from bot.settings import Settings
from handlers.enrolment import INVITE
from handlers.messages import Place
from handlers.texts.words import ROLE
from storage.areas import load_index
from storage.database import open_database, transaction
from storage.domain.roles import Role
from storage.store import Store
from tests.kill.bot_process import BotProcess
from tests.wechat_api import Mode, Template, WeChatStandIn
from tests.wechat_api.account import JsonObject
from tests.wechat_sandbox.players import Player, Spot

_PEOPLE = ("居民甲", "居民乙", "居民丙", "居民丁")
_SPOTS = 3  # places to send a location from
_OF_THE_VERIFIED = {"media/get", "media/upload"}  # besides what the stand-in knows itself ("接口权限说明": 素材管理)
# What an office chooses in the console, and what the program fills in.
_ABOUT_PROPOSALS = "建议：{{thing1.DATA}}\n进展：{{thing2.DATA}}\n时间：{{time3.DATA}}"
_ABOUT_DUTIES = "事项：{{thing2.DATA}}\n项目：{{thing1.DATA}}\n时间：{{time3.DATA}}"
_FILLED_IN = "thing1=about thing2=what time3=at"
_TEMPLATES = {
    "NOTICE_PROPOSAL": ("建议进展通知", _ABOUT_PROPOSALS),
    "NOTICE_DUTY": ("待办事项提醒", _ABOUT_DUTIES),
    "TEMPLATE_PROPOSAL": ("建议进展通知", _ABOUT_PROPOSALS),
    "TEMPLATE_DUTY": ("待办事项提醒", _ABOUT_DUTIES),
}


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code that hangs somewhere, or that the office has handed to somebody."""

    payload: str
    name: str
    is_invite: bool = False


class Sandbox:
    """Use it as a context manager; nothing of it is left afterwards. `active`: the account is verified, and may push;
    `secure`: what WeChat posts is encrypted (安全模式)."""

    def __init__(self, folder: Path, stand_in: WeChatStandIn) -> None:
        self._stand_in, self._account = stand_in, stand_in.account
        self._settings = {"MINSHENG_DATA_DIR": str(folder)}
        self._bot = BotProcess(folder, self._settings)
        self._settings["MINSHENG_PUBLIC_URL"] = self.address
        stand_in.calls_back(f"{self.address}/wechat")
        self._account.pages.hosts.add("127.0.0.1")
        self.active, self.secure = False, True
        self.codes = _township(Settings(data_dir=folder, database_url="", log_level="error"))
        self.spots = _spots()
        self.players = {
            number: Player(number, name, stand_in.resident(f"oPlainlyInvented{number:02}", follows=False), self.address)
            for number, name in enumerate(_PEOPLE, 1)
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._bot.__exit__(*error)

    @property
    def address(self) -> str:
        """Where the program is."""
        return f"http://{self._bot.address}"

    @property
    def menu(self) -> Sequence[JsonObject]:
        """As WeChat has it from the program."""
        return self._account.menu

    async def start(self) -> None:
        """Return when people can write, and the menu is set. Raises BotFailed."""
        self._account.mode = Mode.SECURE if self.secure else Mode.PLAIN
        self._account.is_verified = self.active
        self._account.denied = set() if self.active else set(_OF_THE_VERIFIED)
        self._settings |= {**self._stand_in.settings, "MINSHENG_WECHAT__ACTIVE": str(self.active).lower()}
        self._settings |= self._templates()
        self._bot.start()
        await self._bot.ready()
        if not self.menu:
            await self._bot.command("wechat-menu")

    def _templates(self) -> dict[str, str]:
        """The settings of those that the account has, if it may have any."""
        settings = {}
        for name, (title, content) in _TEMPLATES.items():
            template = f"PlainlyInvented_{name}".ljust(43, "0")
            self._account.templates[template] = Template(title, content, is_notice=name.startswith("NOTICE"))
            settings[f"MINSHENG_WECHAT__{name}"] = f"{template} {_FILLED_IN}" if self.active else ""
        return settings

    async def change(self, *, active: bool, secure: bool) -> None:
        """Make the account of another kind, which takes a new start of the program. Raises BotFailed."""
        await self._bot.stop()
        self.active, self.secure = active, secure
        await self.start()


def _spots() -> list[Spot]:
    """Somewhere inside of the first cells."""
    found = []
    for area in demo_areas():
        drawn = shapely.from_wkb(area.polygon) if area.polygon else None
        if drawn:
            middle = drawn.representative_point()
            found.append(Spot(area.aliases[0] if area.aliases else area.name, Place(middle.y, middle.x)))
    return found[:_SPOTS]


def _township(settings: Settings) -> list[Code]:
    """Make it, and find the codes to scan there."""
    prepare(settings)
    engine = open_database(settings.database)
    try:
        seed(engine, wall_clock)
        with transaction(engine) as unit:
            hanging = list(_hanging(Store(unit, wall_clock(), load_index(unit))))
        return [*hanging, *_handed_out(engine)]
    finally:
        engine.dispose()


def _hanging(store: Store) -> list[Code]:
    cell = next(area for row in demo_areas() if row.polygon and (area := store.areas.by_code(row.code)))
    deputy = store.people.holders(store.congresses.all()[0].id, Role.DEPUTY)[0]
    name = store.people.get(deputy.person_id).name
    return [
        Code("s-1", "代表之家"),
        Code(f"c-{cell.id}", store.areas.title(cell)),
        Code(f"d-{deputy.id}", f"{name}代表"),
        Code("", "账号自己的二维码"),
    ]


def _handed_out(engine: Engine) -> list[Code]:
    found = invitations(engine, wall_clock)
    return [Code(f"{INVITE}-{one.code}", f"邀请码：{ROLE[one.role].zh}（{one.name}）", is_invite=True) for one in found]
