"""Quoted-printable (RFC 2045, section 6.7), made piece by piece, so that pieces can be put together later.

What one person gets of his own stands between soft line breaks: whatever its length, the pieces around
it stay as they are. No line begins with a dot, which SMTP would double (RFC 5321, section 4.5.2), nor
with "From ", which mailbox files would change.
"""

from __future__ import annotations

import re
from binascii import b2a_qp
from functools import lru_cache

SOFT = b"=\r\n"
"""A line break that is none."""

_WIDTH = 75
"""Octets of a line beside the sign of a soft line break."""
_AT_START = re.compile(rb"\n(?:\.|From )[^\n]*")
_SIMPLE = re.compile(rb"(?!\.)[!-<>-~]*")
_OTHER = re.compile(rb"[^!-<>-~]")


def between(text: str, *, follows: bool, leads: bool) -> bytes:
    r"""A piece that all share; its lines end in ``\n`` and never in a blank.

    `follows`: it comes behind something of a person's own. `leads`: such a thing comes behind it.
    """
    # A letter behind it takes the place of the soft line break, and keeps a blank from being the last.
    coded = b2a_qp(text.encode() + b"x")[:-1] if leads else b2a_qp(text.encode())
    coded = _AT_START.sub(_started, b"\n" + coded)[1:].replace(b"\n", b"\r\n")
    if leads and coded and not coded.endswith(b"\n"):
        coded += SOFT
    if follows and (coded or leads) and not coded.startswith(b"\r\n"):
        coded = SOFT + coded
    return coded


@lru_cache(maxsize=16)
def own(value: bytes) -> bytes:
    """Something of a person's own, in lines of its own; blanks in it are encoded.

    It is remembered for a while, since most stands in both texts of a message.
    """
    if _SIMPLE.fullmatch(value):
        if len(value) <= _WIDTH:
            return value
        lines = SOFT.join([value[start : start + _WIDTH] for start in range(0, len(value), _WIDTH)])
        if b"\n." not in lines:
            return lines
    step = _WIDTH // len("=XX")
    return SOFT.join(_line(value[start : start + step]) for start in range(0, len(value), step))


def _line(raw: bytes) -> bytes:
    coded = _OTHER.sub(lambda found: b"=%02X" % ord(found[0]), raw)
    return b"=2E" + coded[1:] if coded.startswith(b".") else coded


def _started(line: re.Match[bytes]) -> bytes:
    """A line with its first octet encoded, alone where there is no room for it."""
    first, rest = b"\n=%02X" % line[0][1], line[0][2:]
    if len(first) + len(rest) <= _WIDTH:
        return first + rest
    return first + b"=" + _AT_START.sub(_started, b"\n" + rest)
