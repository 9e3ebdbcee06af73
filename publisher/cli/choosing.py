"""The options of ``publish subscribers`` that say what people get, of whom to speak, and where it goes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from publisher.config import Config
    from publisher.model import Subscription

STATES = ("pending", "active", "unsubscribed", "bounced", "complained")
RHYTHMS = ("edition", "daily", "weekly")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
FORMS = ("csv", "json")
"""The words of the nouns, which are not imported before a command runs."""

_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class Choosing:
    """What was said of what people get."""

    digests: tuple[str, ...]
    keywords: str
    rhythm: str | None
    weekday: str | None
    length: int | None
    language: str
    consent: str

    @property
    def changes(self) -> bool:
        """Whether anything was said that changes what somebody gets already."""
        return bool(self.keywords or self.rhythm or self.weekday or self.length is not None)

    def choices(self, config: Config) -> tuple[Subscription, ...]:
        """A subscription for each digest, or the only one; none where there are several and none is named."""
        from publisher.errors import UsageError
        from publisher.mailing.importing.terms import RefusedError
        from publisher.mailing.importing.values import labels, language
        from publisher.model import Rhythm, Subscription

        if self.weekday and self.rhythm != "weekly":
            raise UsageError("--weekday goes with --rhythm weekly")
        names = [digest.name for digest in config.digest]
        for name in self.digests:
            exists(config, name)
        try:
            keywords, _ = labels(self.keywords), language(self.language)
        except RefusedError as error:
            raise UsageError(f"--{error}") from None
        day = WEEKDAYS.index(self.weekday) if self.weekday else 0
        chosen = self.digests or (names if len(names) == 1 else ())
        return tuple(
            Subscription(name, keywords, Rhythm(self.rhythm or "edition"), day, self.length or 0)
            for name in dict.fromkeys(chosen)
        )


def choosing(command: _Command) -> _Command:
    """Give a command the options of `Choosing`."""
    return _with_options(
        command,
        click.option(
            "--digest", "digests", multiple=True, help="Its name; may be repeated.  [default: the only one]"
        ),
        click.option("--keywords", default="", help="Only articles under these labels, separated by commas."),
        click.option("--rhythm", type=click.Choice(RHYTHMS), help="How often.  [default: edition]"),
        click.option(
            "--weekday", type=click.Choice(WEEKDAYS), help="The day of weekly mails.  [default: monday]"
        ),
        click.option(
            "--length", type=click.IntRange(0, 1000), help="The most articles of one mail; 0: no limit."
        ),
        click.option("--language", default="", help="The language of their mails, such as vi or en."),
        click.option("--consent", default="", help="The words to which they agreed, kept with each address."),
    )


def filtering(command: _Command) -> _Command:
    """Give a command the options that say of whom to speak."""
    return _with_options(
        command,
        click.option("--state", type=click.Choice(STATES), help="Only those in this state."),
        click.option("--digest", default="", help="Only those who are on the list of this digest."),
    )


def exists(config: Config, digest: str) -> None:
    """See to it that a digest that was named is in the configuration."""
    from publisher.config.checks import did_you_mean
    from publisher.errors import UsageError

    names = [each.name for each in config.digest]
    if digest not in names:
        raise UsageError(f"--digest: there is none of the name {digest}{did_you_mean(digest, names)}")


def form_of(file: Path, form: str | None) -> str:
    """The form that was named, or that of the file's name."""
    return form or ("json" if file.suffix.lower() in (".json", ".jsonl") else "csv")


@contextmanager
def written(file: Path) -> Iterator[Callable[[str], object]]:
    """A way to write into a file, which is put in place whole and for its owner's eyes; ``-`` is stdout."""
    if file == Path("-"):
        yield sys.stdout.write
        return
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with open(
            os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8", newline=""
        ) as out:
            yield out.write
        os.replace(fresh, file)
    finally:
        fresh.unlink(missing_ok=True)


def write_all(write: Callable[[str], object], texts: Iterable[str]) -> int:
    """Write texts one after another; how many there were."""
    number = 0
    for text in texts:
        write(text)
        number += 1
    return number


def _with_options(command: _Command, *options: Callable[[_Command], _Command]) -> _Command:
    for option in reversed(options):
        command = option(command)
    return command
