"""A message as it travels: its commands, checked, and its content with dots doubled (RFC 5321)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import IncrementalNewlineDecoder

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


@dataclass(frozen=True, slots=True)
class Letter:
    """A message ready for one connection: the commands in front of it, and all of its content with the last dot."""

    message: Outgoing
    mail: bytes
    rcpt: bytes
    content: bytes


def letter(message: Outgoing, offers: Offers) -> Letter:
    """Make a message ready for a relay with such offers; raises `Unsendable`."""
    sender, recipient, raw = checked(message, offers)
    eightbit = b"" if raw.isascii() else b" BODY=8BITMIME"
    utf8 = b"" if sender.isascii() and recipient.isascii() else b" SMTPUTF8"
    mail = b"MAIL FROM:<%b>%b%b\r\n" % (sender, eightbit, utf8)
    return Letter(message, mail, b"RCPT TO:<%b>\r\n" % recipient, dotted(raw))


def checked(message: Outgoing, offers: Offers) -> tuple[bytes, bytes, bytes]:
    """The return path, the recipient and the content of a message, as a relay with such offers takes them.

    8bit where 8BITMIME is offered (RFC 6152), letters beyond ASCII in addresses where SMTPUTF8 is
    (RFC 6531). Raises `Unsendable` for what would not arrive as it is or would break out of its place:
    what one server takes for the end of a line the next may not, and where lines end in a carriage
    return or a line feed alone the rest of a message can become commands ("SMTP smuggling").
    """
    sender = _path(message.sender, offers, Fate.SENDER_REFUSED) if message.sender else b""
    recipient = _path(message.recipient, offers, Fate.RECIPIENT_REFUSED)
    eightbit = "8BITMIME" in offers
    raw = message.write(eightbit)
    ends = IncrementalNewlineDecoder(None, translate=False)
    ends.decode(raw.decode("latin-1"), final=True)
    if ends.newlines != "\r\n":
        raise Unsendable(Fate.MESSAGE_REFUSED, 554, "5.6.0 a line that does not end in CRLF")
    if not eightbit and not raw.isascii():
        raise Unsendable(Fate.MESSAGE_REFUSED, 554, "5.6.3 eight bits, and the relay takes seven")
    return sender, recipient, raw if raw.endswith(b"\r\n") else raw + b"\r\n"


def dotted(raw: bytes) -> bytes:
    """A message with dots doubled where lines begin with one, and the last dot (RFC 5321, section 4.5.2)."""
    if b"\r\n." in raw:
        raw = raw.replace(b"\r\n.", b"\r\n..")
    return b"".join((b"." if raw.startswith(b".") else b"", raw, b".\r\n"))


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
