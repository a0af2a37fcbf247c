"""How WeChat and WeCom sign and encrypt what they post to us, and what we answer.

The same for both: "消息加解密说明" of the Official Accounts Platform, "加解密方案说明" of WeCom's developer centre.
"""

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

KEY_LENGTH = 43  # characters of an EncodingAESKey: 32 bytes in base64, without the last "="
_BLOCK = 32  # bytes that PKCS #7 fills up to here, twice the block of AES
_RANDOM = 16  # bytes before the text
_HEAD = _RANDOM + 4  # and its length, big-endian


class NotOurs(Exception):
    """This was not encrypted for us. What is wrong with it is not told, so that nobody can feel their way."""


def signature(*parts: str) -> str:
    """What proves that whoever sent these knows the token, which is one of them."""
    return hashlib.sha1("".join(sorted(parts)).encode(errors="surrogatepass")).hexdigest()  # noqa: S324  # as documented


def is_signed(given: str, *parts: str) -> bool:
    """Whether a signature is that of the parts, in a time that does not tell where it differs."""
    return hmac.compare_digest(given.encode(errors="replace"), signature(*parts).encode())


class MessageCipher:
    """Encrypts and decrypts under an EncodingAESKey for one receiver: an Official Account's app id, or a corp id.

    Raises ValueError for a key that is none.
    """

    def __init__(self, key: str, receiver: str) -> None:
        if len(key) != KEY_LENGTH:
            raise ValueError(f"an EncodingAESKey has {KEY_LENGTH} letters and digits")
        raw = b64decode(key + "=", validate=True)
        self._cipher = Cipher(algorithms.AES(raw), modes.CBC(raw[:16]))
        self._receiver = receiver.encode()

    def encrypt(self, text: bytes, random: bytes = b"") -> str:
        """The text as base64. `random`: 16 bytes to begin with, for those who want the same twice."""
        whole = (random or secrets.token_bytes(_RANDOM)) + len(text).to_bytes(4, "big") + text + self._receiver
        fill = _BLOCK - len(whole) % _BLOCK
        encryptor = self._cipher.encryptor()
        return b64encode(encryptor.update(whole + bytes([fill]) * fill) + encryptor.finalize()).decode()

    def decrypt(self, encrypted: str) -> bytes:
        """The text in it. Raises NotOurs."""
        try:
            raw = b64decode(encrypted, validate=True)
            decryptor = self._cipher.decryptor()
            filled = decryptor.update(raw) + decryptor.finalize()
        except ValueError:
            raise NotOurs from None
        fill = filled[-1] if filled else 0
        end = _HEAD + int.from_bytes(filled[_RANDOM:_HEAD], "big")
        rest = self._receiver + bytes([fill]) * fill
        if not (1 <= fill <= _BLOCK and len(filled) % _BLOCK == 0 and hmac.compare_digest(filled[end:], rest)):
            raise NotOurs
        return filled[_HEAD:end]
