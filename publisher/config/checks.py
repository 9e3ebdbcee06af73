"""What types cannot say about config.toml: rules over its raw values, all of them asked.

A value of the wrong type is passed over; that it is wrong is already reported.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from zoneinfo import available_timezones

from publisher.characters import FORBIDDEN, TURNING, any_of
from publisher.config import Mail, Output, Seeds
from publisher.config.lines import Path as Key
from publisher.config.values import RULES

_UNSEEN = any_of(f"{FORBIDDEN}{TURNING}\r")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, and where."""

    path: Key
    what: str


def faults(data: Mapping[str, object], root: Path) -> Iterator[Fault]:
    """Yield what is wrong with `data`, read from a configuration in the folder `root`."""
    for pattern, rule in RULES:
        for path, value in _matching(data, tuple(pattern.split("."))):
            if isinstance(value, str) and (what := rule(value)):
                yield Fault(path, f"{what} (got {shown(value)}){_guess(path, value)}")
    yield from _repeated(data, ("digest", "*", "name"), "name of a digest")
    yield from _repeated(data, ("feed", "*", "name"), "name of a feed")
    yield from _repeated(data, ("keywords", "topic", "*", "name"), "name of a topic")
    yield from _repeated(data, ("keywords", "topic", "*", "slug"), "slug of a topic")
    yield from _repeated(data, ("mail", "dkim", "*", "selector"), "selector of a key")
    yield from _repeated(data, ("feeds", "formats", "*"), "format")
    yield from _folders(data, root)
    yield from _workers(data)
    yield from _returned_mail(data, root)
    yield from _variables(data)
    yield from _controls(data)


def shown(value: object) -> str:
    """Write `value` as TOML would, cut to a piece of a line."""
    if isinstance(value, bool):
        return str(value).lower()
    text = f'"{value}"' if isinstance(value, str) else str(value)
    text = "".join(mark if mark.isprintable() else "\N{REPLACEMENT CHARACTER}" for mark in text)
    return text if len(text) <= 60 else text[:59] + "…"


def did_you_mean(word: object, known: Sequence[str]) -> str:
    """Return `, did you mean …?` where one of `known` is close to `word`."""
    close = get_close_matches(str(word), known, n=1)
    return f", did you mean {close[0]}?" if close else ""


def _guess(path: Key, value: str) -> str:
    return did_you_mean(value, sorted(available_timezones())) if path == ("site", "timezone") else ""


_SECRETS = (
    "notices.webhook_env",
    "web.metrics_env",
    "mail.smtp.password_env",
    "mail.relay.*.password_env",
    "mail.bounces.imap.password_env",
    "mail.webhooks.postmark_env",
    "mail.webhooks.mailgun_env",
    "console.password_env",
    "output.secret_key_env",
)


def _matching(data: object, pattern: Sequence[str]) -> Iterator[tuple[Key, object]]:
    if not pattern:
        yield (), data
        return
    head, rest = pattern[0], pattern[1:]
    inside: list[tuple[str | int, object]] = []
    if head == "*" and isinstance(data, list):
        inside = list(enumerate(data))
    elif isinstance(data, dict) and head in data:
        inside = [(head, data[head])]
    for key, value in inside:
        yield from (((key, *path), found) for path, found in _matching(value, rest))


def _repeated(data: object, pattern: Sequence[str], noun: str) -> Iterator[Fault]:
    seen: set[str] = set()
    for path, value in _matching(data, pattern):
        if isinstance(value, str):
            folded = unicodedata.normalize("NFC", value).casefold()
            if folded in seen:
                yield Fault(path, f"the {noun} must differ from those before it (got {shown(value)})")
            seen.add(folded)


def _folders(data: object, root: Path) -> Iterator[Fault]:
    """The output is swept of what a run did not make: seeds must never lie there, nor feeds among seeds."""
    seeds = _text(data, "seeds", "path", Seeds.path)
    output = _text(data, "output", "path", Output.path)
    if output.startswith("s3://") or not (seeds.strip() and output.strip()) or "\0" in seeds + output:
        return
    one, other = (os.path.realpath(root / path) for path in (seeds, output))
    if os.path.commonpath([one, other]) in (one, other):
        what = "must be neither the seeds folder nor one inside or around it"
        yield Fault(("output", "path"), f"{what} (got {shown(output)})")


def _workers(data: object) -> Iterator[Fault]:
    """Jobs are rows in PostgreSQL."""
    url = _text(data, "database", "url", "")
    if _text(data, "work", "engine", "local") == "procrastinate" and not url.startswith("postgresql:"):
        yield Fault(("work", "engine"), 'needs PostgreSQL: url = "postgresql://…" under [database]')


def _returned_mail(data: object, root: Path) -> Iterator[Fault]:
    """What came back is neither what leaves nor what anybody may fetch, and a mailbox elsewhere asks who comes."""
    outgoing = _place(root, _text(data, "mail", "maildir", Mail.maildir))
    public = _place(root, _text(data, "output", "path", Output.path))
    for path, value in _matching(data, ("mail", "bounces", "maildir")):
        if isinstance(value, str) and value.strip():
            folder = _place(root, value)
            if folder == outgoing:
                yield Fault(
                    path, f"must not be the Maildir of [mail], into which messages go (got {shown(value)})"
                )
            if os.path.commonpath([folder, public]) == public:
                yield Fault(path, f"must not be in the output folder, which is public (got {shown(value)})")
    for path, table in _matching(data, ("mail", "bounces", "imap")):
        if isinstance(table, dict) and table.get("host") and not table.get("username"):
            yield Fault((*path, "username"), "missing: the mailbox asks who comes")


def _place(root: Path, path: str) -> str:
    return os.path.realpath(root / path.replace("\0", ""))


def _variables(data: object) -> Iterator[Fault]:
    """Names of variables that hold secrets; where it is none, it may be the secret itself, and is not repeated."""
    for pattern in _SECRETS:
        for path, value in _matching(data, pattern.split(".")):
            if isinstance(value, str) and value and not _VARIABLE.fullmatch(value):
                yield Fault(path, "must be the name of an environment variable, never the secret itself")


def _text(data: object, table: str, key: str, default: str) -> str:
    found = [value for _, value in _matching(data, (table, key)) if isinstance(value, str)]
    return found[0] if found else default


def _controls(data: object, path: Key = ()) -> Iterator[Fault]:
    if isinstance(data, str):
        if found := _UNSEEN.search(data):
            control = unicodedata.category(found[0]) == "Cc"
            what = (
                "holds a control character" if control else f"holds U+{ord(found[0]):04X}, which nobody sees"
            )
            yield Fault(path, f"{what} (got {shown(data)})")
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _controls(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _controls(value, (*path, index))
