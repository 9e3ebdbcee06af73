"""Whole runs over relays, disks and clocks that fail: in the end everybody has the mail, and the ledger knows."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta

import pytest
from conftest import NOW, Site
from sinks import Faults, Sink
from test_killed import CONNECTIONS, address, enrol, killed_after, mailing, started

from publisher.errors import StoreError
from publisher.model import DeliveryState
from publisher.posting import Postman

__all__ = ["mailing"]

READERS = 60
HOUR = timedelta(hours=1)


def states(site: Site) -> Counter[DeliveryState]:
    with site.reading() as store:
        return Counter(delivery.state for delivery in store.deliveries(READERS + 1))


def test_a_database_that_goes_before_the_first_mail_is_told_as_such(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: Postman) -> int:
        raise StoreError("the database is away")

    site.article("cầu.txt", "Cầu mới thông xe", "Lo giao thông.", "17:26 23/11/2026")
    monkeypatch.setattr(Postman, "_allowed", away)
    with pytest.raises(StoreError, match="away"):
        site.run()
    assert states(site) == {DeliveryState.PENDING: 1}


def until_nothing_is_due(site: Site) -> datetime:
    """Runs an hour apart, as a schedule has them; the moment of the last."""
    for number in range(24):
        moment = NOW + number * HOUR
        site.run(moment)
        with site.reading() as store:
            if not any(delivery.due for delivery in store.deliveries(READERS + 1)):
                return moment
    raise AssertionError(states(site))


@pytest.mark.parametrize(
    ("faults", "again"),
    [
        (Faults(refuse={"rcpt": "450 4.2.1 not now"}, every=3), 0),
        (Faults(refuse={"mail": "451 4.3.0 not now"}, every=7), 0),
        (Faults(drop="mail", every=5), 0),
        (Faults(drop="data", every=5), 0),
        (Faults(drop="body", every=9), READERS),
        (Faults(drop="dot", every=9), READERS),
        (Faults(stall="rcpt", every=11), 0),
        (Faults(stall="dot", every=11), READERS),
        (Faults(greylist=True), 0),
        (Faults(most=10), 0),
        (Faults(most=10, drop="most"), 0),
        (Faults(connections=2), 0),
        (Faults(drop="greeting", every=2), 0),
    ],
    ids=str,
)
def test_everybody_has_the_mail_in_the_end_and_repeats_are_shown(
    mailing: Site, faults: Faults, again: int
) -> None:
    mailing.change("port = 1", "port = 1\ntimeout = 1")
    enrol(mailing, READERS)
    with Sink(faults) as sink:
        mailing.change("port = 1\n", f"port = {sink.port}\n")
        until_nothing_is_due(mailing)
    with mailing.reading() as store:
        ledger = {each.address: each for each in store.deliveries(READERS + 1)}
    doubtful = {who for who, each in ledger.items() if each.state is DeliveryState.UNCERTAIN}
    assert {address(number) for number in range(READERS)} - set(sink.recipients) <= doubtful
    assert {each.state for each in ledger.values()} <= {DeliveryState.SENT, DeliveryState.UNCERTAIN}
    assert len(doubtful) <= (again and READERS // 6)
    arrived_again = len(sink.names) - len(set(sink.names))
    assert arrived_again <= sum(each.repeats for each in ledger.values()) <= again
    assert not sink.violations


def test_recipients_that_are_refused_for_good_are_named_and_stop_nobody(mailing: Site) -> None:
    enrol(mailing, READERS)
    refused = {address(number): "550 5.1.1 nobody here" for number in range(0, READERS, 6)}
    with Sink(Faults(recipients=refused)) as sink:
        mailing.change("port = 1", f"port = {sink.port}")
        outcome = mailing.run()
    assert set(sink.recipients) == {address(number) for number in range(READERS)} - refused.keys()
    assert states(mailing) == {DeliveryState.SENT: READERS - 10, DeliveryState.FAILED: 10}
    assert all(any(who in line for line in outcome.failures) for who in refused)


def test_where_tls_is_broken_nothing_leaves_until_it_is_mended(mailing: Site) -> None:
    mailing.change("port = 1", 'port = 1\nsecurity = "starttls"')
    enrol(mailing, READERS)
    with Sink(Faults(starttls="220 go ahead\r\nwhat is TLS\r\n")) as broken:
        mailing.change("port = 1\n", f"port = {broken.port}\n")
        outcome = mailing.run()
    assert not broken.names
    assert any("TLS" in line for line in outcome.failures)
    assert states(mailing) == {DeliveryState.PENDING: READERS}
    mailing.change('security = "starttls"', 'security = "none"')
    with Sink() as mended:
        mailing.change(f"port = {broken.port}\n", f"port = {mended.port}\n")
        until_nothing_is_due(mailing)
    assert len(mended.names) == len(set(mended.names)) == READERS


def full_after(octets: int) -> None:
    """No file of this process may grow beyond that: writing fails as on a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, resource.RLIM_INFINITY))


def test_a_disk_that_is_full_in_mid_run_stops_the_run_and_the_next_goes_on(mailing: Site) -> None:
    readers = 4 * READERS
    enrol(mailing, readers)
    mailing.run()  # nobody listens: the edition is recorded, and its mail waits
    room = mailing.config.database_file.stat().st_size
    with Sink(Faults(delay=0.002)) as sink:
        mailing.change("port = 1", f"port = {sink.port}")
        moment = (NOW + HOUR).isoformat()
        run = subprocess.run(
            [sys.executable, "-m", "publisher", "-c", "config.toml", "--at", moment],
            cwd=mailing.root,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=lambda: full_after(room),
        )
        assert 0 < len(sink.names) < readers
        assert run.returncode == 1
        assert "Traceback" not in run.stderr
        assert "the database cannot be used: " in run.stderr
        assert "hint: " in run.stderr
        mailing.run(NOW + 2 * HOUR)
    assert set(sink.recipients) == {address(number) for number in range(readers)}
    assert len(sink.names) - readers <= CONNECTIONS
    with mailing.reading() as store:
        assert {delivery.state for delivery in store.deliveries(readers)} == {DeliveryState.SENT}


def test_a_clock_that_is_set_back_an_hour_doubles_nothing_and_loses_nothing(mailing: Site) -> None:
    enrol(mailing, READERS)
    with Sink(Faults(delay=0.01)) as sink:
        mailing.change("port = 1", f"port = {sink.port}")
        assert killed_after(started(mailing.root), sink, READERS // 3)
        mailing.run(NOW - HOUR)
        mailing.run(NOW - HOUR / 2)
        mailing.run(NOW)
        mailing.run(NOW + HOUR)
    assert set(sink.recipients) == {address(number) for number in range(READERS)}
    assert len(sink.names) - READERS <= CONNECTIONS
    assert states(mailing) == {DeliveryState.SENT: READERS}
    with mailing.reading() as store:
        assert len(store.known().editions) == 1
