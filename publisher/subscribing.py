"""Readers come, change and leave by links that were signed for them; files of people are taken in.

Whatever a link is good for can be asked for twice: the second time says that it was done already. What
a stranger asks for with somebody's address changes nothing of his, and looks the same whether or not
the address is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice

from publisher import mailboxes
from publisher.errors import UsageError
from publisher.mailing import tokens
from publisher.mailing.importing import Entry, Refusal
from publisher.model import Consent, Subscriber, SubscriberState, Subscription, Verdict
from publisher.store import Store

LIFETIME = timedelta(days=7)
"""How long a request may be confirmed."""

BATCH = 10_000
"""Lines in one transaction: others may write in between."""
_DEAD = (SubscriberState.BOUNCED, SubscriberState.COMPLAINED)


class Outcome(StrEnum):
    """What came of a link.

    `already`: it was done before. `invalid`: nobody signed it for this. `expired`: too late to confirm.
    `closed`: it is good, but the request was replaced or withdrawn, or the subscriber is not active.
    """

    DONE = "done"
    ALREADY = "already"
    INVALID = "invalid"
    EXPIRED = "expired"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that waits to be confirmed: with `token`, until `until`.

    `mail` is false where no message may go to the address, not even this one; nobody is told.
    """

    address: str
    language: str
    choices: tuple[Subscription, ...]
    token: str
    until: datetime
    mail: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a link, and how its subscriber stands now; none where the link is for nobody."""

    outcome: Outcome
    subscriber: Subscriber | None = None


def subscribe(
    store: Store,
    mailbox: str,
    choices: Sequence[Subscription],
    consent: Consent,
    now: datetime,
    language: str = "",
) -> Asked:
    """Note that somebody wants these choices; `publisher.errors.UsageError` for what is no address.

    Nothing changes but that an unknown address is pending, until the token comes back to `confirm`.
    """
    if fault := mailboxes.fault_in_mailbox(mailbox):
        raise UsageError(f"the address {fault}", hint="it looks like name@example.org")
    if not choices:
        raise UsageError("no digest was chosen")
    address = mailboxes.parted(mailbox)[1]
    key = mailboxes.key_of(address)
    chosen = tuple(choices)
    person = Subscriber(
        0, address, key, SubscriberState.PENDING, language, consent=consent, subscriptions=chosen
    )
    number, request = store.ask(person, now)
    known = store.subscriber(number)
    token = tokens.sign(store.secret(), "confirm", number, str(request), now=now)
    mail = known is not None and known.state not in _DEAD
    return Asked(address, language, chosen, token, now + LIFETIME, mail)


def forget(store: Store, now: datetime) -> int:
    """Forget what can no longer be confirmed, and addresses that only asked; how many of these."""
    return store.forget_unconfirmed(now - LIFETIME)


def confirm(store: Store, token: str, now: datetime) -> Answer:
    """Do what was asked for: whoever has the token reads the mail of that address."""
    found = tokens.read(store.secret(), "confirm", token, now)
    if found is None:
        return Answer(Outcome.INVALID)
    if tokens.read(store.secret(), "confirm", token, now, LIFETIME) is None:
        return Answer(Outcome.EXPIRED)
    done = store.confirm(found.subscriber, int(found.parts[0]), now)
    subscriber = store.subscriber(found.subscriber)
    if done:
        return Answer(Outcome.DONE, subscriber)
    active = subscriber is not None and subscriber.state is SubscriberState.ACTIVE
    return Answer(Outcome.ALREADY if active else Outcome.CLOSED, subscriber)


def unsubscribe(store: Store, token: str, now: datetime, reason: str = "link") -> Answer:
    """Take somebody off the list that his token names, or off all; at once (RFC 8058)."""
    found = tokens.read(store.secret(), "unsubscribe", token, now)
    if found is None:
        return Answer(Outcome.INVALID)
    digest = found.parts[0] if found.parts else ""
    left = store.unsubscribe(found.subscriber, digest, reason, now)
    return Answer(Outcome.DONE if left else Outcome.ALREADY, store.subscriber(found.subscriber))


def preferences(store: Store, token: str, now: datetime) -> Answer:
    """What somebody gets, to be shown to him."""
    found = tokens.read(store.secret(), "preferences", token, now)
    subscriber = store.subscriber(found.subscriber) if found else None
    if subscriber is None:
        return Answer(Outcome.CLOSED if found else Outcome.INVALID)
    active = subscriber.state is SubscriberState.ACTIVE
    return Answer(Outcome.DONE if active else Outcome.CLOSED, subscriber)


def change(store: Store, token: str, choices: Sequence[Subscription], language: str, now: datetime) -> Answer:
    """Bring what somebody gets to exactly his choices, none of which means that he leaves.

    Who is not active, because he left, is not brought back by it: he can subscribe.
    """
    before = preferences(store, token, now)
    if before.subscriber is None:
        return before
    number = before.subscriber.number
    done = store.change(number, choices, language, now)
    return Answer(Outcome.DONE if done else Outcome.CLOSED, store.subscriber(number))


def enroll(
    store: Store,
    items: Iterable[Entry | Refusal],
    source: str,
    now: datetime,
    refuse: Callable[[Refusal], None],
    progress: Callable[[], None] = lambda: None,
) -> Counter[str]:
    """Take the people of a file in, some lines at a time; how many lines had which verdict.

    Each line that is not taken is given to `refuse`, in their order. What was taken stays taken if
    it is interrupted: the same file again goes on from there.
    """
    counts: Counter[str] = Counter()
    for batch in _batches(items):
        people = [item.person for item in batch if isinstance(item, Entry)]
        admitted = iter(store.admit(people, source, now))
        for item in batch:
            if isinstance(item, Entry):
                verdict = next(admitted)
                counts[verdict.verdict] += 1
                if verdict.verdict is Verdict.REFUSED:
                    refuse(Refusal(item.line, f"{item.person.address}: {verdict.reason}"))
            else:
                counts[Verdict.REFUSED] += 1
                refuse(item)
        progress()
    return counts


def _batches(items: Iterable[Entry | Refusal]) -> Iterator[list[Entry | Refusal]]:
    rest = iter(items)
    while batch := list(islice(rest, BATCH)):
        yield batch
