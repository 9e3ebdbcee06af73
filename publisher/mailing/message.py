"""A part of an edition for one person after the other: messages (RFC 5322) that share all but a few words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from publisher.config import Config, Digest
from publisher.errors import DeliveryError
from publisher.mailing.body import Body, Values
from publisher.mailing.dkim import Signer
from publisher.mailing.headers import OWN, block, domain_of, one_click
from publisher.model import Edition

_LONGEST_ADDRESS = 254
"""RFC 5321, section 4.5.3.1.3, without the brackets."""
_ADDRESS = re.compile(
    r"(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r'|"(?:[ !#-\[\]-~]|\\[ -~])*")@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?'
)
_URL = re.compile(r"(?:https?|mailto):[!#-;=?-~]+")


@dataclass(frozen=True, slots=True)
class Person:
    """What is one recipient's own.

    `number` is the subscriber's. `address` goes over the wire: without a name, its domain in ASCII.
    `unsubscribe` and `preferences` are web addresses, empty where there is no web server;
    `mailto` is the address of a mail that unsubscribes.
    """

    number: int
    address: str
    mailto: str
    unsubscribe: str = ""
    preferences: str = ""


def is_address(text: str) -> bool:
    """Whether a relay takes this as an address, so that it may stand in a field as it is."""
    return len(text) <= _LONGEST_ADDRESS and bool(_ADDRESS.fullmatch(text))


class Letter:
    """What the messages of one part share. Cheap to make again: all but `body` follows from the configuration.

    The same person gets the same bytes as long as configuration, keys and body are the same.
    `name` makes a subscriber's number what stands before the @ in his Message-ID (RFC 5322, section 3.6.4):
    always the same, and nobody else can guess it. `subject` is in the language of the part.
    With a `signer` messages have seven bits only: a relay that turns 8bit into them breaks signatures
    (RFC 6376, section 5.3).
    """

    def __init__(
        self,
        config: Config,
        digest: Digest,
        edition: Edition,
        body: Body,
        name: Callable[[int], str],
        signer: Signer | None = None,
        *,
        subject: str,
    ) -> None:
        self._body, self._name = body, name
        self._domain = domain_of(config.mail.sender)
        self._one_click = one_click(config)
        fields = list(block(config, digest, edition, subject))
        self._heads = {form: _segments([*fields, *body.fields(form)]) for form in (False, True)}
        signed = [*fields, *body.fields(False)]
        self._seal = signer.seal(signed, body.pieces(False), edition.recorded) if signer else None

    def name(self, subscriber: int) -> str:
        """The Message-ID of a subscriber's message, without its brackets."""
        return f"{self._name(subscriber)}@{self._domain}"

    def to(self, person: Person) -> Callable[[bool], bytes]:
        """What writes the message to `person`: as 8bit where it is given true, in seven bits where false.

        Raises `DeliveryError` where something of the person's cannot stand in a message; writing cannot fail.
        """
        pieces = self.pieces_to(person)
        return lambda eightbit: b"".join(pieces(eightbit))

    def pieces_to(self, person: Person) -> Callable[[bool], list[bytes]]:
        """The same in pieces: what all messages share is the same object in each."""
        slots = {
            "unsubscribe": person.unsubscribe or person.mailto,
            "preferences": person.preferences,
            "address": person.address,
        }
        return partial(self._pieces, self._own(person), self._body.checked(slots))

    def _own(self, person: Person) -> tuple[bytes, bytes, bytes]:
        """The fields in `OWN`."""
        if not is_address(person.address):
            raise DeliveryError(f"{person.address[:80]!a}: not an address that a relay takes", code=553)
        if self._one_click and not person.unsubscribe.startswith("https://"):
            raise ValueError(f"no https address to unsubscribe: {person.unsubscribe!r}")
        ways = [way for way in (person.unsubscribe, person.mailto) if way]
        if not ways or not all(map(_URL.fullmatch, ways)):
            raise ValueError(f"not addresses to unsubscribe: {ways}")
        return (
            f"To: {person.address}".encode(),
            f"Message-ID: <{self.name(person.number)}>".encode(),
            b"List-Unsubscribe: <" + ">,\r\n <".join(ways).encode() + b">",
        )

    def _pieces(self, own: tuple[bytes, bytes, bytes], values: Values, eightbit: bool) -> list[bytes]:
        seal = self._seal
        eightbit = eightbit and seal is None
        body = self._body.filled(eightbit, values)
        signatures = seal.sign(own, body) if seal else b""
        first, second, third, last = self._heads[eightbit]
        to, name, leave = own
        return [signatures, first, to, second, name, third, leave, last, *body]


def _segments(fields: Iterable[str]) -> tuple[bytes, bytes, bytes, bytes]:
    """A header block with its empty line, cut where the fields in `OWN` belong."""
    segments = [""]
    for field in fields:
        if field in OWN:
            segments.append("\r\n")
        else:
            segments[-1] += f"{field}\r\n"
    first, second, third, last = segments
    return first.encode(), second.encode(), third.encode(), f"{last}\r\n".encode()
