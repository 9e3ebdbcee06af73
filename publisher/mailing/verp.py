"""Codes that name a delivery and that only this site can have made: in return paths and in Message-IDs.

A code is base32 of two numbers and a keyed digest of them, in small letters, for mail systems may fold the
case of a local part. It needs no row in any table to be read again.
"""

from __future__ import annotations

import hmac
import re
from functools import lru_cache

from publisher.model import DeliveryKey

_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [one + other for one in _LETTERS for other in _LETTERS]
_SHIFTS = range(150, -1, -10)
_VALUES = {letter: value for value, letter in enumerate(_LETTERS)}
_MAC_BYTES = 10
_RETURN_PATH = "return path"
_MESSAGE = "message"
_CODE = re.compile(r"(?<![a-z2-7])[a-z2-7]{32}(?![a-z2-7])")
_MOST_CANDIDATES = 8

CODE_LENGTH = 32
"""Letters of a code."""


def encode(secret: str, address: str, edition: int, subscriber: int) -> str:
    """The return path of one message (RFC 5321, section 4.4): `address` with the code behind ``+``.

    Numbers beyond 32 bits for the edition and 48 for the subscriber raise `OverflowError`.
    """
    local, at, domain = address.rpartition("@")
    return f"{local}+{_code(secret, _RETURN_PATH, edition, subscriber)}{at}{domain}"


def decode(secret: str, recipient: str) -> DeliveryKey | None:
    """The delivery whose return path `recipient` is; none where the code is not ours.

    The case may have been folded, and what stands around the code be anything: relays that forward put words
    of their own before it (``prvs=…=``, ``SRS0=…``).
    """
    return _find(secret, _RETURN_PATH, recipient)


def message_name(secret: str, edition: int, subscriber: int) -> str:
    """What stands before the ``@`` in the Message-ID of a delivery."""
    return _code(secret, _MESSAGE, edition, subscriber)


def named_in(secret: str, message_ids: str) -> DeliveryKey | None:
    """The first delivery of ours whose Message-ID stands in `message_ids`, one or several of them."""
    return _find(secret, _MESSAGE, message_ids)


def _code(secret: str, purpose: str, edition: int, subscriber: int) -> str:
    numbers = edition.to_bytes(4, "big") + subscriber.to_bytes(6, "big")
    bits = int.from_bytes(numbers + _mac(secret, purpose, numbers), "big")
    return "".join([_PAIRS[bits >> shift & 1023] for shift in _SHIFTS])


def _find(secret: str, purpose: str, text: str) -> DeliveryKey | None:
    # `lower` may lengthen a text of other scripts, never one of ours.
    for found in _CODE.findall(text.lower())[:_MOST_CANDIDATES]:
        bits = 0
        for letter in found:
            bits = bits << 5 | _VALUES[letter]
        whole = bits.to_bytes(20, "big")
        numbers, mac = whole[:-_MAC_BYTES], whole[-_MAC_BYTES:]
        if hmac.compare_digest(mac, _mac(secret, purpose, numbers)):
            return int.from_bytes(numbers[:4], "big"), int.from_bytes(numbers[4:], "big")
    return None


def _mac(secret: str, purpose: str, numbers: bytes) -> bytes:
    keyed = _keyed(secret, purpose).copy()
    keyed.update(numbers)
    return keyed.digest()[:_MAC_BYTES]


@lru_cache(8)
def _keyed(secret: str, purpose: str) -> hmac.HMAC:
    # Keyed once: for each message only the numbers are left to hash.
    return hmac.new(secret.encode(), f"{purpose}\0".encode(), "sha256")
