"""What came back → what is remembered: addresses that take nothing are suppressed, wishes are followed.

::

    inboxes    → raw messages
    reports    → what each says, and about whom it is proven to speak
    decide     asks the register, changes nothing: a deed
    carry_out  tells the register
    settle     takes the message off the pile, last of all

The same report twice changes nothing more: what a delivery is known to have met stands in the ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Protocol

from publisher.config import Config
from publisher.errors import InboxError
from publisher.mailboxes import fault_in, key_of
from publisher.mailing import tokens, verp
from publisher.mailing.imap import in_imap
from publisher.mailing.inboxes import Letter, in_maildir
from publisher.mailing.reports import MOST_BYTES, Kind, Marks, Report, read
from publisher.model.mail import Delivery, DeliveryState, Subscriber, SubscriberState

_DELAYED, _SAID, _SOFT, _HARD, _COMPLAINT = (
    "delayed",
    "said to bounce",
    "soft bounce",
    "hard bounce",
    "complaint",
)
_GRAVITY = (_DELAYED, _SAID, _SOFT, _HARD, _COMPLAINT)
"""What stands before the colon in the reason of a delivery, from light to grave: only what is graver is news."""

_MAILED = (SubscriberState.ACTIVE, SubscriberState.PENDING)
_LEFT = (DeliveryState.UNCERTAIN, DeliveryState.SENT, DeliveryState.FAILED)


class Register(Protocol):
    """What is asked of the store and told to it; each call is one transaction."""

    def known_setting(self, key: str) -> str:
        """A setting of the site; empty where it was never made."""

    def subscriber(self, number: int) -> Subscriber | None:
        """The subscriber with a number."""

    def subscriber_with_key(self, key: str) -> Subscriber | None:
        """The subscriber with a folded address (`publisher.mailboxes.key_of`)."""

    def deliveries_of(self, subscriber: int, edition: int = 0) -> Sequence[Delivery]:
        """Deliveries to a subscriber of some 200 editions up to `edition` (0: the newest), newest first."""

    def learn(self, delivery: Delivery) -> None:
        """Remember `state` and `reason` of a delivery as they are here, unless a process is sending it now."""

    def delivered(self, numbers: Iterable[int]) -> None:
        """Messages arrived: the soft bounces of these subscribers are counted from the beginning."""

    def bounced(self, number: int, *, hard: bool, limit: int, reason: str, now: datetime) -> SubscriberState:
        """Suppress an address, or count a soft bounce and suppress it where that makes `limit` in a row."""

    def complained(self, number: int, reason: str, now: datetime) -> bool:
        """Suppress the address of someone who called a message spam; false where that was known."""

    def unsubscribe(self, number: int, digest: str, reason: str, now: datetime) -> bool:
        """Take a subscriber off a digest, or off all; false where that was so already."""


class Done(StrEnum):
    """What became of a report.

    `noted`: nothing changes for the reader. `known`: nothing is new. `doubted`: nobody vouches for what it
    says, and it would have mattered. `stranger`: nobody here has that address or number. `unread`: it was
    not understood.
    """

    SUPPRESSED = "suppressed"
    COUNTED = "counted"
    UNSUBSCRIBED = "unsubscribed"
    COMPLAINED = "complained"
    NOTED = "noted"
    KNOWN = "known"
    DOUBTED = "doubted"
    STRANGER = "stranger"
    UNREAD = "unread"


_CHANGES = (Done.SUPPRESSED, Done.COUNTED, Done.UNSUBSCRIBED, Done.COMPLAINED)


@dataclass(frozen=True, slots=True)
class Deed:
    """What a report leads to: for a reader, and in the ledger, where `delivery` is as it should be there.

    `address` is the reader's, or whom the report names. `anew`: his last message arrived, and soft bounces
    are counted from 0 again. `place` is where the report was found.
    """

    done: Done
    report: Report
    address: str = ""
    reader: int = 0
    delivery: Delivery | None = None
    anew: bool = False
    place: str = ""


@dataclass(slots=True)
class Returns:
    """All that came back at one time: a deed for each report, and inboxes that could not be read."""

    deeds: list[Deed] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def counts(self) -> Counter[str]:
        """How many reports of each kind there were."""
        return Counter(str(deed.report.kind) for deed in self.deeds)


def marks_of(register: Register, now: datetime) -> Marks:
    """How the site knows its own marks; before it has a secret it knows none."""
    secret = register.known_setting("secret")
    if not secret:
        return Marks(lambda _: None, lambda _: None, lambda _: None)

    def reader(token: str) -> tuple[int, str] | None:
        found = tokens.read(secret, "unsubscribe", token, now)
        return (found.subscriber, "".join(found.parts[:1])) if found else None

    return Marks(partial(verp.decode, secret), partial(verp.named_in, secret), reader)


def configured(config: Config) -> list[Iterator[Letter]]:
    """The inboxes that the configuration names."""
    bounces = config.mail.bounces
    found: list[Iterator[Letter]] = []
    if bounces.maildir:
        found.append(in_maildir(config.root / bounces.maildir, MOST_BYTES))
    if bounces.imap.host:
        found.append(in_imap(bounces.imap, MOST_BYTES))
    return found


def collect(config: Config, register: Register, now: datetime) -> Returns:
    """Act on all that waits in the configured inboxes."""
    return take(configured(config), config, register, now)


def take(
    found: Iterable[Iterable[Letter]],
    config: Config,
    register: Register,
    now: datetime,
    *,
    rehearse: bool = False,
) -> Returns:
    """Act on each letter and then settle it; in a rehearsal only say what would be done.

    An inbox that cannot be read stops no other.
    """
    marks, limit = marks_of(register, now), config.mail.bounces.soft
    returns = Returns()
    for letters in found:
        try:
            for letter in letters:
                deed = replace(decide(read(letter.raw, marks, now), register, limit), place=letter.place)
                returns.deeds.append(deed if rehearse else carry_out(deed, register, limit, now))
                if not rehearse:
                    letter.settle(deed.done is not Done.UNREAD)
        except InboxError as error:
            returns.failures += error.lines
    return returns


def decide(report: Report, register: Register, limit: int) -> Deed:
    """What a report leads to; changes nothing."""
    reader = _reader(report, register)
    named = reader.address if reader else report.address
    if report.kind is Kind.UNKNOWN:
        return Deed(Done.UNREAD, report, named)
    if reader is None:
        return Deed(Done.NOTED if report.kind is Kind.NOTHING else Done.STRANGER, report, named)
    deed = Deed(Done.NOTED, report, named, reader.number)
    if report.kind is Kind.UNSUBSCRIBE:
        return replace(deed, done=Done.UNSUBSCRIBED if _takes(reader, report.digest) else Done.KNOWN)
    this, before = _deliveries(report, reader, register)
    if report.kind is Kind.NOTHING:
        return replace(deed, delivery=_arrived(this) if this and report.proven else None)
    return _bad_news(deed, reader, this, before, limit)


def carry_out(deed: Deed, register: Register, limit: int, now: datetime) -> Deed:
    """Tell the register, and return the deed as it turned out.

    The reader comes first, and then the ledger, by which a report is known again: killed in between, a soft
    bounce counts twice, which costs less than a hard one that never counts.
    """
    done = deed.done
    reason = _words(deed.report) if done in _CHANGES else ""
    match done:
        case Done.SUPPRESSED:
            register.bounced(deed.reader, hard=True, limit=limit, reason=reason, now=now)
        case Done.COUNTED:
            if deed.anew:
                register.delivered([deed.reader])
            state = register.bounced(deed.reader, hard=False, limit=limit, reason=reason, now=now)
            done = Done.SUPPRESSED if state is SubscriberState.BOUNCED else done
        case Done.COMPLAINED:
            register.complained(deed.reader, reason, now)
        case Done.UNSUBSCRIBED:
            if not register.unsubscribe(deed.reader, deed.report.digest, reason, now):
                done = Done.KNOWN
    if deed.delivery is not None:
        register.learn(deed.delivery)
    return replace(deed, done=done)


def _reader(report: Report, register: Register) -> Subscriber | None:
    if report.subscriber:
        return register.subscriber(report.subscriber)
    return None if fault_in(report.address) else register.subscriber_with_key(key_of(report.address))


def _takes(reader: Subscriber, digest: str) -> bool:
    return reader.state in _MAILED and (
        not digest or any(one.digest == digest for one in reader.subscriptions)
    )


def _deliveries(
    report: Report, reader: Subscriber, register: Register
) -> tuple[Delivery | None, Delivery | None]:
    """The delivery that a report is about, the newest where it does not say, and the one before it."""
    found = register.deliveries_of(reader.number, report.edition)
    if report.edition:
        this = next((one for one in found if one.number == report.edition), None)
    else:
        this = next((one for one in found if one.state in _LEFT), None)
    older = (one for one in found if this and one.number < this.number and one.state in _LEFT)
    return this, next(older, None)


def _bad_news(
    deed: Deed, reader: Subscriber, this: Delivery | None, before: Delivery | None, limit: int
) -> Deed:
    """What a bounce or a complaint leads to."""
    report = deed.report
    new = this is None or _GRAVITY.index(_mark(report)) > _standing(this)
    deed = replace(deed, delivery=_afflicted(this, report) if this and new else None)
    if report.kind is Kind.COMPLAINT:
        known = reader.state is SubscriberState.COMPLAINED
        return replace(deed, done=Done.KNOWN if known else Done.COMPLAINED)
    if not new or reader.state not in _MAILED:
        return replace(deed, done=Done.KNOWN)
    if report.kind is Kind.HARD:
        return replace(deed, done=Done.SUPPRESSED)
    return _soft_bounce(deed, reader, this, before, limit)


def _soft_bounce(
    deed: Deed, reader: Subscriber, this: Delivery | None, before: Delivery | None, limit: int
) -> Deed:
    """What a soft bounce leads to that nothing is known of yet."""
    report = deed.report
    if _mark(report) == _DELAYED or (this is None and report.edition):
        return deed
    if not report.proven and (this is None or reader.bounces + 1 >= limit):
        # What anybody can write never takes the last step.
        return replace(deed, done=Done.DOUBTED, delivery=None)
    anew = _has_arrived(before, _SOFT if report.proven else _SAID)
    counted = this is not None and _standing(this) == _GRAVITY.index(_SAID)
    return replace(deed, done=Done.NOTED if counted and not anew else Done.COUNTED, anew=anew)


def _mark(report: Report) -> str:
    if report.kind is Kind.SOFT:
        return _SOFT if report.proven and report.given_up else _DELAYED if report.proven else _SAID
    return _HARD if report.kind is Kind.HARD else _COMPLAINT


def _standing(delivery: Delivery) -> int:
    """The gravity of what a delivery is known to have met; -1 for nothing."""
    met = delivery.reason.partition(":")[0]
    return _GRAVITY.index(met) if met in _GRAVITY else -1


def _has_arrived(delivery: Delivery | None, mark: str) -> bool:
    """Whether a delivery arrived, as far as is known: it was sent, and met nothing as grave as `mark`."""
    if delivery is None or delivery.state is not DeliveryState.SENT:
        return False
    return _standing(delivery) < _GRAVITY.index(mark)


def _arrived(delivery: Delivery) -> Delivery | None:
    """An uncertain delivery of which something came back: it had left."""
    return replace(delivery, state=DeliveryState.SENT) if delivery.state is DeliveryState.UNCERTAIN else None


def _afflicted(delivery: Delivery, report: Report) -> Delivery:
    """A delivery with what befell it; its state too, where that is proven."""
    state = delivery.state
    lost = report.kind is Kind.HARD or (report.kind is Kind.SOFT and report.given_up)
    if report.proven and state in _LEFT:
        state = DeliveryState.FAILED if lost else _settled(state)
    return replace(delivery, state=state, reason=_words(report))


def _settled(state: DeliveryState) -> DeliveryState:
    return DeliveryState.SENT if state is DeliveryState.UNCERTAIN else state


def _words(report: Report) -> str:
    """A report as the reason of what follows from it."""
    if report.kind is Kind.UNSUBSCRIBE:
        return "asked through the mail provider" if report.vouched else "asked by mail"
    return f"{_mark(report)}: {report.diagnostic or report.status}".removesuffix(": ")
