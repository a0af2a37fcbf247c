"""Signatures and cipher: against what others recorded, against two independent libraries, and against forgers."""

from base64 import b64decode, b64encode
from typing import NamedTuple

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import example, given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto
from wechatpy.enterprise.crypto import WeChatCrypto as WeComCrypto
from wechatpy.exceptions import InvalidSignatureException
from wechatpy.utils import check_signature
from werobot.crypto import MessageCrypt
from werobot.utils import get_signature

from bot.channels.wechat_body import parse, text_of
from bot.channels.wechat_cipher import MessageCipher, NotOurs, is_signed, signature

KEY, TOKEN, APP = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "pamtest", "wxb11529c136998cb6"
OURS = MessageCipher(KEY, APP)
BLOCK = 32
LONG = "村口的路灯坏了😀]]>" * 2400  # 60 KB and more

texts = st.text(st.sampled_from("村口路灯坏了，。abc01<>&]😀👨‍👩‍👧\n\t")) | st.text() | st.just("]]>")
parts = st.text(st.characters(codec="ascii"))


class Recorded(NamedTuple):
    """Something that WeChat, or another program, once signed and encrypted."""

    token: str
    key: str
    receiver: str
    timestamp: str
    nonce: str
    encrypted: str
    signature: str
    text: str
    random: str = ""


# The documented example: developers.weixin.qq.com/miniprogram/dev/framework/server-ability/message-push.html, and
# developers.weixin.qq.com/doc/subscription/guide/dev/push/encryption.html.
DOCUMENTED = Recorded(
    "AAAAA",
    "A" * 43,
    "wxba5fad812f8e6fb9",
    "1713424427",
    "415670741",
    "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==",
    "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1",
    '{"demo_resp":"good luck"}',
    "707722b803182950",
)
# WxJava, WxCryptUtilTest.java at 9eba04dce957; it signs nothing.
WX_JAVA = Recorded(
    TOKEN,
    KEY,
    APP,
    "",
    "",
    "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg==",
    "",
    "我是中文abcd123",
    "aaaabbbbccccdddd",
)
# w7corp/easywechat, tests/Kernel/EncryptorTest.php at 7a93b804935c.
EASY_WECHAT = Recorded(
    TOKEN,
    KEY,
    APP,
    "1458300676",
    "260774613",
    "rTNFcsut4LfGuAFKEUVVpwcaCOTJzOd9twZdIW910jb3k+iicx2uvhttIZ3Qg9Qgty3BEF2xbOrz6boTfb30dMomcgrkTqdFPwnhqbk+kIQ7rZiwny9D"
    "7NUrTgA5kpX3KsZvrXzUZyP2x9YOlxbgm572lmxKvM7HAQQhIQ/p6HBmoY30bGXFK0BtIu1pW9TjhOYrLQoU18nWYjWqDA1ynkmOytpv7QRI1P1+0NoxL0q2"
    "zO1DgeSvnE8CZGo/o5Ap/WHK5W2RAsinpzN4/LjPnmB6U01I5XCoJoC0GK/yMZycd2Oh8Nq6+wBkC1U85oy0ktOY4nLvsQMLrourmMGdZHuTbqpeJ8Ao/5PR"
    "YJ+WBvRUwPfGKBL2+2IKZF49vAJqkcGWSHGE76ZN2erXeuNazf/o9o3lIE3q739o4c8t9QGPe31GT2Go/rOz1BsrASwvauNulCh+++yz+CQzBIuikA==",
    "4f3ad57b6989f09f4eb392acce4f9e93942ed890",
    "<xml><URL><![CDATA[http://wechat.laravel.so/server]]></URL><ToUserName><![CDATA[asdasdasd]]></ToUserName>"
    "<FromUserName><![CDATA[asdasdasdsadasd]]></FromUserName><CreateTime>1234567898</CreateTime>"
    "<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[hello]]></Content><MsgId>12345</MsgId></xml>",
)
# WeCom's own samples (weworkapi_golang sample.go), in easywechat's tests/Work/ServerTest.php at 7a93b804935c.
WECOM_ECHO = Recorded(
    "QDG6eK",
    "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
    "wx5823bf96d3bd56c7",
    "1409659589",
    "263014780",
    "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==",
    "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3",
    "1616140317555161061",
)
WECOM_TEXT = Recorded(
    "QDG6eK",
    "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
    "wx5823bf96d3bd56c7",
    "1409659813",
    "1372623149",
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUk"
    "SUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZi"
    "qATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Nc"
    "x4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q==",
    "477715d11cdb4164915debcba66cb864d751f3e6",
    "<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName>\n<FromUserName><![CDATA[mycreate]]></FromUserName>\n"
    "<CreateTime>1409659813</CreateTime>\n<MsgType><![CDATA[text]]></MsgType>\n<Content><![CDATA[hello]]></Content>\n"
    "<MsgId>4561255354251345929</MsgId>\n<AgentID>218</AgentID>\n</xml>",
)
# wechatpy, tests/test_crypto.py at 5b8502e3bc4a, which does not tell the text.
WECHATPY_ECHO = Recorded(
    "123456",
    "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR",
    "wx49f0ab532d5d035a",
    "1411443780",
    "437374425",
    "4ByGGj+sVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1+bXFXDQQb1o6co6Yh9Bv41n7hOchLF6p+Q==",
    "dd6b9c95b495b3f7e2901bfbc76c664930ffdb96",
    "5927782489442352469",
)
RECORDED = [DOCUMENTED, WX_JAVA, EASY_WECHAT, WECOM_ECHO, WECOM_TEXT, WECHATPY_ECHO]


