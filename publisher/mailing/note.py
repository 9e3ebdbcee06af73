"""A message to one person that belongs to no edition, such as the one that asks to confirm."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime, parseaddr
from functools import partial

from publisher import mailboxes
from publisher.config import Config
from publisher.errors import DeliveryError
from publisher.mailing import dkim
from publisher.mailing.body import Body
from publisher.mailing.headers import domain_of, mailbox_line, subject_line
from publisher.mailing.message import is_address
from publisher.mailing.outgoing import Outgoing


def note(
    config: Config, address: str, subject: str, texts: tuple[str, str], name: str, now: datetime
) -> Outgoing:
    """A message of `texts`, HTML and plain, to `address`; `name` stands before the @ of its Message-ID.

    Nobody answers it by a program (RFC 3834, section 5). `publisher.errors.DeliveryError` where the address
    cannot stand in a message.
    """
    recipient = mailboxes.on_the_wire(address)
    if not is_address(recipient):
        raise DeliveryError(f"{recipient[:80]!a}: not an address that a relay takes", code=553)
    body, identity = Body.compose(*texts), f"{name}@{domain_of(config.mail.sender)}"
    fields = [
        mailbox_line("From", config.mail.sender),
        f"To: {recipient}",
        *([mailbox_line("Reply-To", config.mail.reply_to)] if config.mail.reply_to else []),
        subject_line(subject),
        f"Date: {format_datetime(now.astimezone(config.zone))}",
        f"Message-ID: <{identity}>",
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: All",
    ]
    sender = mailboxes.on_the_wire(parseaddr(config.mail.sender)[1])
    write = partial(_written, fields, body, _signed(config, fields, body, now))
    return Outgoing((0, 0), identity, sender, recipient, write)


def _signed(config: Config, fields: list[str], body: Body, now: datetime) -> bytes:
    signer = dkim.signer_of(config)
    if signer is None:
        return b""
    seal = signer.seal([*fields, *body.fields(False)], body.pieces(False), now)
    return seal.sign((), body.filled(False, {}))


def _written(fields: list[str], body: Body, signatures: bytes, eightbit: bool) -> bytes:
    eightbit = eightbit and not signatures
    head = "".join(f"{field}\r\n" for field in [*fields, *body.fields(eightbit)])
    return signatures + head.encode() + b"\r\n" + b"".join(body.filled(eightbit, {}))
