"""Bytes from a relay → replies (RFC 5321, section 4.2), whatever pieces they arrive in."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LONGEST_LINE = 4096
"""RFC 5321, section 4.5.3.1.5 has 512 octets; some relays explain themselves at length."""
_MOST_LINES = 256
_LONGEST_ANSWER = 500
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]+")
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?= |$)")


class OutOfStep(Exception):
    """The relay says what nobody can say here: nothing that it says next can be understood."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A code and the lines behind it, as they came."""

    code: int
    lines: tuple[bytes, ...]

    @property
    def good(self) -> bool:
        """Whether it says yes (2yz)."""
        return 200 <= self.code < 300

    @property
    def text(self) -> str:
        """What it says in one printable line; its enhanced code (RFC 3463) stands once, in front."""
        lines = [_UNPRINTABLE.sub(" ", line.decode("utf-8", "replace")).strip() for line in self.lines]
        enhanced = _ENHANCED.match(lines[0])
        if enhanced:
            lines[1:] = [f"{line} ".removeprefix(f"{enhanced[0]} ") for line in lines[1:]]
        return " ".join(" ".join(lines).split())[:_LONGEST_ANSWER]


class Replies:
    """Takes bytes and gives whole replies; raises `OutOfStep` at the first that is none."""

    def __init__(self) -> None:
        self._rest = b""
        self._lines: list[bytes] = []
        self._code = b""

    def feed(self, data: bytes) -> None:
        """Take what arrived."""
        self._rest += data

    @property
    def empty(self) -> bool:
        """Whether nothing is left of what was fed, not even the beginning of a reply."""
        return not self._rest and not self._lines

    def next(self) -> Reply | None:
        """The next whole reply, if there is one."""
        while True:
            line, end, rest = self._rest.partition(b"\n")
            if len(line) > _LONGEST_LINE:
                raise OutOfStep("a line without an end")
            if not end:
                return None
            self._rest = rest
            if self._last(line.rstrip(b"\r")):
                lines, self._lines = tuple(self._lines), []
                return Reply(int(self._code), lines)

    def _last(self, line: bytes) -> bool:
        code, mark = line[:3], line[3:4]
        if (
            len(code) != 3
            or not code.isdigit()
            or not b"200" <= code <= b"599"
            or mark not in (b"", b" ", b"-")
        ):
            raise OutOfStep(f"not a reply: {line[:60]!r}")
        if self._lines and code != self._code:
            raise OutOfStep(f"a reply with two codes: {self._code.decode()} and {code.decode()}")
        if len(self._lines) >= _MOST_LINES:
            raise OutOfStep("a reply without an end")
        self._code = code
        self._lines.append(line[4:])
        return mark != b"-"
