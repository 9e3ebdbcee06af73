"""A message in parts (RFC 2045, RFC 2046), whatever somebody may have sent: bounded in size, depth and time.

What is beyond a bound is left out without a word, for a report says what it has to say at its beginning.
Nothing here raises for any bytes.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from itertools import islice

MOST_BYTES = 256 * 1024
"""So much of a message is looked at."""

_MOST_PARTS = 50
_MOST_FIELDS = 300
_LONGEST_FIELD = 4000
_SHOWN = 200
_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:(.*)", re.DOTALL)
_MBOX_LINE = re.compile(rb">?From [^\n]*\n")
_BLANK_LINES = re.compile(rb"\n[ \t]*\n")
_ODD = (MessageError, ValueError, LookupError, TypeError, AttributeError)
"""What the email package raises for headers that nobody should write."""

Fields = Sequence[tuple[str, str]]
"""Header fields in order: names in small letters, values unfolded."""


@dataclass(frozen=True, slots=True)
class Part:
    """A message or a part of one: its fields, its type in small letters, its body as it came, and its own parts."""

    fields: Fields
    type: str
    body: bytes
    parts: tuple[Part, ...] = ()

    def all(self, *names: str) -> list[str]:
        """The values of every field with one of these names, those of the first name first."""
        return [value for name in names for found, value in self.fields if found == name]

    def first(self, name: str) -> str:
        """The value of the first field with this name; empty where there is none."""
        return next((value for found, value in self.fields if found == name), "")

    def words(self, name: str) -> str:
        """The same as a person reads it: encoded words decoded (RFC 2047)."""
        return _decoded_words(self.first(name))

    def walk(self) -> Iterator[Part]:
        """The part itself and all parts in it; what one encloses as a message of its own is none of them."""
        yield self
        for part in self.parts:
            yield from part.walk()

    def content(self) -> bytes:
        """The body without its transfer encoding (RFC 2045, section 6); as it came where that is broken."""
        match self.first("content-transfer-encoding").strip().lower():
            case "base64":
                letters = re.sub(rb"[^A-Za-z0-9+/]", b"", self.body)
                try:
                    return base64.b64decode(letters + b"=" * (-len(letters) % 4))
                except binascii.Error:
                    return self.body
            case "quoted-printable":
                return quopri.decodestring(self.body)
        return self.body

    def text(self) -> str:
        """The content as text; it is searched for ASCII words, so that the charset it names does not matter."""
        return self.content().decode("utf-8", "replace")


def parse(raw: bytes) -> Part:
    """The parts of a message."""
    text = raw[:MOST_BYTES].replace(b"\r\n", b"\n").lstrip(b"\r\n")
    found = _MBOX_LINE.match(text)
    return _part(text[found.end() :] if found else text, iter(range(_MOST_PARTS)))


def head_of(raw: bytes) -> Part:
    """The fields of a message without its parts."""
    fields, body = _split(raw[:MOST_BYTES].replace(b"\r\n", b"\n").lstrip(b"\r\n"))
    return Part(fields, "", body)


def groups_of(content: bytes) -> list[dict[str, str]]:
    """Groups of fields between blank lines, as reports for machines have them (RFC 3464, section 2.1)."""
    text = content[:MOST_BYTES].replace(b"\r\n", b"\n").strip(b"\r\n")
    pieces = _BLANK_LINES.split(text, maxsplit=_MOST_PARTS)[:_MOST_PARTS]
    return [dict(reversed(_split(piece)[0])) for piece in pieces]


def line(text: str) -> str:
    """A text from elsewhere in one short line of what can be printed."""
    marks = "".join(mark if mark.isprintable() else " " for mark in text[: _SHOWN * 4])
    found = " ".join(marks.split())
    return found if len(found) <= _SHOWN else found[: _SHOWN - 1] + "…"


def _part(text: bytes, budget: Iterator[int]) -> Part:
    fields, body = _split(text)
    kind, boundary = _type(next((value for name, value in fields if name == "content-type"), ""))
    inner: list[Part] = []
    if kind.startswith("multipart/") and boundary:
        # The budget is one for the whole message: it bounds the depth as well.
        inner = [_part(piece, budget) for piece, _ in zip(_pieces(body, boundary), budget, strict=False)]
    return Part(fields, kind, b"" if inner else body, tuple(inner))


def _split(text: bytes) -> tuple[Fields, bytes]:
    """The fields and what follows them; the first line that is no field begins the body."""
    found: list[tuple[str, list[bytes]]] = []
    start = 0
    while start < len(text) and len(found) < _MOST_FIELDS:
        end = text.find(b"\n", start)
        end = len(text) if end < 0 else end
        current = text[start : min(end, start + _LONGEST_FIELD)]
        if not current.strip():
            start = end + 1
            break
        if current[:1] in b" \t" and found:
            found[-1][1].append(current)
        elif field := _FIELD.match(current):
            found.append((field[1].decode("ascii").lower(), [field[2]]))
        else:
            break
        start = end + 1
    return [(name, _value(pieces)) for name, pieces in found], text[start:]


def _value(pieces: list[bytes]) -> str:
    joined = b"".join(islice(pieces, 200))[:_LONGEST_FIELD]
    return joined.decode("utf-8", "replace").strip()


def _type(value: str) -> tuple[str, bytes]:
    """Type and boundary of a Content-Type field."""
    message = Message()
    try:
        message["Content-Type"] = " ".join(value.split())
        boundary = message.get_boundary("") if value else ""
        return message.get_content_type(), str(boundary).encode("utf-8", "surrogateescape")
    except _ODD:
        return "text/plain", b""


def _pieces(body: bytes, boundary: bytes) -> Iterator[bytes]:
    """What stands between the lines of a boundary (RFC 2046, section 5.1.1); the last may lack its end."""
    start: int | None = None
    for mark in re.finditer(rb"^--" + re.escape(boundary) + rb"(--)?[ \t]*$", body, re.MULTILINE):
        if start is not None:
            yield body[start : max(start, mark.start() - 1)]
        start = mark.end() + 1
        if mark[1]:
            return
    if start is not None:
        yield body[start:]


def _decoded_words(value: str) -> str:
    try:
        pieces = decode_header(value)
    except _ODD:
        return value
    return "".join(_decoded(piece, charset) for piece, charset in pieces)


def _decoded(piece: bytes | str, charset: str | None) -> str:
    if isinstance(piece, str):
        return piece
    try:
        return piece.decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):
        return piece.decode("latin-1")
