"""Who is signed in: a cookie that only his browser has, and a row here that can be struck.

A cookie is ``name.until.mark``: what was drawn, the end in seconds since 1970, both in hexadecimal, and an
HMAC-SHA256 (RFC 2104) of them by a key that the site's secret and the password make. So another password
ends every session, and so does a sign-out, for the row is gone.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

SHORTEST = 8
"""Characters that a password has at least."""
_COOKIE = re.compile(r"([0-9a-f]{32})\.([0-9a-f]{8,10})\.([0-9a-f]{64})")


class Register(Protocol):
    """What remembers sessions; see `publisher.store.visitors`."""

    def begin_session(self, hashed: str, until: datetime, now: datetime) -> None:
        """Remember one."""

    def session_is_open(self, hashed: str, now: datetime) -> bool:
        """Whether it was begun and did not end."""

    def end_session(self, hashed: str) -> None:
        """Strike it."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in. `form` is what each of his forms has to bring along."""

    hashed: str
    until: datetime
    form: str


@dataclass(frozen=True, slots=True)
class Sessions:
    """Begins, knows and ends sessions of the one who has the password."""

    register: Register
    password: str = field(repr=False)
    secret: str = field(repr=False)
    lifetime: timedelta

    def is_password(self, given: str) -> bool:
        """Compared in a time that tells nothing, however long it is."""
        return hmac.compare_digest(self._mark("password", given), self._mark("password", self.password))

    def begin(self, now: datetime) -> str:
        """A cookie for somebody who gave the password."""
        name, until = secrets.token_hex(16), now + self.lifetime
        self.register.begin_session(_hashed(name), until, now)
        head = f"{name}.{int(until.timestamp()):x}"
        return f"{head}.{self._mark('session', head)}"

    def of(self, cookie: str, now: datetime) -> Session | None:
        """The session of a cookie, unless it was forged, is over or was struck."""
        found = _COOKIE.fullmatch(cookie)
        if found is None:
            return None
        name, seconds, mark = found.groups()
        if not hmac.compare_digest(mark, self._mark("session", f"{name}.{seconds}")):
            return None
        until = datetime.fromtimestamp(int(seconds, 16), UTC)
        if until <= now or not self.register.session_is_open(_hashed(name), now):
            return None
        return Session(_hashed(name), until, self._mark("form", name))

    def end(self, session: Session) -> None:
        """Sign out."""
        self.register.end_session(session.hashed)

    def _mark(self, purpose: str, text: str) -> str:
        key = hmac.digest(self.secret.encode(), f"console\0{self.password}".encode(), "sha256")
        return hmac.digest(key, f"{purpose}\0{text}".encode("utf-8", "surrogatepass"), "sha256").hex()


def _hashed(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
