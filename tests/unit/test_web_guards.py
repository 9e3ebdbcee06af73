"""Who asks, how often, and from where."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.web.guards.limits import Limit, network_of
from publisher.web.guards.origins import Source, origin_of, source_of
from publisher.web.guards.proxies import judged, said

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
TRUSTED = [ip_network("127.0.0.1/32"), ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


def test_a_limit_lets_so_many_pass_and_then_one_after_each_share_of_the_time() -> None:
    limit = Limit(3, HOUR)
    assert [limit.wait("a", NOW) for _ in range(3)] == [timedelta()] * 3
    assert limit.wait("a", NOW) == timedelta(minutes=20)
    assert limit.wait("a", NOW + timedelta(minutes=20) - SECOND) == SECOND
    assert limit.wait("a", NOW + timedelta(minutes=20)) == timedelta()
    assert limit.wait("a", NOW + timedelta(minutes=20)) == timedelta(minutes=20)


def test_who_waited_long_enough_has_all_of_it_again_and_no_more() -> None:
    limit = Limit(3, HOUR)
    for hours in (0, 1, 100):
        moment = NOW + timedelta(hours=hours)
        assert [limit.wait("a", moment) for _ in range(3)] == [timedelta()] * 3
        assert limit.wait("a", moment) > timedelta()


def test_one_name_takes_nothing_from_another() -> None:
    limit = Limit(1, HOUR)
    assert limit.wait("a", NOW) == timedelta()
    assert limit.wait("b", NOW) == timedelta()
    assert limit.wait("a", NOW) == HOUR


def test_to_look_ahead_counts_for_nothing() -> None:
    limit = Limit(1, HOUR)
    assert [limit.ahead("a", NOW) for _ in range(3)] == [timedelta()] * 3
    assert limit.wait("a", NOW) == timedelta()
    assert [limit.ahead("a", NOW + HOUR / 4) for _ in range(3)] == [HOUR * 3 / 4] * 3
    assert limit.ahead("a", NOW + HOUR) == timedelta()


def test_a_limit_forgets_who_came_longest_ago_rather_than_to_grow() -> None:
    limit = Limit(1, HOUR, room=2)
    for name in "abc":
        assert limit.wait(name, NOW) == timedelta()
    assert limit.wait("b", NOW) == HOUR
    assert limit.wait("a", NOW) == timedelta()


def test_a_clock_that_goes_back_locks_nobody_out_for_longer_than_it_went() -> None:
    limit = Limit(2, HOUR)
    assert limit.wait("a", NOW) == timedelta()
    assert limit.wait("a", NOW - HOUR) <= 2 * HOUR


@given(st.lists(st.integers(0, 7200), min_size=1, max_size=60))
def test_never_do_more_pass_in_a_period_than_twice_the_limit(offsets: list[int]) -> None:
    limit, passed = Limit(5, HOUR), []
    for offset in sorted(offsets):
        if not limit.wait("a", NOW + offset * SECOND):
            passed.append(offset)
    for start in passed:
        assert sum(start <= other < start + 3600 for other in passed) <= 10


@pytest.mark.parametrize(
    ("client", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix:", "unix:"),
        ("", ""),
    ],
)
def test_a_household_is_one_address_or_one_network(client: str, network: str) -> None:
    assert network_of(client) == network


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.5", "198.51.100.1", "203.0.113.5"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.1, 10.1.2.3", "198.51.100.1"),
        ("127.0.0.1", "10.9.9.9, 10.1.2.3", "10.9.9.9"),
        ("127.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("127.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
        ("127.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("fd00::5", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "198.51.100.1, unknown", "127.0.0.1"),
        ("127.0.0.1", "<script>, nonsense", "127.0.0.1"),
        ("testclient", "198.51.100.1", "testclient"),
    ],
)
def test_only_proxies_that_are_trusted_say_who_asks(peer: str, forwarded: str, client: str) -> None:
    fields = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    assert judged(peer, said("x-forwarded-for", fields), TRUSTED) == (client, "")


def test_the_scheme_is_that_of_the_nearest_proxy() -> None:
    fields = [(b"x-forwarded-for", b"198.51.100.1"), (b"x-forwarded-proto", b"http, https")]
    found = said("x-forwarded-for", fields)
    assert judged("127.0.0.1", found, TRUSTED) == ("198.51.100.1", "https")
    assert judged("203.0.113.5", found, TRUSTED) == ("203.0.113.5", "")
    alone = said("x-forwarded-for", [(b"x-forwarded-proto", b"https")])
    assert judged("127.0.0.1", alone, TRUSTED) == ("127.0.0.1", "https")
    odd = said("x-forwarded-for", [(b"x-forwarded-proto", b"gopher")])
    assert judged("127.0.0.1", odd, TRUSTED) == ("127.0.0.1", "")


@pytest.mark.parametrize(
    ("field", "client"),
    [
        ("for=198.51.100.1;proto=https;by=10.0.0.1", ("198.51.100.1", "https")),
        ('for=6.6.6.6, For="[2001:db8:cafe::17]:4711";proto=https', ("2001:db8:cafe::17", "https")),
        ("for=198.51.100.1, for=10.0.0.2", ("198.51.100.1", "")),
        ("for=_hidden", ("127.0.0.1", "")),
        ('for="', ("127.0.0.1", "")),
    ],
)
def test_the_header_of_the_standard_is_read_where_it_is_configured(
    field: str, client: tuple[str, str]
) -> None:
    fields = [(b"forwarded", field.encode()), (b"x-forwarded-for", b"9.9.9.9")]
    assert judged("127.0.0.1", said("forwarded", fields), TRUSTED) == client


@given(st.binary(max_size=300), st.sampled_from(["forwarded", "x-forwarded-for"]))
def test_no_header_of_proxies_can_make_it_fail(field: bytes, header: str) -> None:
    client, scheme = judged("127.0.0.1", said(header, [(header.encode(), field)]), TRUSTED)
    network_of(client)
    assert scheme in ("", "http", "https")


OWN = {"https://news.example.org", "http://127.0.0.1:8000"}


@pytest.mark.parametrize(
    ("headers", "source"),
    [
        ({}, Source.UNSAID),
        ({"sec-fetch-site": "same-origin"}, Source.OWN),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, Source.OWN),
        ({"sec-fetch-site": "none"}, Source.OWN),
        ({"sec-fetch-site": "cross-site", "origin": "https://news.example.org"}, Source.OWN),
        ({"sec-fetch-site": "cross-site", "origin": "https://evil.example"}, Source.FOREIGN),
        ({"sec-fetch-site": "same-site"}, Source.FOREIGN),
        ({"origin": "http://127.0.0.1:8000"}, Source.OWN),
        ({"origin": "null"}, Source.FOREIGN),
        ({"origin": "https://news.example.org.evil.example"}, Source.FOREIGN),
    ],
)
def test_a_form_comes_from_us_or_from_others_or_nobody_says(headers: dict[str, str], source: Source) -> None:
    assert source_of(headers, OWN) is source


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://news.example.org/", "https://news.example.org"),
        ("https://news.example.org:443/x", "https://news.example.org"),
        ("http://news.example.org:8000/", "http://news.example.org:8000"),
        ("https://tin.kiến-an.example/", "https://tin.xn--kin-an-xi8b.example"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(url: str, origin: str) -> None:
    assert origin_of(url) == origin
