"""What every page of the console shares: who is signed in, in which language, and how an answer is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from publisher.model import HELD_BY_HAND
from publisher.web import languages
from publisher.web.console import views
from publisher.web.console.lockout import Lockout
from publisher.web.console.notices import Notice, Notices
from publisher.web.console.sessions import Session, Sessions
from publisher.web.console.views import Live, Sheet
from publisher.web.guards.origins import Source, origin_of, source_of
from publisher.web.site import Site

ROOT = "/console/"
COOKIE = "console"
LANGUAGE = "console_language"
ON_A_PAGE = 25
"""Lines of a list on one page."""
_FURTHEST = 10_000
_DIGITS = 15
"""What a number may have: what more counts to nobody has."""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of the owner's: in his language, at a moment of the site's zone."""

    request: Request
    session: Session
    language: str
    now: datetime

    @property
    def today(self) -> date:
        """The day in the site's zone."""
        return self.now.date()

    @property
    def offset(self) -> timedelta:
        """How far the site's zone is from UTC now."""
        return self.now.utcoffset() or timedelta()

    def asked(self, name: str) -> str:
        """What the address says of `name`."""
        return self.request.query_params.get(name, "")

    @property
    def number(self) -> int:
        """The number in the address, as `number_in` it."""
        return number_in(self.request.path_params["number"])

    @property
    def page(self) -> int:
        """Which page of a list is asked for, from 1."""
        return min(number_in(self.asked("page")), _FURTHEST) or 1


class Desk:
    """Makes answers of the console for one site."""

    def __init__(self, site: Site, password: str) -> None:
        lifetime = timedelta(hours=site.config.console.hours)
        self.site, self.store, self.config = site, site.store, site.config
        self.sessions = Sessions(site.store, password, site.secret, lifetime)
        self.lockout, self.notices = Lockout(), Notices()
        self._languages = languages.offered(site.config)
        self._assets = {name: site.templates.file(f"console/{name}") for name in ("style.css", "script.js")}
        self.version = sha256(b"".join(self._assets.values())).hexdigest()[:12]

    def asset(self, name: str) -> bytes:
        """The style sheet, or the script."""
        return self._assets[name]

    # Who asks

    def now(self) -> datetime:
        """The present, in the site's zone."""
        return self.site.clock().astimezone(self.config.zone)

    def session(self, request: Request) -> Session | None:
        """The session that a request belongs to."""
        return self.sessions.of(request.cookies.get(COOKIE, ""), self.site.clock())

    def visit(self, request: Request) -> Visit | None:
        """The request as the owner's, if he is signed in."""
        session = self.session(request)
        return Visit(request, session, self.language(request), self.now()) if session else None

    def is_ours(self, request: Request) -> bool:
        """Whether a form may have come from a page of ours, as far as the browser says."""
        here = f"{request.url.scheme}://{request.headers.get('host', '')}"
        own = {origin_of(self.config.web.url or self.config.site.url), here}
        return source_of(request.headers, own) is not Source.FOREIGN

    def language(self, request: Request) -> str:
        """The language of an answer: that of the address, or chosen before, or wished by the browser."""
        for named in (request.query_params.get("lang"), request.cookies.get(LANGUAGE)):
            if named in self._languages:
                return str(named)
        wish = request.headers.get("accept-language", "")
        return languages.wanted(wish.encode("latin-1"), self._languages)

    # What is answered

    def page(self, visit: Visit, template: str, *, status: int = 200, **context: Any) -> Response:
        """A page for the owner."""
        shared = {
            "form": visit.session.form,
            "live": self.live(),
            "notice": self.notices.get(visit.asked("notice"), visit.now),
            "now": visit.now,
        }
        return self.sheet(visit.request, template, status=status, **shared, **context)

    def sheet(self, request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
        """A page for anybody."""
        language = self.language(request)
        html = self.words(
            language,
            f"{template}.html",
            path=request.url.path,
            switch=self._switch(request, language),
            **context,
        )
        answer = HTMLResponse(html, status, {**HEADERS, "Content-Language": language})
        if request.query_params.get("lang") == language:
            self._keep(request, answer, LANGUAGE, language, timedelta(days=365))
        return answer

    def words(self, language: str, template: str, **context: Any) -> str:
        """A template of the console filled in."""
        templates = self.site.templates.speaking(language)
        return templates.render(
            f"console/{template}",
            site=self.config.site,
            digests=self.config.digest,
            language=language,
            root=ROOT,
            version=self.version,
            by_hand=HELD_BY_HAND,
            **context,
        )

    def done(self, visit: Visit, notice: Notice, place: str) -> Response:
        """What a form is answered with: a way to a page that tells what was done."""
        name = self.notices.put(notice, visit.now)
        mark = "&" if "?" in place else "?"
        return self.away(f"{place}{mark}notice={name}")

    def away(self, place: str = "") -> RedirectResponse:
        """A way to another page of the console."""
        return RedirectResponse(ROOT + place, 303, HEADERS)

    def live(self) -> Live:
        """What goes on now."""
        last = next(iter(self.store.last_runs(1)), None)
        return views.live(self.site.progress(), self.store.under_way(), last, self.store.edition_count())

    def sign(self, request: Request, answer: Response, cookie: str) -> None:
        """Let a browser have its session."""
        self._keep(request, answer, COOKIE, cookie, self.sessions.lifetime)

    def forget(self, request: Request, answer: Response) -> None:
        """Take it back."""
        self._keep(request, answer, COOKIE, "", timedelta())

    @staticmethod
    def _keep(request: Request, answer: Response, name: str, value: str, age: timedelta) -> None:
        seconds, secure = int(age.total_seconds()), request.url.scheme == "https"
        answer.set_cookie(
            name, value, max_age=seconds, path=ROOT, secure=secure, httponly=True, samesite="strict"
        )

    def _switch(self, request: Request, language: str) -> list[tuple[str, str, str]]:
        """Each language by its code and its own name, with the address of this page in it; none if it is this."""
        if request.method not in ("GET", "HEAD"):
            return []
        return [
            (
                code,
                languages.NAMES.get(code, code),
                "" if code == language else str(request.url.include_query_params(lang=code).query),
            )
            for code in self._languages
        ]


def number_in(text: str) -> int:
    """A number that somebody sent; 0, which nothing has, for what is none or too long."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else 0


def cut_to_sheet(found: Sequence[Any], number: int) -> tuple[Sequence[Any], Sheet]:
    """What was asked for with one line too many, as a page of a list."""
    return found[:ON_A_PAGE], Sheet(number, len(found) > ON_A_PAGE)
