"""A digest before it is due: its next mail, to look at or to send as a test. Nothing is recorded.

The mail is signed for nobody: links in it that unsubscribe or change lead to no subscriber.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parseaddr
from secrets import token_hex

from publisher import mailboxes, schedules
from publisher.config import Config, Digest
from publisher.deciding import Job
from publisher.errors import UsageError
from publisher.mailing import TRANSPORTS
from publisher.mailing.outgoing import Outcome, Outgoing
from publisher.model import Audience, Delivery, Part, PlannedEdition
from publisher.pipeline import plan_run
from publisher.posting.letters import Letters
from publisher.render.digest import DigestMail
from publisher.store import Store

NOBODY = 0
"""The number of no subscriber and of no edition: both are counted from 1."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What somebody would get next: a plan in which he is the whole audience, and his part of its edition."""

    job: Job
    planned: PlannedEdition
    part: Part
    address: str

    def shown(self) -> tuple[str, str, bytes]:
        """HTML, text and the whole message."""
        return self.job.postman().sample(self.planned, self.part, self.address)

    def test(self) -> Outgoing:
        """The message marked as a test, with a name and links that were never given and never will be."""
        job, edition, part = self.job, self.planned.edition, self.part
        mail = DigestMail(job.config, job.templates, job.listed)
        letters = Letters(job.config, mail, job.fetch, token_hex(32))
        subject = mail.subject_of(letters.digest(edition), edition, part)
        marked = job.templates.speaking(part.language).render("mail/test.txt", subject=subject)
        body = letters.compose(edition, part)
        letter = letters.letter(edition, part, NOBODY, body, " ".join(marked.split()))
        nobodys = Delivery(edition.id, NOBODY, NOBODY, NOBODY, self.address)
        return letters.outgoing(letter, edition.digest, nobodys)


def rehearse(config: Config, store: Store, now: datetime, name: str, address: str = "") -> Rehearsal:
    """The next edition of a digest as `address` would get it, who need not be on its list; empty: anybody.

    It holds what is new until `now`, or else until it is due. `publisher.errors.UsageError` where
    there is no such digest, nothing new in it, or nothing new for this address.
    """
    digest = _digest(config, name)
    audience = _audience(store, digest, address)
    address = address or parseaddr(config.mail.sender)[1]
    for moment in (now, schedules.following(digest.schedule, config.zone, now)):
        if moment is None:
            break
        job = plan_run(config, store, moment, audiences=lambda _: [audience])
        for planned in job.plan.editions:
            if planned.edition.digest == name:
                if not planned.parts:
                    raise UsageError(f"{name}: nothing new for {address}: no article is under their keywords")
                return Rehearsal(job, planned, planned.parts[0], address)
    raise UsageError(f"{name}: nothing new until its next edition is due")


def send_test(config: Config, store: Store, now: datetime, name: str, address: str) -> Outcome:
    """Hand the next mail of a digest to the transport, marked as a test; what became of it.

    No limit holds it up. `publisher.errors.UsageError` as of `rehearse`, or for a wrong address.
    """
    if fault := mailboxes.fault_in(address):
        raise UsageError(f"{address}: {fault}")
    message = rehearse(config, store, now, name, address).test()
    notes = _Notes()
    TRANSPORTS[config.mail.transport](config).deliver(iter([message]), notes)
    (outcome,) = notes.outcomes
    return outcome


@dataclass(frozen=True, slots=True)
class _Notes:
    """A gate that lets everything pass and remembers nothing beyond this process."""

    outcomes: list[Outcome] = field(default_factory=list)

    def pass_(self, done: Sequence[Outcome], leaving: Sequence[Outgoing]) -> None:
        """See `publisher.mailing.outgoing.Gate`."""
        self.outcomes.extend(done)


def _digest(config: Config, name: str) -> Digest:
    for digest in config.digest:
        if digest.name == name:
            return digest
    known = ", ".join(digest.name for digest in config.digest) or "none"
    raise UsageError(f"no digest is named {name}", hint=f"there are: {known}")


def _audience(store: Store, digest: Digest, address: str) -> Audience:
    """What a subscriber asked for, but for the day: he gets it now, with all that he waits for."""
    person = store.subscriber_with_key(mailboxes.key_of(address)) if address else None
    if person is None:
        return Audience(count=1)
    for wish in person.subscriptions:
        if wish.digest == digest.name:
            return Audience(
                wish.keywords, length=wish.length, language=person.language, through=wish.through, count=1
            )
    return Audience(language=person.language, count=1)
