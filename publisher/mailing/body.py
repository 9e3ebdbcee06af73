"""What all messages of a part share: its two texts as MIME (RFC 2046), with slots for each person's own words.

A slot stands in both texts as its mark from `SLOTS`, and is where the finished bytes are cut: a message
is a join of what is there already and of a few values.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import NamedTuple

from publisher.characters import FORBIDDEN, any_of
from publisher.errors import DeliveryError
from publisher.mailing import quoted
from publisher.mailing.wrapping import LONGEST_LINE, wrapped

SLOTS: Mapping[str, str] = {name: f"\ufdd0{name}\ufdd1" for name in ("unsubscribe", "preferences", "address")}
"""The marks by name. They are made of noncharacters, which no article and no configuration can hold."""

ROOM = 400
"""The most octets of a slot's value."""

_MARK = re.compile(f"\ufdd0({'|'.join(SLOTS)})\ufdd1")
_UNWANTED = re.compile(f"({_MARK.pattern})|{any_of(FORBIDDEN).pattern}")
_UNFIT = any_of(f"{FORBIDDEN}\t\r\n")
_SIMPLE = re.compile(rf"[!#-%(-;=?-~]{{1,{ROOM}}}")
"""A value that is the same in HTML."""
_VERSION = b"\x01"


class Hole(NamedTuple):
    """A place for a slot's value: in the HTML part or the text part, as it is or in quoted-printable."""

    slot: str
    html: bool
    quoted: bool


Piece = bytes | Hole
"""Bytes that all share, or a place for a person's own."""

Template = tuple[list[bytes], list[tuple[int, str, bool, bool]]]
"""Pieces with nothing in their holes, and each hole with its place: found once, filled for everybody."""

Values = Mapping[tuple[str, bool], bytes]
"""A person's values as `Body.checked` gives them: by slot, and whether for HTML."""


@dataclass(frozen=True)
class Body:
    r"""The two texts, canonical: lines end in ``\n`` and never in a blank, no control characters.

    The same texts give the same bytes, as long as the version of `dumps` is the same.
    """

    html: str
    text: str

    @classmethod
    def compose(cls, html: str, text: str) -> Body:
        """The body of a mail; both texts may hold marks from `SLOTS`."""
        html = _canonical(html)
        narrow = html if _fits(html) else wrapped(html, _width)
        return cls(narrow if _fits(narrow) else html, _canonical(text))

    @classmethod
    def loads(cls, blob: bytes) -> Body:
        """What `dumps` wrote; raises `ValueError` where another version did."""
        if not blob.startswith(_VERSION):
            raise ValueError(f"a body of another version: {blob[:1].hex()}")
        html, _, text = zlib.decompress(blob[1:]).decode().partition("\0")
        return cls(html, text)

    def dumps(self) -> bytes:
        """The body as one blob, for `loads`."""
        return _VERSION + zlib.compress(f"{self.html}\0{self.text}".encode(), level=1)

    def fields(self, eightbit: bool) -> list[str]:
        """The header fields that say what it is (RFC 2045), without line ends."""
        kind = f'Content-Type: multipart/alternative; boundary="{self._boundary}"'
        wide = eightbit and any(map(_fits, (self.html, self.text)))
        return ["MIME-Version: 1.0", kind, *(["Content-Transfer-Encoding: 8bit"] if wide else [])]

    def pieces(self, eightbit: bool) -> tuple[Piece, ...]:
        """The body, cut at its slots: as 8bit (RFC 6152) or in seven bits.

        Begins and ends at the beginning of a line, and no hole is beside a blank.
        A text with a line too long for 8bit is in seven bits in either form.
        """
        return self._eightbit if eightbit else self._sevenbit

    def texts(self, values: Mapping[str, str]) -> tuple[str, str]:
        """HTML and text as a person sees them; `values` are his by slot."""
        found = self.checked(values)
        return _read(self.html, True, found), _read(self.text, False, found)

    def checked(self, values: Mapping[str, str]) -> Values:
        """A person's values for `filled`; markup in them is escaped where they are for HTML.

        Raises `DeliveryError` for one that is longer than `ROOM` octets or has a control character.
        """
        found = {}
        for slot, html in self._places:
            value = values[slot]
            if _SIMPLE.fullmatch(value):
                found[slot, html] = value.encode()
            else:
                found[slot, html] = _checked(slot, escape(value) if html else value)
        return found

    def filled(self, eightbit: bool, values: Values) -> list[bytes]:
        """The pieces of one message, to be joined; `values` as from `checked`."""
        template, holes = self._wide if eightbit else self._narrow
        filled = [*template]
        for place, slot, html, coded in holes:
            value = values[slot, html]
            filled[place] = quoted.own(value) if coded else value
        return filled

    def write(self, eightbit: bool, values: Mapping[str, str]) -> bytes:
        """The body of one message; `values` by slot."""
        return b"".join(self.filled(eightbit, self.checked(values)))

    @cached_property
    def _boundary(self) -> str:
        # "=_" is in no quoted-printable text (RFC 2045, section 6.7), and nobody can write a text with its own digest.
        digest = hashlib.blake2b(f"{self.html}\0{self.text}".encode(), digest_size=12)
        return f"=_{digest.hexdigest()}"

    @cached_property
    def _places(self) -> tuple[tuple[str, bool], ...]:
        found = {
            (mark, html)
            for text, html in ((self.html, True), (self.text, False))
            for mark in _MARK.findall(text)
        }
        return tuple(sorted(found))

    @cached_property
    def _wide(self) -> Template:
        return _template(self._eightbit)

    @cached_property
    def _narrow(self) -> Template:
        return _template(self._sevenbit)

    @cached_property
    def _sevenbit(self) -> tuple[Piece, ...]:
        return tuple(_joined(self._parts(eightbit=False)))

    @cached_property
    def _eightbit(self) -> tuple[Piece, ...]:
        return tuple(_joined(self._parts(eightbit=True)))

    def _parts(self, *, eightbit: bool) -> Iterator[Piece]:
        for made, kind in ((self.text, "plain"), (self.html, "html")):
            wide = eightbit and _fits(made)
            coding = "8bit" if wide else "quoted-printable"
            yield (
                f'--{self._boundary}\r\nContent-Type: text/{kind}; charset="utf-8"\r\n'
                f"Content-Transfer-Encoding: {coding}\r\n\r\n"
            ).encode()
            yield from _cut(made, html=kind == "html", quoted_=not wide)
            yield b"\r\n"
        yield f"--{self._boundary}--\r\n".encode()


