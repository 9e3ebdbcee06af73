"""An edition for one subscriber → a message (RFC 5322), with the headers that lists should have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr, unquote
from urllib.parse import quote

from publisher.errors import DeliveryError

_POLICY = SMTP.clone(max_line_length=78, cte_type="7bit")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the headers of one message are made from. `date` is the edition's, so that a repeat is alike."""

    sender: str
    reply_to: str
    to: str
    subject: str
    date: datetime
    message_id: str
    list_name: str
    list_title: str
    token: str


def domain_of(address: str) -> str:
    """The domain of an address, in the form for headers (IDNA, RFC 5890)."""
    return _ascii_domain(parseaddr(address)[1].rpartition("@")[2])


def unsubscribe_url(sender: str, token: str) -> str:
    """Where a mail reader's "unsubscribe" writes to (RFC 2369, section 3.2; RFC 6068)."""
    address = parseaddr(sender)[1]
    return f"mailto:{quote(address, safe='@')}?subject={quote(f'unsubscribe {token}')}"


def build(envelope: Envelope, html: str, text: str) -> bytes:
    """The whole message, lines ending in CRLF."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = _mailbox(envelope.sender)
    message["To"] = _mailbox(envelope.to)
    if envelope.reply_to:
        message["Reply-To"] = _mailbox(envelope.reply_to)
    message["Subject"] = envelope.subject
    message["Date"] = format_datetime(envelope.date)
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    message.set_boundary(f"=_{envelope.message_id.strip('<>').partition('@')[0]}")
    head, mark, rest = bytes(message).partition(b"MIME-Version: 1.0\r\n")
    return head + "".join(_list_headers(envelope)).encode("ascii") + mark + rest


def _list_headers(envelope: Envelope) -> Iterator[str]:
    """Headers that may be long and have no blank to fold at: the email package would encode them."""
    domain = domain_of(envelope.sender)
    headers = {
        "Message-ID": envelope.message_id,
        "List-Id": f"{_phrase(envelope.list_title)} <{envelope.list_name}.{domain}>",
        "List-Unsubscribe": f"<{unsubscribe_url(envelope.sender, envelope.token)}>",
        "Auto-Submitted": "auto-generated",
        "Precedence": "bulk",
    }
    for name, value in headers.items():
        if "\n" in value.replace("\r\n ", ""):
            raise ValueError(f"{name}: a line break in {value!r}")
        yield f"{name}: {value}\r\n"


def _mailbox(text: str) -> Address:
    name, address = parseaddr(text)
    local, _, domain = address.rpartition("@")
    return Address(name, unquote(local), _ascii_domain(domain))


def _ascii_domain(domain: str) -> str:
    try:
        return domain.encode("idna").decode() if not domain.isascii() else domain
    except UnicodeError as error:
        raise DeliveryError(f"{domain}: not a domain name", code=553) from error


def _phrase(title: str) -> str:
    """A List-Id's description (RFC 2919, section 3), as encoded words (RFC 2047)."""
    return Header(title, "utf-8", maxlinelen=66).encode(linesep="\r\n")
