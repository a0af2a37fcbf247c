"""A strict stand-in of the Official Accounts Platform (微信公众平台): a real HTTP server on this machine, which also
calls the bot back."""

from tests.wechat_api.account import AES_KEY, APP_ID, SECRET, TOKEN, Account, Mode, Template
from tests.wechat_api.callbacks import Exchange
from tests.wechat_api.front import Call, errcode, internal_error
from tests.wechat_api.mass import Administrator
from tests.wechat_api.residents import Resident
from tests.wechat_api.screens import FAULT, Screen
from tests.wechat_api.server import WeChatStandIn

__all__ = [
    "AES_KEY",
    "APP_ID",
    "FAULT",
    "SECRET",
    "TOKEN",
    "Account",
    "Administrator",
    "Call",
    "Exchange",
    "Mode",
    "Resident",
    "Screen",
    "Template",
    "WeChatStandIn",
    "errcode",
    "internal_error",
]
