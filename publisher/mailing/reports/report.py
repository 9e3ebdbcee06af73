"""What a report says: the nouns of all who read one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a report means.

    `hard`: the address takes no mail. `soft`: this message did not arrive, or not yet. `complaint`: the
    reader called it spam. `unsubscribe`: the reader wants no more. `nothing`: it asks for nothing, such as
    an answer while somebody is away. `unknown`: a person should look at it.
    """

    HARD = "hard"
    SOFT = "soft"
    COMPLAINT = "complaint"
    UNSUBSCRIBE = "unsubscribe"
    NOTHING = "nothing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a report says, before it is known whom it concerns.

    `address` is whom it names. `status` is an enhanced status code (RFC 3463) or empty, `diagnostic` one
    line for people. `given_up`: nobody tries any more to deliver the message.
    """

    kind: Kind
    address: str = ""
    status: str = ""
    diagnostic: str = ""
    given_up: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says, and about whom.

    `edition` and `subscriber` are numbers that only this site can have written into what came back, 0 where
    there are none; `digest` goes with an unsubscribe token, empty for all digests. `address` is whom the
    report names, and is believed only where it is `vouched` for: the provider signed for it.
    """

    kind: Kind
    when: datetime
    edition: int = 0
    subscriber: int = 0
    digest: str = ""
    address: str = ""
    status: str = ""
    diagnostic: str = ""
    given_up: bool = False
    vouched: bool = False

    @property
    def proven(self) -> bool:
        """Whether it is certain that the report concerns whom it names."""
        return self.subscriber > 0 or self.vouched


@dataclass(frozen=True, slots=True)
class Marks:
    """How the site knows its own marks, each by a function that answers none for what it did not make.

    `return_path` reads an address and `message` the text of a Message-ID or several, both into the numbers
    of an edition and of a subscriber. `token` reads an unsubscribe token into the number of a subscriber
    and the name of a digest, which may be empty.
    """

    return_path: Callable[[str], tuple[int, int] | None]
    message: Callable[[str], tuple[int, int] | None]
    token: Callable[[str], tuple[int, str] | None]
