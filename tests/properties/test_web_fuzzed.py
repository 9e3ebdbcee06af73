"""Anything asked of every route: no failure of ours, no header of theirs, no token that nobody signed."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest
from conftest import NOW, Site
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from webapp import WebApp, raw

from publisher.mailing import tokens
from publisher.model import SubscriberState

ROUTES = ("subscribe", "confirm", "preferences", "unsubscribe", "hooks", "console", "healthz", "readyz")
BELOW = ("", "login", "runs", "editions/1", "subscribers/999999999999999999999", "preview/daily", "ses")
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")
FIELDS = (
    "address",
    "digest",
    "keyword",
    "rhythm",
    "weekday",
    "length",
    "letters",
    "form",
    "lang",
    "daily.keyword",
)
TRICKS = (
    "\r\nX-Planted: 1",
    "\n\nX-Planted: 1",
    "<script>",
    "{{ 7*7 }}",
    "'; DROP TABLE subscriber; --",
    "\0",
    "../" * 8,
)
TEXT = st.one_of(st.text(max_size=40), st.sampled_from(TRICKS), st.integers().map(str))
FORM = st.lists(st.tuples(st.one_of(st.sampled_from(FIELDS), TEXT), TEXT), max_size=12)
HEADER = st.one_of(
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60),
    st.sampled_from(
        ["q=0;q=1", "*;q=", "gzip;q=0.5, br;q=9", 'W/""', "bytes=-", "bytes=9999999999999999999-"]
    ),
)
NAMES = (
    "Accept-Encoding",
    "Accept-Language",
    "If-None-Match",
    "If-Modified-Since",
    "Range",
    "If-Range",
    "Origin",
    "Sec-Fetch-Site",
    "X-Forwarded-For",
    "X-Forwarded-Proto",
    "Cookie",
    "Referer",
)
KINDS = st.sampled_from(
    ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json", "", "ü"]
)


@pytest.fixture(scope="module")
def own() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patched:
        yield patched


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory, own: pytest.MonkeyPatch) -> Iterator[WebApp]:
    folder = Site(tmp_path_factory.mktemp("fuzzed") / "site")
    folder.article("one.txt", "Kiến An", "Kiến An.")
    folder.run()
    # With a password there is a console, whose doors are asked as well.
    own.setenv("PUBLISHER_CONSOLE_PASSWORD", "a long pass phrase of the owner")
    more = 'attempts_per_network = 1000000\nproxies = ["127.0.0.1/32"]'
    with WebApp(folder, web=more) as running:
        yield running


MEANT = {200, 206, 302, 303, 304, 307, 308, *(set(range(400, 430)) - {402, 418, 421, 423, 424, 425})}
"""The answers that we give; 503 is also one of `/readyz`, for no run is under way here."""


def status_of(head: bytes) -> int:
    return int(head.split(b" ")[1])


FUZZED = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@FUZZED
@given(
    method=st.sampled_from(METHODS),
    route=st.sampled_from((*ROUTES, "", "feed.atom", "keywords", "articles")),
    rest=st.one_of(st.sampled_from(BELOW), TEXT),
    query=st.one_of(
        FORM.map(urlencode), st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40)
    ),
    headers=st.dictionaries(st.sampled_from(NAMES), HEADER, max_size=5),
    kind=KINDS,
    body=st.one_of(FORM.map(lambda form: urlencode(form).encode()), st.binary(max_size=200)),
)
def test_no_request_makes_the_server_fail_or_say_what_it_was_told_to(
    web: WebApp,
    method: str,
    route: str,
    rest: str,
    query: str,
    headers: dict[str, str],
    kind: str,
    body: bytes,
) -> None:
    path = f"/{route}/{quote(rest, safe='/' if rest in BELOW else '')}" if rest else f"/{route}"
    lines = [f"{method} {path}?{query.replace('#', '')} HTTP/1.1", "Host: x", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    answer = raw(web.port, "\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    head = answer.partition(b"\r\n\r\n")[0]
    assert status_of(head) in MEANT or (route == "readyz" and status_of(head) == 503), head
    assert b"location: http" not in head.lower().replace(b"location: http://x/", b"")
    assert b"\nx-planted" not in head.lower()
    assert b"Traceback" not in answer
    assert b"<script>" not in answer


ANSWERS = st.one_of(
    TEXT, st.sampled_from(["daily", "kien-an", "weekly", "3", "-1", "10", "en", "xx", "²", "1e3"])
)
FILLED = st.dictionaries(st.sampled_from(FIELDS), st.lists(ANSWERS, min_size=1, max_size=3), max_size=10)


@FUZZED
@given(fields=FILLED, marked=st.booleans())
def test_no_way_to_fill_in_a_form_makes_it_fail(
    web: WebApp, fields: dict[str, list[str]], marked: bool
) -> None:
    if marked:
        fields = {**fields, "form": [web.sign("form", 0, now=NOW)]}
    asked = {f"daily.{name}": values for name, values in fields.items()}
    mine = f"/preferences/{web.sign('preferences', 1)}"
    for answer in (
        web.post("/subscribe", fields),
        web.get(f"/subscribe?{urlencode(fields, doseq=True)}"),
        web.post(mine, {**fields, **asked}),
        web.get(mine),
    ):
        assert answer.status in (200, 422, 429)
        assert "x-planted" not in answer.headers
        assert "<script>" not in answer.text
    desk = web.site.store.subscriber(1)
    assert desk is not None
    (mine_now,) = desk.subscriptions
    assert set(mine_now.keywords) <= {"Kiến An"}
    assert mine_now.weekday in range(7)


@FUZZED
@given(
    token=st.one_of(
        TEXT, st.from_regex(r"[0-9a-f]{1,3}\.[0-9a-f]{1,9}(\.[a-z0-9-]{1,8})?\.[0-9a-f]{24}", fullmatch=True)
    )
)
def test_no_token_is_taken_that_was_not_signed(web: WebApp, token: str) -> None:
    for page in ("confirm", "unsubscribe", "preferences"):
        path = f"/{page}/{quote(token, safe='')}" if token else f"/{page}/x"
        assert web.get(path).status == 404
        assert web.post(path, {"digest": "daily"}).status == 404
    assert web.site.store.subscriber_count(SubscriberState.ACTIVE) == 1  # the desk


@FUZZED
@given(place=st.integers(0, 40), letter=st.sampled_from("0123456789abcdef.-zA%"))
def test_a_token_with_one_letter_changed_is_nobodys(web: WebApp, place: int, letter: str) -> None:
    token = tokens.sign(web.site.secret, "unsubscribe", 1, "daily", now=NOW)
    place %= len(token)
    forged = token[:place] + letter + token[place + 1 :]
    if forged.lower() != token:
        assert web.get(f"/unsubscribe/{quote(forged)}").status == 404
        assert web.post(f"/unsubscribe/{quote(forged)}").status == 404


ODD = (
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"GET http://evil.example/subscribe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"GET /subscribe HTTP/1.0\r\n\r\n",
    b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"GET /subscribe\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /subscribe HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 70_000 + b"\r\nConnection: close\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 50 + b"\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
)


@pytest.mark.parametrize("request_", ODD, ids=lambda request: repr(request[:24]))
def test_what_is_hardly_a_request_is_answered_or_hung_up_on(web: WebApp, request_: bytes) -> None:
    answer = raw(web.port, request_, wait=6)
    assert b"HTTP/1.1 5" not in answer
    assert web.get("/feed.atom").status == 200
