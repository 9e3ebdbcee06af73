"""Who gets into the console: passwords, sessions, lockout, and where the secret comes from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from publisher.credentials import secret
from publisher.store import Store
from publisher.web.console.lockout import CLIENT, EVERYBODY, Lockout, Patience
from publisher.web.console.sessions import Sessions

NOW = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)
HOURS = timedelta(hours=12)
SECOND = timedelta(seconds=1)
NONE = timedelta()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "publisher.db")


@pytest.fixture
def sessions(store: Store) -> Sessions:
    return Sessions(store, "mật khẩu dài", "ab" * 32, HOURS)


def test_only_the_password_is_the_password(sessions: Sessions) -> None:
    assert sessions.is_password("mật khẩu dài")
    for wrong in ("", "mật khẩu", "mật khẩu dài ", "mật khẩu dài\0", "x" * 100_000, "\ud800"):
        assert not sessions.is_password(wrong)


def test_a_session_is_known_until_it_is_over(sessions: Sessions) -> None:
    cookie = sessions.begin(NOW)
    session = sessions.of(cookie, NOW + HOURS - SECOND)
    assert session is not None
    assert session.until == NOW + HOURS
    assert sessions.of(cookie, NOW + HOURS) is None


def test_who_signed_out_is_out_whatever_cookie_he_kept(sessions: Sessions) -> None:
    cookie, other = sessions.begin(NOW), sessions.begin(NOW)
    session = sessions.of(cookie, NOW)
    assert session is not None
    sessions.end(session)
    assert sessions.of(cookie, NOW) is None
    assert sessions.of(other, NOW) is not None


def test_another_password_and_another_secret_end_every_session(sessions: Sessions, store: Store) -> None:
    cookie = sessions.begin(NOW)
    assert Sessions(store, "mật khẩu khác", sessions.secret, HOURS).of(cookie, NOW) is None
    assert Sessions(store, sessions.password, "cd" * 32, HOURS).of(cookie, NOW) is None
    assert Sessions(store, sessions.password, sessions.secret, HOURS).of(cookie, NOW) is not None


def test_no_cookie_can_be_made_up(sessions: Sessions) -> None:
    cookie = sessions.begin(NOW)
    name, until, mark = cookie.split(".")
    later = f"{int(until, 16) + 3600:x}"
    forged = ["", "..", cookie.upper(), f"{name}.{later}.{mark}", f"{name}.{until}.{'0' * 64}", cookie + "0"]
    forged += [
        f"{'0' * 32}.{until}.{mark}",
        f"{mark}.{until}.{name}",
        cookie[:-1],
        f" {cookie}",
        cookie + "\n",
    ]
    assert [sessions.of(each, NOW) for each in forged] == [None] * len(forged)


def test_each_session_has_forms_of_its_own_and_nothing_of_the_cookie_is_kept(
    sessions: Sessions, tmp_path: Path
) -> None:
    cookies = [sessions.begin(NOW), sessions.begin(NOW)]
    found = [sessions.of(cookie, NOW) for cookie in cookies]
    assert len({each.form for each in found if each}) == 2
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("publisher.db*"))
    assert all(cookie.split(".")[0].encode() not in kept for cookie in cookies)
    assert "mật khẩu" not in repr(sessions)


def fail(lockout: Lockout, times: int, now: datetime, address: str = "192.0.2.1") -> list[timedelta]:
    return [lockout.attempt(address, now) for _ in range(times)]


def test_pauses_grow_and_have_an_end() -> None:
    patience = Patience(3, 10 * SECOND, 60 * SECOND, HOURS)
    seconds = [int(patience.pause(number).total_seconds()) for number in range(9)]
    assert seconds == [0, 0, 0, 10, 20, 40, 60, 60, 60]
    assert patience.pause(10_000_000) == 60 * SECOND


def test_a_client_that_fails_too_often_waits_longer_each_time() -> None:
    lockout = Lockout()
    assert fail(lockout, 5, NOW) == [NONE] * 5
    assert lockout.attempt("192.0.2.1", NOW) == 30 * SECOND
    assert lockout.attempt("192.0.2.1", NOW + 29 * SECOND) == SECOND
    later = NOW + 30 * SECOND
    assert lockout.attempt("192.0.2.1", later) == NONE
    assert lockout.attempt("192.0.2.1", later) == 60 * SECOND
    assert lockout.attempt("192.0.2.2", later) == NONE


def test_waiting_in_vain_costs_nothing_more() -> None:
    lockout = Lockout()
    fail(lockout, 500, NOW)
    assert lockout.attempt("192.0.2.1", NOW + 30 * SECOND) == NONE


def test_who_has_the_password_is_forgiven_and_failures_are_forgotten_in_time() -> None:
    lockout = Lockout()
    fail(lockout, 5, NOW)
    lockout.attempt("192.0.2.1", NOW + 30 * SECOND)
    lockout.succeeded("192.0.2.1")
    assert fail(lockout, 5, NOW + 31 * SECOND) == [NONE] * 5
    assert fail(lockout, 5, NOW + 31 * SECOND + CLIENT.memory) == [NONE] * 5


def test_many_clients_together_meet_a_limit_and_are_not_all_remembered() -> None:
    lockout = Lockout()
    waits = [lockout.attempt(f"192.0.2.{number}", NOW) for number in range(60)]
    assert waits == [NONE] * EVERYBODY.free + [EVERYBODY.first] * (60 - EVERYBODY.free)
    few = Lockout(CLIENT, Patience(10**6, SECOND, SECOND, HOURS), most=10)
    for number in range(100):
        few.attempt(f"192.0.2.{number}", NOW)
    assert len(few._clients) == 10


def test_a_secret_comes_from_the_environment_a_file_or_systemd(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PUBLISHER_TEST", raising=False)
    assert (secret("PUBLISHER_TEST"), secret("")) == ("", "")
    (tmp_path / "PUBLISHER_TEST").write_text("from systemd\r\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert secret("PUBLISHER_TEST") == "from systemd"
    (tmp_path / "other").write_text("from a file\n\n")
    monkeypatch.setenv("PUBLISHER_TEST_FILE", str(tmp_path / "other"))
    assert secret("PUBLISHER_TEST") == "from a file\n"
    monkeypatch.setenv("PUBLISHER_TEST_FILE", str(tmp_path / "absent"))
    assert secret("PUBLISHER_TEST") == "from systemd"
    monkeypatch.setenv("PUBLISHER_TEST", "from the environment")
    assert secret("PUBLISHER_TEST") == "from the environment"
