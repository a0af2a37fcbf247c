"""The calls of the API, strict about every parameter: what stands in no document is a malpractice."""

import json
import re
from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any

from tests.bot_api.http_server import Response
from tests.bot_api.parameters import Upload
from tests.wechat_api.account import Account, JsonObject
from tests.wechat_api.refusals import Malpractice, Refusal
from tests.wechat_api.screens import Screen

TEXT_LIMIT = 2048  # bytes
IMAGE_LIMIT = 10 * 1024 * 1024  # bytes
LONGEST_CODE = 2_592_000  # seconds: 30 days
_ESCAPED = re.compile(rb"(?<!\\)(?:\\\\)*\\u")
_IMAGES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"GIF8": "image/gif"}


def read_json(body: bytes) -> JsonObject:
    """The parameters in a body: an object, in real characters. Raises Malpractice."""
    if _ESCAPED.search(body):
        raise Malpractice(40033, "a \\u escape, which residents would read")
    try:
        found = json.loads(body.decode())
    except ValueError:
        raise Malpractice(47001, "a body that is no JSON in UTF-8") from None
    if not isinstance(found, dict):
        raise Malpractice(47001, "a body that is no object")
    return found


def exactly(given: object, fields: Mapping[str, type], optional: Mapping[str, type] = {}) -> JsonObject:
    """An object with these fields and no others. Raises Malpractice."""
    if not isinstance(given, dict):
        raise Malpractice(47001, f"an object expected with {', '.join(fields)}")
    known = {**fields, **optional}
    for name, value in given.items():
        # In JSON true is no number.
        if name not in known or not isinstance(value, known[name]) or isinstance(value, bool) != (known[name] is bool):
            raise Malpractice(40035, f"field {name}")
    if missing := [name for name in fields if name not in given]:
        raise Malpractice(40035, f"no field {missing[0]}")
    return given


# --- customer service messages: "客服接口-发消息"


def _send(account: Account, given: JsonObject) -> JsonObject:
    kind = str(given.get("msgtype"))
    if kind not in _SHOWN:
        raise Malpractice(40008, "msgtype")
    exactly(given, {"touser": str, "msgtype": str, kind: dict})
    screen = _SHOWN[kind](account, given[kind])
    follower = account.followers.get(given["touser"])
    if follower is None:
        raise Refusal(40003)
    follower.spend(account.clock())
    follower.screens.append(screen)
    return {}


def _text(account: Account, given: JsonObject) -> Screen:
    text = exactly(given, {"content": str})["content"]
    _sized(text)
    return Screen("text", account.clock(), text)


def _image(account: Account, given: JsonObject) -> Screen:
    media = account.kept(exactly(given, {"media_id": str})["media_id"])
    if media.kind != "image":
        raise Refusal(40004)
    return Screen("image", account.clock(), picture=media.content)


def _menu_in_chat(account: Account, given: JsonObject) -> Screen:
    exactly(given, {"head_content": str, "list": list}, {"tail_content": str})
    items = [exactly(item, {"id": str, "content": str}) for item in given["list"]]
    choices = tuple((item["id"], item["content"]) for item in items)
    if not choices or not all(chain.from_iterable(choices)) or len({number for number, _ in choices}) < len(choices):
        raise Malpractice(40035, "list")
    head, tail = given["head_content"], given.get("tail_content", "")
    _sized("".join((head, tail, *chain.from_iterable(choices))))
    return Screen("msgmenu", account.clock(), "\n".join(filter(None, (head, tail))), choices)


def _sized(text: str) -> None:
    if not text.strip():
        raise Malpractice(44004, "an empty text")
    if len(text.encode()) > TEXT_LIMIT:
        raise Refusal(45002)


_SHOWN: Mapping[str, Callable[[Account, JsonObject], Screen]] = {
    "text": _text,
    "image": _image,
    "msgmenu": _menu_in_chat,
}


# --- files: "新增临时素材", "获取临时素材"


def upload(account: Account, kind: str, files: Mapping[str, Upload]) -> JsonObject:
    """media/upload, of pictures alone: nothing else is sent."""
    if kind != "image":
        raise Malpractice(40004, f"type {kind}")
    if set(files) != {"media"} or not files["media"].name:
        raise Malpractice(41005, "no file named media")
    content = files["media"].content
    media_type = next((name for begin, name in _IMAGES.items() if content.startswith(begin)), "")
    if not media_type:
        raise Refusal(40005)
    if len(content) > IMAGE_LIMIT:
        raise Refusal(40009)
    media_id = account.keep("image", content, media_type)
    return {"type": "image", "media_id": media_id, "created_at": int(account.clock().timestamp())}


def download(account: Account, media_id: object, address: str) -> Response:
    """media/get. A video is had from elsewhere, at the address in the answer."""
    media = account.kept(media_id)
    if media.kind == "video":
        return Response(json.dumps({"video_url": f"{address}/video/{media_id}"}).encode())
    named = (("Content-disposition", f'attachment; filename="{media_id}"'),)
    return Response(media.content, content_type=media.media_type, headers=named)


# --- codes and menus: "生成带参数的二维码", "创建自定义菜单"


def _code(account: Account, given: JsonObject) -> JsonObject:
    exactly(given, {"action_name": str, "action_info": dict}, {"expire_seconds": int})
    scene = exactly(exactly(given["action_info"], {"scene": dict})["scene"], {"scene_str": str})["scene_str"]
    if not 1 <= len(scene) <= 64:
        raise Malpractice(40053, "scene_str")
    lasts = given.get("expire_seconds")
    if given["action_name"] == "QR_STR_SCENE":
        if lasts is None or not 1 <= lasts <= LONGEST_CODE:
            raise Malpractice(40052, "expire_seconds")
    elif given["action_name"] != "QR_LIMIT_STR_SCENE" or lasts is not None:
        raise Malpractice(40052, "action_name")
    number = f"{account.next_number():032d}"
    url = f"http://weixin.qq.com/q/02{number}"
    account.codes[url] = scene
    return {"ticket": f"gQ{number}", "url": url, **({"expire_seconds": lasts} if lasts else {})}


def _menu(account: Account, given: JsonObject) -> JsonObject:
    buttons = exactly(given, {"button": list})["button"]
    if not 1 <= len(buttons) <= 3:
        raise Malpractice(40016, "one to three buttons")
    for button in buttons:
        if "sub_button" not in button:
            _button(button, 16, 40018)
            continue
        exactly(button, {"name": str, "sub_button": list})
        _named(button, 16, 40018)
        if not 1 <= len(button["sub_button"]) <= 5:
            raise Malpractice(40023, "one to five buttons below one")
        for one in button["sub_button"]:
            _button(one, 60, 40025)
    account.menu = buttons
    return {}


def _button(button: Any, name_limit: int, code: int) -> None:
    kind = button.get("type") if isinstance(button, dict) else None
    if kind not in ("click", "view"):
        raise Malpractice(40017, "type of a button")
    what = "key" if kind == "click" else "url"
    exactly(button, {"type": str, "name": str, what: str})
    _named(button, name_limit, code)
    if not 1 <= len(button[what].encode()) <= (128 if kind == "click" else 1024):
        raise Malpractice(40019, what)


def _named(button: JsonObject, limit: int, code: int) -> None:
    if not 1 <= len(button["name"].encode()) <= limit:
        raise Malpractice(code, "name of a button")


CALLS: Mapping[str, Callable[[Account, JsonObject], JsonObject]] = {
    "message/custom/send": _send,
    "qrcode/create": _code,
    "menu/create": _menu,
}