def _template(pieces: Sequence[Piece]) -> Template:
    shared = [piece if isinstance(piece, bytes) else b"" for piece in pieces]
    return shared, [(at, *piece) for at, piece in enumerate(pieces) if isinstance(piece, Hole)]


def _read(text: str, html: bool, values: Values) -> str:
    return _MARK.sub(lambda mark: values[mark[1], html].decode(), text)


def _checked(slot: str, value: str) -> bytes:
    raw = value.encode("utf-8", "surrogatepass")
    if len(raw) > ROOM or _UNFIT.search(value):
        raise DeliveryError(f"{slot}: cannot stand in a mail: {value[:80]!r}", code=553)
    return raw


def _canonical(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(map(_clean, lines)).rstrip("\n")


def _clean(line: str) -> str:
    if not line.isprintable():  # as are all noncharacters and controls, and a few more
        line = _UNWANTED.sub(lambda found: found[1] or "", line)
    return line.rstrip(" \t")


def _fits(text: str) -> bool:
    """Whether each line fits into 8bit, with the longest of values in it."""
    return max(map(len, _widest(text).split(b"\n"))) <= LONGEST_LINE


def _width(text: str) -> int:
    return len(_widest(text))


def _widest(text: str) -> bytes:
    return _MARK.sub("x" * ROOM, text).encode()


def _cut(text: str, *, html: bool, quoted_: bool) -> Iterator[Piece]:
    shared = _MARK.split(text)  # text, slot, text, …, text
    for at, piece in enumerate(shared):
        if at % 2:
            yield Hole(piece, html, quoted_)
        elif quoted_:
            yield quoted.between(piece, follows=at > 0, leads=at + 1 < len(shared))
        else:
            yield piece.replace("\n", "\r\n").encode()


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The same with neighbouring bytes as one."""
    run: list[bytes] = []
    for piece in pieces:
        if isinstance(piece, bytes):
            run.append(piece)
        else:
            yield b"".join(run)
            run = []
            yield piece
    yield b"".join(run)
