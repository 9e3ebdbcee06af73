"""Header fields (RFC 5322), written by hand where machines read them: nothing folds or encodes those.

A field is a text without the end of its last line. What comes in may be any text: what cannot be part
of a line is gone before it is written.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from email.header import Header
from email.headerregistry import Address
from email.utils import format_datetime, unquote
from functools import lru_cache
from urllib.parse import quote, urlsplit

from publisher import addresses
from publisher.characters import FORBIDDEN, TURNING, any_of
from publisher.config import Config, Digest
from publisher.mailboxes import ascii_domain, parted
from publisher.model import Edition

OWN = ("To", "Message-ID", "List-Unsubscribe")
"""The names of the fields that are each person's own."""

_WIDTH = 76
"""Characters of a line with encoded words in it (RFC 2047, section 2)."""
_LONGEST_WORD = 60
"""Characters of a plain word: with a field's name before it, it fits into a line."""
_UNWANTED = any_of(FORBIDDEN + TURNING)
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_SHORTEST_ID, _LONGEST_ID = 5, 15


def block(config: Config, digest: Digest, edition: Edition, subject: str) -> Iterator[str]:
    """The fields of all messages of an edition in their order; for those in `OWN` only the name.

    Those that say what the body is are not among them.
    """
    mail, page = config.mail, addresses.absolute(config.site.url, edition.page)
    sender = mailbox(mail.sender)
    yield mailbox_line("From", mail.sender)
    yield "To"
    if mail.reply_to:
        yield mailbox_line("Reply-To", mail.reply_to)
    yield subject_line(one_line(subject) or digest.title)
    yield f"Date: {format_datetime(edition.recorded.astimezone(edition.due.tzinfo))}"
    yield "Message-ID"
    yield folded("List-Id", [*_phrase("List-Id", digest.title), f"<{digest.name}.{sender.domain}>"])
    yield "List-Unsubscribe"
    if one_click(config):
        yield "List-Unsubscribe-Post: List-Unsubscribe=One-Click"
    if config.output.base == "full":
        yield f"Archived-At: <{page}>"
    yield "Auto-Submitted: auto-generated"
    yield "Precedence: bulk"
    yield f"Feedback-ID: {_feedback_id(config, digest, edition)}"


def mailbox_line(field: str, text: str) -> str:
    """The field with a mailbox of the configuration."""
    return folded(field, _mailbox_words(field, mailbox(text)))


def subject_line(subject: str) -> str:
    """The field with a subject."""
    return folded("Subject", _words("Subject", one_line(subject)))


def one_click(config: Config) -> bool:
    """Whether readers can leave with one click (RFC 8058): only through an https address."""
    return config.web.url.startswith("https://")


def unsubscribe_url(address: str, token: str) -> str:
    """Where a mail reader's "unsubscribe" writes to (RFC 2369, section 3.2; RFC 6068)."""
    return f"mailto:{quote(address, safe='@')}?subject={quote(f'unsubscribe {token}')}"


@lru_cache(maxsize=16)
def mailbox(text: str) -> Address:
    """A mailbox of the configuration, its domain in ASCII (IDNA, RFC 5890)."""
    name, address = parted(text)
    local, _, domain = address.rpartition("@")
    return Address(name, unquote(local), ascii_domain(domain))


def domain_of(text: str) -> str:
    """The domain of a mailbox of the configuration, in ASCII."""
    domain: str = mailbox(text).domain
    return domain


def one_line(text: str) -> str:
    """`text` on one line, its blanks single, without characters that nobody sees."""
    return " ".join(_UNWANTED.sub("", " ".join(text.split())).split())


def folded(name: str, words: Iterable[str]) -> str:
    """A field of `words`, folded between them (RFC 5322, section 2.2.3)."""
    lines = [f"{name}:"]
    for number, word in enumerate(words):
        if number and len(lines[-1]) + 1 + len(word) > _WIDTH:
            lines.append("")
        lines[-1] += f" {word}"
    return "\r\n".join(lines)


def _words(field: str, text: str) -> list[str]:
    """`text`, which is one line, as words of ASCII."""
    plain = text.split(" ")
    if text.isascii() and "=?" not in text and max(map(len, plain)) <= _LONGEST_WORD:
        return plain
    return _encoded(field, text)


def _phrase(field: str, text: str) -> list[str]:
    """A name before an address in angle brackets: atoms, a quoted string or encoded words."""
    text = one_line(text)
    if _ATOMS.fullmatch(text):
        return _words(field, text) if text else []
    if text.isascii() and "=?" not in text and len(text) <= _LONGEST_WORD:
        return ['"' + re.sub(r'([\\"])', r"\\\1", text) + '"']
    return _encoded(field, text)


def _encoded(field: str, text: str) -> list[str]:
    """Encoded words (RFC 2047), each of whole characters; the first leaves room for the field's name."""
    return Header(text, "utf-8", _WIDTH, field).encode(linesep="\n").split("\n ")


def _mailbox_words(field: str, address: Address) -> list[str]:
    name = _phrase(field, address.display_name)
    return [*name, f"<{address.addr_spec}>" if name else address.addr_spec]


def _feedback_id(config: Config, digest: Digest, edition: Edition) -> str:
    """What complaints are counted by: edition, digest, site, sender; none of them holds a colon."""
    moment = edition.page.rstrip("/").rpartition("/")[2]
    site = (urlsplit(addresses.absolute(config.site.url, "")).hostname or "").replace(":", "-")
    return ":".join((moment, digest.name, site, config.mail.feedback_id or _sender_id(config)))


def _sender_id(config: Config) -> str:
    domain = domain_of(config.mail.sender)
    letters = re.sub("[^a-z0-9]", "", domain)
    if len(letters) < _SHORTEST_ID:
        letters += hashlib.sha256(domain.encode()).hexdigest()
    return letters[:_LONGEST_ID]
