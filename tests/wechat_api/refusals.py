"""Refusals in the words of WeChat's API ("全局返回码", and what users of it quote)."""

import json

_SENTENCES = {
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40004: "invalid media type",
    40005: "invalid file type",
    40007: "invalid media_id",
    40008: "invalid message type",
    40009: "invalid image size",
    40013: "invalid appid",
    40016: "invalid button size",
    40017: "invalid button type",
    40018: "invalid button name size",
    40019: "invalid button key size",
    40023: "invalid sub button size",
    40025: "invalid sub button name size",
    40033: "invalid charset. please check your request, if include \\uxxxx will create fail!",
    40035: "invalid parameter",
    40059: "invalid msg id",
    40125: "invalid appsecret",
    40164: "invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist",
    40037: "invalid template_id",
    41001: "access_token missing",
    41005: "media data missing",
    42001: "access_token expired",
    43002: "require POST method",
    43004: "require subscribe",
    43101: "user refuse to accept the msg",
    44004: "empty content",
    45002: "content size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    45066: "clientmsgid retry too fast",
    45065: "clientmsgid exist",
    47001: "data format error",
    47003: "argument invalid!",
    48001: "api unauthorized",
    50002: "user limited",
    -1: "system error",
}


class Refusal(Exception):
    """An errcode other than 0. It comes with status 200, as everything does."""

    def __init__(self, code: int, sentence: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence or _SENTENCES.get(code, "refused")

    def body(self) -> bytes:
        """What is answered; `rid` names the request, for the platform's support."""
        return json.dumps({"errcode": self.code, "errmsg": f"{self.sentence} rid: 6a25f3b1-0badcafe-12345678"}).encode()


class Malpractice(Refusal):
    """One that only a faulty bot can meet; the stand-in also collects it as a violation."""

    def __init__(self, code: int, what: str) -> None:
        super().__init__(code)
        self.what = what
