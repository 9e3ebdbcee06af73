"""What may be expected to fail, in one tree. Anything else that is raised is a bug.

::

    PublisherError            one line per cause and a hint; the command ends with `exit_code`
    ├── ConfigError           config.toml is missing or wrong: every fault at once (2)
    ├── UsageError            a command was asked for something that cannot be (2)
    ├── RunHeld               another process is at work on this site (1)
    ├── Stopped               a run was asked to stop before it had decided: nothing was touched (143)
    ├── TooManyVanished       more than half of the seeds are gone: nothing was touched (1)
    ├── StoreError            the database is missing, older or newer than this program, or cannot be written (1)
    ├── BucketError           a bucket refuses, or does not answer: what stands there stays (1)
    ├── SeedError             one seed cannot be read: it goes to quarantine (caught by the run)
    ├── EntryError            one article cannot stand in a feed: it is left out (caught by the run)
    ├── RenderError           one template or document cannot be made: the old file stays (caught by the run)
    ├── InboxError            one mailbox of reports cannot be read: the others are (caught by the run)
    ├── WebhookRefused        a report by web is not from whom it should be: it is refused (caught by the server)
    ├── WebhookDelayed        a report by web cannot be judged now: it is asked for again (caught by the server)
    ├── HubRefused            one hub did not take the news: a decision follows (caught by the run)
    └── DeliveryError         one message was not taken: a decision follows (caught by the run)
"""

from __future__ import annotations

from typing import Any


class PublisherError(Exception):
    """An expected failure: `lines` name the causes, `hint` says what to do next."""

    exit_code = 1

    def __init__(self, *lines: str, hint: str = "") -> None:
        super().__init__("\n".join(lines))
        self.lines = lines
        self.hint = hint

    def __reduce__(self) -> tuple[Any, ...]:
        """Go from one process to another whole."""
        return _again, (type(self), self.lines, self.hint, self.__dict__)


def _again(
    kind: type[PublisherError], lines: tuple[str, ...], hint: str, facts: dict[str, Any]
) -> PublisherError:
    made = kind.__new__(kind)
    PublisherError.__init__(made, *lines, hint=hint)
    made.__dict__.update(facts)
    return made


class ConfigError(PublisherError):
    """The configuration is missing or wrong; one line for each fault."""

    exit_code = 2


class UsageError(PublisherError):
    """What was asked for does not exist or does not go together."""

    exit_code = 2


class RunHeld(PublisherError):
    """Another process holds the lock of this site."""


class Stopped(PublisherError):
    """A run was asked to stop before it had decided anything."""

    exit_code = 143


class TooManyVanished(PublisherError):
    """More than half of all seeds vanished at once; asks for ``--force``."""


class StoreError(PublisherError):
    """The database cannot be used as it is."""


class BucketError(PublisherError):
    """A bucket cannot be asked, read or written; nothing in it is half-written."""


class SeedError(PublisherError):
    """A seed cannot become an article; `line` is where it was noticed, 0 for the whole file."""

    def __init__(self, reason: str, *, line: int = 0, hint: str = "") -> None:
        super().__init__(reason, hint=hint)
        self.reason = reason
        self.line = line


class EntryError(PublisherError):
    """An article cannot stand in a feed; the feed is made without it."""


class RenderError(PublisherError):
    """A document cannot be made; what stood at its path stays."""


class DeliveryError(PublisherError):
    """A transport did not take a message.

    `code` is the SMTP reply (RFC 5321, section 4.2), 0 where there was none.
    """

    def __init__(self, reason: str, *, code: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class InboxError(PublisherError):
    """A mailbox of reports cannot be read."""


class WebhookRefused(PublisherError):
    """A report that came by web lacks its signature, or names nobody that is configured."""


class WebhookDelayed(PublisherError):
    """What it takes to judge a report by web cannot be had now; the provider sends it again."""


class HubRefused(PublisherError):
    """A hub did not take a ping; `whole` where it takes none now (WebSub, section 6)."""

    def __init__(self, reason: str, *, whole: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.whole = whole
