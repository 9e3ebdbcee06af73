"""A message as it travels: its commands, checked, and its content with dots doubled (RFC 5321)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import IncrementalNewlineDecoder
from typing import NamedTuple

from publisher.mailing.outgoing import Fate, Outgoing

_LONGEST_PATH = 480
"""A command has 512 octets (RFC 5321, section 4.5.3.1.4), and an extension adds its own."""
_PATH = re.compile(rb'(?:[^\x00-\x20\x7f<>"]+|"(?:[^\x00-\x1f\x7f"\\]|\\[\x20-\x7e])*"@[^\x00-\x20\x7f<>"]+)')
DATA = b"DATA\r\n"


@dataclass(frozen=True, slots=True)
class Offers:
    """What the relay said to EHLO: its keywords in capitals, each with its parameters (RFC 5321, section 4.1.1.1)."""

    keywords: dict[str, tuple[str, ...]]

    def __contains__(self, keyword: str) -> bool:
        return keyword in self.keywords


class Unsendable(Exception):
    """A message that must not leave: `fate`, `code` and `answer` are what a relay would have said."""

    def __init__(self, fate: Fate, code: int, answer: str) -> None:
        super().__init__(answer)
        self.fate, self.code, self.answer = fate, code, answer


class Letter(NamedTuple):
    """A message ready for one connection: the commands in front of it, and all of its content with the last dot."""

    message: Outgoing
    mail: bytes
    rcpt: bytes
    content: bytes


class Writer:
    """Makes messages ready; remembers which pieces of them were found clean, since many messages share them."""

    _MANY, _LONG = 4096, 512

    def __init__(self) -> None:
        self._clean: dict[int, tuple[bytes, bytes]] = {}  # by identity: the piece itself, and how it is sent

    def letter(self, message: Outgoing, offers: Offers) -> Letter:
        """Make a message ready for a relay with such offers.

        8bit where 8BITMIME is offered (RFC 6152), letters beyond ASCII in addresses where SMTPUTF8 is
        (RFC 6531). Raises `Unsendable` for what would not arrive as it is or would break out of its place.
        """
        sender, recipient = paths(message, offers)
        eightbit = "8BITMIME" in offers
        content = self._content(message.write(eightbit))
        mail = b"MAIL FROM:<%b>" % sender
        if not content.isascii():
            if not eightbit:
                raise Unsendable(Fate.MESSAGE_REFUSED, 554, "5.6.3 eight bits, and the relay takes seven")
            mail += b" BODY=8BITMIME"
        if not (sender.isascii() and recipient.isascii()):
            mail += b" SMTPUTF8"
        return Letter(message, mail + b"\r\n", b"RCPT TO:<%b>\r\n" % recipient, content)

    def _content(self, written: bytes | Sequence[bytes]) -> bytes:
        """A message with dots doubled where lines begin with one, and the last dot (RFC 5321, section 4.5.2)."""
        if isinstance(written, bytes):
            return _doubled(terminated(written)) + b".\r\n"
        sent = self._sent(written)
        if sent is None:
            return self._content(b"".join(written))
        return b"".join([*sent, b".\r\n"])

    def _sent(self, pieces: Sequence[bytes]) -> list[bytes] | None:
        """Pieces as they are sent, wherever they stand; none where that cannot be told of each by itself."""
        clean = self._clean
        fresh = [piece for piece in pieces if id(piece) not in clean]
        # Between line ends nothing can hide that a piece begins or ends with.
        between = b"\r\n".join((b"", *fresh, b""))
        if not pieces or not pieces[-1].endswith(b"\r\n") or not _only_crlf(between):
            return None
        made = {id(piece): (piece, piece) for piece in fresh}
        if b"\r\n." in between:
            if any(piece.startswith(b".") for piece in fresh):
                return None
            made = {id(piece): (piece, _doubled(piece)) for piece in fresh}
        sent = [(clean.get(key) or made[key])[1] for key in map(id, pieces)]
        self._remember(made)
        return sent

    def _remember(self, made: dict[int, tuple[bytes, bytes]]) -> None:
        """Short pieces are soon looked at again, and most are one person's own."""
        long = {key: found for key, found in made.items() if len(found[0]) >= self._LONG}
        if long:
            if len(self._clean) > self._MANY:
                self._clean.clear()
            self._clean |= long


def _doubled(text: bytes) -> bytes:
    """Dots at the beginnings of lines doubled."""
    if b"\r\n." in text:
        text = text.replace(b"\r\n.", b"\r\n..")
    return b"." + text if text.startswith(b".") else text


def terminated(raw: bytes) -> bytes:
    """A message whose last line has an end; raises `Unsendable` where a line ends in anything but CRLF.

    What one server takes for the end of a line the next may not: with a carriage return or a line feed
    alone the rest of a message can become commands ("SMTP smuggling").
    """
    if not raw or not _only_crlf(raw):
        raise Unsendable(Fate.MESSAGE_REFUSED, 554, "5.6.0 a line that does not end in CRLF")
    return raw if raw.endswith(b"\r\n") else raw + b"\r\n"


def paths(message: Outgoing, offers: Offers) -> tuple[bytes, bytes]:
    """The return path and the recipient as commands hold them; raises `Unsendable`."""
    sender = _path(message.sender, offers, Fate.SENDER_REFUSED) if message.sender else b""
    return sender, _path(message.recipient, offers, Fate.RECIPIENT_REFUSED)


def _only_crlf(text: bytes) -> bool:
    ends = IncrementalNewlineDecoder(None, translate=False)
    ends.decode(text.decode("latin-1"), final=True)
    return ends.newlines in (None, "\r\n")


def _path(address: str, offers: Offers, fate: Fate) -> bytes:
    """An address between angle brackets (RFC 5321, section 4.1.2), in UTF-8 where that is offered."""
    try:
        encoded = address.encode()
    except UnicodeEncodeError:
        encoded = b""
    if not _PATH.fullmatch(encoded) or len(encoded) > _LONGEST_PATH:
        raise Unsendable(fate, 553, "5.1.3 not an address that a command can hold")
    if not encoded.isascii() and "SMTPUTF8" not in offers:
        raise Unsendable(fate, 553, "5.6.7 letters beyond ASCII, and the relay offers no SMTPUTF8")
    return encoded