# --- what others recorded


@pytest.mark.parametrize("one", RECORDED)
def test_what_others_encrypted_is_read(one: Recorded) -> None:
    assert MessageCipher(one.key, one.receiver).decrypt(one.encrypted).decode() == one.text


@pytest.mark.parametrize("one", [one for one in RECORDED if one.random])
def test_the_same_random_bytes_encrypt_to_the_same(one: Recorded) -> None:
    assert MessageCipher(one.key, one.receiver).encrypt(one.text.encode(), one.random.encode()) == one.encrypted


@pytest.mark.parametrize("one", [one for one in RECORDED if one.signature])
def test_what_others_signed_is_believed(one: Recorded) -> None:
    assert is_signed(one.signature, one.token, one.timestamp, one.nonce, one.encrypted)
    assert not is_signed(one.signature, one.token + "x", one.timestamp, one.nonce, one.encrypted)


def test_the_documented_verification() -> None:
    # The same page as DOCUMENTED.
    given = signature("AAAAA", "1714036504", "1514711492")
    assert given == "f464b24fc39322e44b38aa78f5edd27bd1441696"


def test_words_are_signed_like_figures() -> None:
    # node-webot/wechat-crypto, test/crypto.test.js at 50353375b4fd.
    given = signature("RMNlACHlV5ThzfRlVS4D4", "timestamp", "nonce", "encrypt")
    assert given == "8edac0945683c119ee71c9f6256d76c48aa08a96"


# --- independent libraries


@given(parts, parts, parts)
def test_others_believe_our_signature(token: str, timestamp: str, nonce: str) -> None:
    ours = signature(token, timestamp, nonce)
    check_signature(token, ours, timestamp, nonce)
    assert ours == get_signature(token, timestamp, nonce)


@given(parts, st.text(st.sampled_from("0123456789abcdef"), min_size=40, max_size=40))
def test_we_believe_a_signature_just_when_others_do(token: str, forged: str) -> None:
    assert not is_signed(forged, token, "1", "2")
    with pytest.raises(InvalidSignatureException):
        check_signature(token, forged, "1", "2")


@given(texts)
@example("")
@example(LONG)
def test_others_read_what_we_encrypt(text: str) -> None:
    encrypted = OURS.encrypt(text.encode(errors="replace"))
    proof = signature(TOKEN, "1458300676", "7", encrypted)
    wanted = text.encode(errors="replace").decode()
    for peer in (WeChatCrypto(TOKEN, KEY, APP), WeComCrypto(TOKEN, KEY, APP)):
        assert peer.decrypt_message({"Encrypt": encrypted}, proof, "1458300676", "7") == wanted
    read = MessageCrypt(TOKEN, KEY, APP).decrypt_message("1458300676", "7", proof, encrypted)
    assert read.decode() == wanted


@given(texts)
@example("")
@example(LONG)
def test_we_read_what_others_encrypt(text: str) -> None:
    wanted = text.encode(errors="replace")
    for peer in (WeChatCrypto(TOKEN, KEY, APP), WeComCrypto(TOKEN, KEY, APP)):
        assert _opened(peer.encrypt_message(wanted.decode(), "7", "1458300676")) == wanted
    assert _opened(MessageCrypt(TOKEN, KEY, APP).encrypt_message(wanted.decode(), "1458300676", "7")) == wanted


def _opened(wrapped: str) -> bytes:
    """What is in an encrypted answer of another library's."""
    fields = parse(wrapped.encode())
    timestamp, nonce, encrypted = (text_of(fields, name) for name in ("TimeStamp", "Nonce", "Encrypt"))
    assert is_signed(text_of(fields, "MsgSignature"), TOKEN, timestamp, nonce, encrypted)
    return OURS.decrypt(encrypted)


# --- forgers


