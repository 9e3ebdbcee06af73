"""Bytes of a CSV file (RFC 4180) → records, each with the line on which it begins.

Files of other programs are taken as they come: commas, semicolons or tabs, UTF-8 or UTF-16 with its
mark. What is broken costs its own line and no other, and memory for a few lines at a time.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from publisher.errors import UsageError

_DELIMITERS = "\t;,"
"""Those that are seldom part of a column's name come first."""
_LONGEST = 1 << 16
"""Characters of a line, and of a record of several lines: beyond, a quote was left open."""
_REPLACED = "\N{REPLACEMENT CHARACTER}"
FORMULA = r"'*[=+\-@＝＋－＠\t\r\n]"
"""How a cell begins that a spreadsheet might run, or that was guarded from it by an apostrophe."""
_GUARDED = re.compile(f"'(?={FORMULA})")


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one record, or why there are none."""

    line: int
    cells: Sequence[str] = ()
    fault: str = ""


class _BrokenError(Exception):
    """A line that cannot be part of a record."""


@contextmanager
def text_of(stream: io.BufferedReader) -> Iterator[io.TextIOWrapper]:
    """The text of a file, told by its mark, else UTF-8; what is none is U+FFFD. Line ends stay as they are."""
    start = stream.peek(2)[:4]
    marked = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if b"\0" in start and not marked:
        raise UsageError(
            "the file is not UTF-8", hint="save it as UTF-8, or as UTF-16 with a byte order mark"
        )
    text = io.TextIOWrapper(stream, "utf-16" if marked else "utf-8-sig", errors="replace", newline="")
    try:
        yield text
    finally:
        with suppress(ValueError):  # whoever opened the stream has closed it meanwhile
            text.detach()


def records(stream: io.BufferedReader) -> Iterator[Record]:
    """The records of a file, the heading first; raises `publisher.errors.UsageError` for what is no text."""
    with text_of(stream) as text:
        yield from _records(_Lines(text))


def _records(lines: _Lines) -> Iterator[Record]:
    reader = csv.reader(lines, delimiter=_delimiter(lines), strict=True)
    while True:
        lines.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _BrokenError) as error:
            yield Record(lines.first, fault=_words(error))
            lines.go_back()
            continue
        if cells:
            yield Record(
                lines.first, [_GUARDED.sub("", cell, 1) if cell[:1] == "'" else cell for cell in cells]
            )


def _delimiter(lines: _Lines) -> str:
    """The one that stands most often in the heading; a line ``sep=;`` is believed and taken away."""
    while lines.peek() and not lines.peek().strip():
        lines.drop()
    heading = lines.peek()
    if found := re.fullmatch(r"sep=(.)", heading.strip("\r\n"), re.IGNORECASE):
        lines.drop()
        return found[1]
    return max(_DELIMITERS, key=re.sub(r'"[^"]*"', "", heading).count)


def _words(error: Exception) -> str:
    """What a person makes of the csv module's words."""
    text = str(error)
    if "end of data" in text:
        return "a quote is not closed"
    return "something follows a closing quote" if "expected after" in text else text


class _Lines:
    """The lines of a text, those since a record began kept, so that reading can go on behind the first."""

    def __init__(self, text: io.TextIOBase) -> None:
        self._text = text
        self._ahead: deque[str] = deque()
        self._since: list[str] = []
        self._length = 0
        self.first = 1

    def begin(self) -> None:
        """A record begins with the next line."""
        self.first += len(self._since)
        self._since.clear()
        self._length = 0

    def go_back(self) -> None:
        """Read again what followed the first line of the record."""
        self._ahead.extendleft(reversed(self._since[1:]))
        del self._since[1:]

    def peek(self) -> str:
        """The next line, which stays the next."""
        if not self._ahead:
            self._ahead.append(self._text.readline(_LONGEST))
        return self._ahead[0]

    def drop(self) -> None:
        """Pass over the next line."""
        self._since.append(self._ahead.popleft())

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._ahead.popleft() if self._ahead else self._text.readline(_LONGEST)
        if not line:
            raise StopIteration
        self._since.append(line)
        self._length += len(line)
        if len(line) >= _LONGEST and line[-1] not in "\r\n":
            self._skip()
            raise _BrokenError(f"is longer than {_LONGEST:,} characters")
        if self._length > _LONGEST:
            raise _BrokenError("a quote is not closed")
        if _REPLACED in line:
            raise _BrokenError("holds bytes that are not text in the encoding of the file")
        return line

    def _skip(self) -> None:
        while (more := self._text.readline(_LONGEST)) and more[-1] not in "\r\n":
            pass
