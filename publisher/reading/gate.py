"""The last gate of reading: a draft that a feed could not carry goes no further, whoever read it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from publisher.characters import FORBIDDEN, any_of
from publisher.errors import SeedError
from publisher.model import Draft
from publisher.reading.dates import EARLIEST, LATEST

_HINT = "the reader of such files should have seen to it: please report it with the file"

# XML 1.0, section 2.2, production 2
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MINUTE = timedelta(minutes=1)
_NOT_A_LINE = any_of(f"{FORBIDDEN}\t\n\r")


def checked(draft: Draft) -> Draft:
    """`draft` with offsets in whole minutes.

    SeedError where no title can be seen, or for a date or a character that no feed can carry.
    """
    if not any(unicodedata.category(mark)[0] in "LNPS" for mark in draft.title):
        raise SeedError("no title: nothing in it can be seen")
    _refuse(_NOT_A_LINE, "the title", draft.title, "which no line of text can hold")
    _check_moment("the date", draft.published)
    if draft.updated is not None:
        _check_moment("the date of the update", draft.updated)
    for where, text in _texts(draft):
        _refuse(_NOT_XML, where, text, "which XML forbids")
    published, updated = (
        _in_whole_minutes(draft.published),
        draft.updated and _in_whole_minutes(draft.updated),
    )
    if published is draft.published and updated is draft.updated:
        return draft
    return replace(draft, published=published, updated=updated)


def _in_whole_minutes(moment: datetime) -> datetime:
    """The same time on the clock: before 1911 those of Vietnam stood 7 h 6 min 30 s from UTC, which nothing can say."""
    offset = moment.utcoffset()
    if offset is None or not offset % _MINUTE:
        return moment
    return moment.replace(tzinfo=timezone(offset - offset % _MINUTE))


def _texts(draft: Draft) -> Iterator[tuple[str, str]]:
    for number, block in enumerate(draft.blocks, 1):
        yield f"block {number} ({block.kind})", block.text
        yield f"the HTML of block {number} ({block.kind})", block.html
    yield "the summary", draft.summary
    yield from (("an author", author) for author in draft.authors)
    yield from (("a keyword", keyword) for keyword in draft.keywords)
    yield "the language", draft.language
    yield "the id", draft.declared_id
    yield from (("the address of a picture", picture.url) for picture in draft.pictures)


def _check_moment(what: str, moment: datetime) -> None:
    if moment.utcoffset() is None:
        raise SeedError(f"{what} has no time zone: {moment.isoformat()}", hint=_HINT)
    if moment.microsecond:
        raise SeedError(f"{what} is not in whole seconds: {moment.isoformat()}", hint=_HINT)
    if not EARLIEST <= moment.year <= LATEST:
        reason = f"{what} is outside the years {EARLIEST} to {LATEST}: {moment.isoformat()}"
        raise SeedError(reason, hint=_HINT)


def _refuse(unwanted: re.Pattern[str], where: str, text: str, why: str) -> None:
    if not text.isprintable() and (
        found := unwanted.search(text)
    ):  # what is printable holds nothing of the kind
        raise SeedError(f"{where} holds U+{ord(found[0]):04X}, {why}", hint=_HINT)
