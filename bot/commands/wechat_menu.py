"""Set the menu below the chat of the WeChat account (自定义菜单). --dry-run only shows it."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from bot.settings import load_settings
from handlers.catalogue import ROUTES

Button: TypeAlias = Mapping[str, object]  # as the platform wants it: "创建自定义菜单"

# The conversations behind each of the three places. Without a name of its own, a place is its only conversation: what
# most people come for is one tap away. Who has a role finds theirs behind 全部功能.
_PLACES: Sequence[tuple[str, Sequence[str]]] = (
    ("", ("suggest",)),
    ("看进展", ("mine", "support", "nearby", "board")),
    ("更多", ("settings", "human", "menu", "help")),
)
_EVERYWHERE = {"menu": ("全部功能", "菜单"), "help": ("怎么用", "帮助")}  # words that work at any time, not in the menu

_REFUSALS = {
    48001: (
        "这个账号没有自定义菜单的权限：未认证的公众号（订阅号）没有，认证以后就有了；服务号都有（48001）。"
        "没有菜单也能用：居民回复“菜单”即可。"
        "This account may not have a menu: a 公众号 has to be verified (认证) first. People can write 菜单 instead."
    )
}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="show the menu, and tell WeChat nothing")


def run(parsed: argparse.Namespace) -> None:
    buttons = menu()
    if not parsed.dry_run:
        from bot.commands.wechat_account import asked

        asked(load_settings(), lambda api: api.set_menu(buttons), _REFUSALS)
    print("\n".join(_lines(buttons)))
    print(
        "以上只是预览，没有改动。Nothing was changed."
        if parsed.dry_run
        else "菜单已设置，手机上几分钟后能看到。The menu is set; telephones show it within minutes."
    )


def menu() -> list[Button]:
    """At most three buttons with at most five below each; a tap on one says the word that begins its conversation."""
    return [
        {"name": name, "sub_button": [_button(one) for one in within]} if name else _button(within[0])
        for name, within in _PLACES
    ]


def _button(name: str) -> Button:
    label, word = _EVERYWHERE.get(name) or _of_conversation(name)
    return {"type": "click", "name": label, "key": word}


def _of_conversation(name: str) -> tuple[str, str]:
    """What a conversation is called in the menu, and the word that begins it."""
    found = ROUTES.named(name)
    assert found is not None  # noqa: S101  # a test holds the places to the catalogue
    assert found.menu is not None  # noqa: S101  # likewise
    return found.menu.zh, found.starts[0]


def _lines(buttons: Sequence[Button]) -> Iterator[str]:
    for button in buttons:
        within = button.get("sub_button")
        yield str(button["name"]) if within else _line(button)
        yield from (f"  {_line(one)}" for one in within) if isinstance(within, list) else ()


def _line(button: Button) -> str:
    return f"{button['name']}（发送“{button['key']}”）"
