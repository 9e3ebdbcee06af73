"""Which state may follow which, and what an import may do to somebody. Pure: tested as tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from publisher.model import Admission, Origin, Subscriber, SubscriberState, Subscription, Verdict

_PENDING, _ACTIVE = SubscriberState.PENDING, SubscriberState.ACTIVE
_UNSUBSCRIBED, _BOUNCED = SubscriberState.UNSUBSCRIBED, SubscriberState.BOUNCED
_COMPLAINED = SubscriberState.COMPLAINED

BEFORE: Mapping[SubscriberState, Collection[SubscriberState]] = {
    _PENDING: (),
    _ACTIVE: (_PENDING,),
    _UNSUBSCRIBED: (_PENDING, _ACTIVE, _BOUNCED),
    _BOUNCED: (_PENDING, _ACTIVE),
    _COMPLAINED: (_PENDING, _ACTIVE, _UNSUBSCRIBED, _BOUNCED),
}
"""The states from which each state may be reached, whoever wants it."""

CONFIRMABLE = (_PENDING, _ACTIVE, _UNSUBSCRIBED)
"""The states in which a person's own confirmation makes him active: the only way back for one who left."""


@dataclass(slots=True)
class Standing:
    """How somebody stands: his state, what he gets by digest, and the digests that he left."""

    state: SubscriberState
    gets: dict[str, Subscription] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)

    def may_get(self, digest: str) -> bool:
        """Whether others than himself may put him on the list of a digest, or change what he gets of it."""
        return digest in self.gets or not (digest in self.left or "" in self.left)

    def lacks(self, wanted: Subscription) -> bool:
        """Whether it would be new to him; a reader's choice is, in the place of the owner's list."""
        has = self.gets.get(wanted.digest)
        by_owner = has is not None and has.origin is Origin.OWNER and wanted.origin is Origin.READER
        return self.may_get(wanted.digest) and (has is None or by_owner)

    def differs(self, wanted: Subscription) -> bool:
        """Whether he may get it and it is not what he gets; that a reader chose it, the owner does not undo."""
        has = self.gets.get(wanted.digest)
        by_reader = has is not None and has.origin is Origin.READER and wanted.origin is Origin.OWNER
        same = has is not None and replace(has, through=wanted.through) == wanted
        return self.may_get(wanted.digest) and not (by_reader or same)


def admission(person: Subscriber, standing: Standing | None, *, change: bool) -> Admission:
    """What becomes of somebody who is to be added by others than himself.

    Nobody comes back: not into a state from which he left, not to a digest that he left. What a reader
    chose is kept unless it is to `change`; the owner's own list gives way to a reader's choice.
    """
    if person.state is _PENDING:
        return Admission(Verdict.REFUSED, "has not confirmed and can only ask again")
    if standing is None:
        return Admission(Verdict.ADDED if person.state is _ACTIVE else Verdict.LEFT)
    if person.state is not _ACTIVE:
        return Admission(Verdict.LEFT if standing.state in BEFORE[person.state] else Verdict.KNOWN)
    if standing.state is not _ACTIVE and standing.state not in BEFORE[_ACTIVE]:
        return Admission(Verdict.REFUSED, f"is {standing.state} and is not brought back")
    wanted = person.subscriptions
    if wanted and not any(standing.may_get(mine.digest) for mine in wanted):
        digests = ", ".join(sorted(mine.digest for mine in wanted))
        return Admission(Verdict.REFUSED, f"left {digests} and is not brought back")
    if standing.state is _PENDING or any(standing.lacks(mine) for mine in wanted):
        return Admission(Verdict.ADDED)
    changed = change and any(standing.differs(mine) for mine in wanted)
    return Admission(Verdict.CHANGED if changed else Verdict.KNOWN)
