"""Bytes from a relay → replies (RFC 5321, section 4.2), whatever pieces they arrive in."""

from __future__ import annotations

import re
from typing import NamedTuple

_LONGEST_LINE = 4096
"""RFC 5321, section 4.5.3.1.5 has 512 octets; some relays explain themselves at length."""
_MOST_LINES = 256
_LONGEST_ANSWER = 500
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]+")
_LINE = re.compile(rb"([2-5]\d\d)(?:([ -])([^\n]*)|\r*)\n")
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?= |$)")


class OutOfStep(Exception):
    """The relay says what nobody can say here: nothing that it says next can be understood."""


class Reply(NamedTuple):
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
        if (
            len(self.lines) == 1
            and self.lines[0].isascii()
            and (plain := self.lines[0].decode()).isprintable()
        ):
            return " ".join(plain.split())[:_LONGEST_ANSWER]
        lines = [_UNPRINTABLE.sub(" ", line.decode("utf-8", "replace")).strip() for line in self.lines]
        enhanced = _ENHANCED.match(lines[0])
        if enhanced:
            lines[1:] = [f"{line} ".removeprefix(f"{enhanced[0]} ") for line in lines[1:]]
        return " ".join(" ".join(lines).split())[:_LONGEST_ANSWER]


class Replies:
    """Takes bytes and gives whole replies; raises `OutOfStep` at the first that is none."""

    def __init__(self) -> None:
        self._rest = b""
        self._at = 0
        self._lines: list[bytes] = []
        self._code = b""

    def feed(self, data: bytes) -> None:
        """Take what arrived."""
        self._rest = self._rest[self._at :] + data
        self._at = 0

    @property
    def empty(self) -> bool:
        """Whether nothing is left of what was fed, not even the beginning of a reply."""
        return self._at == len(self._rest) and not self._lines

    def next(self) -> Reply | None:
        """The next whole reply, if there is one."""
        while line := _LINE.match(self._rest, self._at):
            code, mark, text = line.groups()
            if line.end() - self._at > _LONGEST_LINE:
                raise OutOfStep("a line without an end")
            self._at = line.end()
            if self._lines and code != self._code:
                raise OutOfStep(f"a reply with two codes: {self._code.decode()} and {code.decode()}")
            self._code = code
            self._lines.append((text or b"").rstrip(b"\r"))
            if mark != b"-":
                lines, self._lines = tuple(self._lines), []
                return Reply(int(code), lines)
            if len(self._lines) >= _MOST_LINES:
                raise OutOfStep("a reply without an end")
        rest, end, _ = self._rest[self._at :].partition(b"\n")
        if len(rest) > _LONGEST_LINE:
            raise OutOfStep("a line without an end")
        if end:
            shown = rest.rstrip(b"\r")[:60]
            raise OutOfStep(f"not a reply: {shown!r}")
        return None