def _raw(whole: bytes, key: str = KEY) -> str:
    """Encrypted as it stands, whatever it is; a multiple of 16 bytes."""
    secret = b64decode(key + "=")
    encryptor = Cipher(algorithms.AES(secret), modes.CBC(secret[:16])).encryptor()
    return b64encode(encryptor.update(whole) + encryptor.finalize()).decode()


def _whole(text: bytes, *, receiver: str = APP, length: int | None = None) -> bytes:
    stated = len(text) if length is None else length
    return b"r" * 16 + stated.to_bytes(4, "big") + text + receiver.encode()


def _filled(whole: bytes) -> bytes:
    fill = BLOCK - len(whole) % BLOCK
    return whole + bytes([fill]) * fill


def _is_refused(encrypted: str) -> bool:
    """For one reason, and that is not told."""
    with pytest.raises(NotOurs) as refused:
        OURS.decrypt(encrypted)
    assert (str(refused.value), refused.value.__cause__) == ("", None)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
    return True


def test_what_is_forged_here_would_be_read_if_it_were_right() -> None:
    assert OURS.decrypt(_raw(_filled(_whole(b"hello")))) == b"hello"


@pytest.mark.parametrize(
    "whole",
    [
        _filled(_whole(b"hello", receiver="wxb11529c136998cb7")),
        _filled(_whole(b"hello", receiver="")),
        _filled(_whole(b"hello", receiver=APP + "x")),
        _filled(_whole(b"hello", length=4)),
        _filled(_whole(b"hello", length=6)),
        _filled(_whole(b"hello", length=2**32 - 1)),
        _filled(b""),
        _filled(b"r" * 16),
        _filled(b"r" * 19),
        b"\0" * BLOCK,
        _whole(b"h" * 26) + bytes([64]) * 64,  # filled up with more than a block; its length fits
        _whole(b"h" * 26) + b"\0" * 64,
        bytes([33]) * 64,
        bytes([255]) * 256,
        _filled(_whole(b"hello"))[:-1] + b"\0",
        _filled(_whole(b"hello"))[:-2] + b"\1\2",
        (_whole(b"12345678" * 4 + b"123") + bytes([7]) * 7)[: 16 * 5],  # filled up to 16, not to 32
    ],
    ids=repr,
)
def test_nothing_else_is_read(whole: bytes) -> None:
    assert _is_refused(_raw(whole))


def test_no_receiver_is_no_key_to_everything() -> None:
    nobodys = MessageCipher(KEY, "")
    assert nobodys.decrypt(_raw(_filled(_whole(b"hello", receiver="")))) == b"hello"
    with pytest.raises(NotOurs):
        nobodys.decrypt(_raw(_filled(_whole(b"hello", receiver="", length=6))))


def test_what_was_encrypted_under_another_key_is_not_read() -> None:
    assert _is_refused(_raw(_filled(_whole(b"hello")), DOCUMENTED.key))


@given(st.binary(max_size=400).map(lambda junk: b64encode(junk).decode()) | st.text())
@example("")
@example("=")
@example("路灯")
@example("\ud800")
@example(" " + EASY_WECHAT.encrypted)
@example(EASY_WECHAT.encrypted[:100] + "\n" + EASY_WECHAT.encrypted[100:])
def test_junk_is_refused(encrypted: str) -> None:
    assert _is_refused(encrypted)


@given(st.data())
def test_a_flipped_bit_never_yields_another_sender_or_another_error(data: st.DataObject) -> None:
    raw = bytearray(b64decode(EASY_WECHAT.encrypted))
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    try:
        text = OURS.decrypt(b64encode(raw).decode())
    except NotOurs:
        return
    # Two blocks in the middle are changed; that is what the signature is there for.
    assert text != EASY_WECHAT.text.encode()
    assert not is_signed(
        EASY_WECHAT.signature, TOKEN, EASY_WECHAT.timestamp, EASY_WECHAT.nonce, b64encode(raw).decode()
    )


@given(st.integers(0, len(EASY_WECHAT.encrypted) - 1))
def test_what_is_cut_off_is_refused(length: int) -> None:
    assert _is_refused(EASY_WECHAT.encrypted[:length])


@given(st.text(), st.lists(st.text(), max_size=4))
@example("ä", ["\ud800", "路"])
def test_no_text_breaks_a_comparison(given_signature: str, signed: list[str]) -> None:
    assert is_signed(given_signature, *signed) == (given_signature == signature(*signed))


@given(texts)
def test_no_two_messages_begin_alike(text: str) -> None:
    plain = text.encode(errors="replace")
    assert OURS.encrypt(plain) != OURS.encrypt(plain)


@pytest.mark.parametrize("key", ["", "A" * 42, "A" * 44, "-" * 43, "路" * 43, "A" * 42 + "="])
def test_no_key_is_none(key: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        MessageCipher(key, APP)
    assert not key or key not in str(refused.value)
