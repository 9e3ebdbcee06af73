"""TLS is verified and nothing is believed before it; who has a name logs in."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme
from mailings import Sent, deliver, relay
from sinks import Faults, Sink

from publisher.config import Smtp

CA = trustme.CA()


def server(name: str = "127.0.0.1", ca: trustme.CA = CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(name).configure_cert(context)
    return context


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system trusts our own authority."""
    file = tmp_path / "ca.pem"
    CA.cert_pem.write_to_path(file)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))


def refused(sent: Sent) -> str:
    """Why nothing was sent."""
    assert set(sent.book.fates) == {"unsent"}
    return sent.book.of(0).answer


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("pipelining", [True, False])
def test_messages_arrive_over_tls(security: str, pipelining: bool) -> None:
    faults = Faults(tls=server(), at_once=security == "tls", pipelining=pipelining)
    with Sink(faults, keep=True) as sink:
        sent = deliver(relay(sink, security=security, messages_per_connection=8), 40)
    assert sent.book.fates == {"sent": 40}
    assert len(set(sink.names)) == 40
    assert sink.violations == []
    assert sent.seconds < 20


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(security: str) -> None:
    with Sink(Faults(tls=server(), at_once=security == "tls"), keep=True) as sink:
        sent = deliver(relay(sink, security=security), 100)
    assert "certificate verify failed" in refused(sent)
    assert not any(command.startswith(("MAIL", "AUTH")) for command in sink.commands)
    assert sent.seconds < 3


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_for_another_name_is_refused(security: str) -> None:
    with Sink(Faults(tls=server("mail.example.org"), at_once=security == "tls")) as sink:
        assert "IP address mismatch" in refused(deliver(relay(sink, security=security), 5))
    assert sink.names == []


@pytest.mark.usefixtures("trusted")
def test_tls_before_1_2_is_refused() -> None:
    old = server()
    with pytest.warns(DeprecationWarning):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.warns(DeprecationWarning):
        old.minimum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with Sink(Faults(tls=old)) as sink:
        assert "TLS" in refused(deliver(relay(sink, security="starttls"), 5))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("220 go\r\n250-injected\r\n250 AUTH PLAIN\r\n", "more than a reply before TLS"),
        ("220 go\r\n250 inj", "more than a reply before TLS"),
        ("220 go\r\nnot a handshake at all", "more than a reply before TLS"),
        ("454 4.7.0 no TLS today\r\n", "STARTTLS refused: 454 4.7.0 no TLS today"),
        ("250 what\r\n", "STARTTLS refused: 250 what"),
        ("hello\r\n", "not a reply"),
    ],
)
@pytest.mark.usefixtures("trusted")
def test_broken_tls_lets_nothing_leave(said: str, why: str) -> None:
    with Sink(Faults(starttls=said), keep=True) as sink:
        sent = deliver(relay(sink, security="starttls", connections=1, timeout=2), 100)
    assert why in refused(sent)
    assert len(sent.taken) <= 2
    assert set(sink.commands) == {command for command in sink.commands if command[:4] in {"EHLO", "STAR"}}


@pytest.mark.usefixtures("trusted")
def test_a_handshake_that_never_comes_ends_after_the_time_for_an_answer() -> None:
    with Sink(Faults(starttls="220 go\r\n")) as sink:
        sent = deliver(relay(sink, security="starttls", connections=1, timeout=1), 5)
    assert "no TLS" in refused(sent)
    assert sent.seconds < 5


@pytest.mark.usefixtures("trusted")
def test_a_connection_that_breaks_while_tls_begins_is_noticed_at_once() -> None:
    with Sink(Faults(starttls="220 go\r\n", drop="starttls")) as sink:
        sent = deliver(relay(sink, security="starttls", connections=1, timeout=30), 5)
    assert "no TLS" in refused(sent)
    assert sent.seconds < 5


def test_a_relay_without_starttls_gets_nothing() -> None:
    with Sink() as sink:
        assert refused(deliver(relay(sink, security="starttls"), 5)).endswith("it does not offer STARTTLS")


Reach = Callable[..., Smtp]


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Reach:
    """How to reach a sink with a name and a password."""
    monkeypatch.setenv("DESK_PASSWORD", "pässword")
    return lambda sink, **keys: relay(sink, username="desk", password_env="DESK_PASSWORD", **keys)


@pytest.mark.parametrize(
    ("methods", "auth"),
    [
        ("PLAIN LOGIN", "auto"),
        ("LOGIN", "auto"),
        ("PLAIN LOGIN XOAUTH2", "plain"),
        ("PLAIN LOGIN XOAUTH2", "login"),
        ("PLAIN LOGIN XOAUTH2", "xoauth2"),
    ],
)
@pytest.mark.usefixtures("trusted")
def test_who_logs_in_may_send(desk: Reach, methods: str, auth: str) -> None:
    faults = Faults(tls=server(), login=("desk", "pässword"), methods=methods)
    with Sink(faults) as sink:
        assert deliver(desk(sink, security="starttls", auth=auth), 10).book.fates == {"sent": 10}


@pytest.mark.parametrize("auth", ["plain", "login", "xoauth2"])
def test_a_wrong_password_is_said_once(desk: Reach, auth: str) -> None:
    with Sink(Faults(login=("desk", "another")), keep=True) as sink:
        sent = deliver(desk(sink, auth=auth), 100)
    assert refused(sent).endswith(f"AUTH {auth.upper()} refused: 535 5.7.8 no")
    assert len([command for command in sink.commands if command.startswith("AUTH")]) == 1


def test_who_does_not_log_in_where_that_is_wanted_is_a_refused_sender() -> None:
    with Sink(Faults(login=("desk", "pässword"))) as sink:
        sent = deliver(relay(sink, connections=1), 100)
    assert set(sent.book.fates) <= {"sender refused", "unsent"}
    assert len(sent.taken) <= 6
    assert sent.book.of(0).code == 530
