"""What types cannot say about config.toml: rules over its raw values, all of them asked.

A value of the wrong type is passed over; that it is wrong is already reported.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from publisher import schedules
from publisher.characters import FORBIDDEN, TURNING, any_of
from publisher.config import Output, Seeds
from publisher.config.lines import Path as Key

Rule = Callable[[str], str]
"""Say what is wrong with a text, or return an empty string."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_LONGEST_NAME = 60
_NOT_IN_ADDRESSES = re.compile(r"""[\s<>"{}|\\^`]""")
_UNSEEN = any_of(f"{FORBIDDEN}{TURNING}\r")
_DOMAIN = re.compile(r"(?!-)[\w-]+(?<!-)(\.(?!-)[\w-]+(?<!-))*")


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
    yield from _folders(data, root)
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


def _url(value: str) -> str:
    return _web_address(value) or ("must end before any ? or #" if "?" in value or "#" in value else "")


def _url_of_hub(value: str) -> str:
    return _web_address(value) or ("" if value.isascii() else "must be in ASCII, as it goes over the wire")


def _web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "not a web address"
    if parts.scheme not in ("http", "https") or not host or _NOT_IN_ADDRESSES.search(value):
        return "must be a whole web address that begins with http:// or https://"
    if "@" in parts.netloc:
        return "must be without a user name"
    try:
        host.encode("idna")
    except UnicodeError:
        return "names no host that can be"
    return ""


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        return "not a known time zone"
    return ""


def _language(value: str) -> str:
    from babel import Locale, UnknownLocaleError

    try:
        Locale.parse(value, sep="-")
    except (ValueError, UnknownLocaleError):
        return "not a known language"
    return ""


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        return "must be small letters, digits and hyphens"
    return f"must be at most {_LONGEST_NAME} letters long" if len(value) > _LONGEST_NAME else ""


def _schedule(value: str) -> str:
    return schedules.fault_in(value)


def _mailbox(value: str) -> str:
    """RFC 5322, section 3.4, as Python reads it, and a domain that may hold any letters (RFC 6531)."""
    from email.errors import InvalidHeaderDefect
    from email.headerregistry import HeaderRegistry

    wrong = "must be one address such as Name <name@example.org>"
    if any(unicodedata.category(mark) == "Cc" for mark in value):
        return wrong
    try:
        header: Any = HeaderRegistry()("To", value)
    except (ValueError, LookupError, AttributeError, TypeError):
        # The parser of Python 3.11 trips over its own feet at `name@`, `?:<];>` and `.-?-[`.
        return wrong
    # A group (`staff: a@example.org;`) has a name; only one address without a group has none.
    single = len(header.addresses) == 1 and header.groups[0].display_name is None
    broken = any(isinstance(defect, InvalidHeaderDefect) for defect in header.defects)
    named = single and header.addresses[0].username and _DOMAIN.fullmatch(header.addresses[0].domain)
    return "" if named and not broken else wrong


def _mailbox_or_empty(value: str) -> str:
    return _mailbox(value) if value else ""


def _database(value: str) -> str:
    if not value.startswith("sqlite:///"):
        return "must begin with sqlite:///, other databases are not supported by this version"
    return "" if value.removeprefix("sqlite:///") else "names no file"


def _folder(value: str) -> str:
    if value.startswith("s3://"):
        return "must be a folder, buckets are not supported by this version"
    return "" if value.strip() else "must name a folder"


def _one_line(value: str) -> str:
    if "\n" in value:
        return "must be one line"
    return "must not be blank" if value and not value.strip() else ""


RULES: tuple[tuple[str, Rule], ...] = (
    ("site.title", _one_line),
    ("site.rights", _one_line),
    ("site.url", _url),
    ("site.timezone", _zone),
    ("site.language", _language),
    ("seeds.path", _folder),
    ("output.path", _folder),
    ("keywords.topic.*.name", _one_line),
    ("feeds.websub.*", _url_of_hub),
    ("feed.*.name", _name),
    ("feed.*.title", _one_line),
    ("feed.*.description", _one_line),
    ("digest.*.name", _name),
    ("digest.*.title", _one_line),
    ("digest.*.subject", _one_line),
    ("digest.*.schedule", _schedule),
    ("digest.*.recipients.*", _mailbox),
    ("schedule.feeds", _schedule),
    ("mail.sender", _mailbox),
    ("mail.reply_to", _mailbox_or_empty),
    ("database.url", _database),
)
"""Where a rule holds: `*` stands for each member of an array."""


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
    if not (seeds.strip() and output.strip()) or "\0" in seeds + output:
        return
    one, other = (os.path.realpath(root / path) for path in (seeds, output))
    if os.path.commonpath([one, other]) in (one, other):
        what = "must be neither the seeds folder nor one inside or around it"
        yield Fault(("output", "path"), f"{what} (got {shown(output)})")


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
