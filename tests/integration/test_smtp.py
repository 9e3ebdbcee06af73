"""Editions through a real SMTP server on this machine, in good and in bad moods."""

from __future__ import annotations

import email
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from conftest import NOW, Site

from publisher.model import Delivery, DeliveryState
from publisher.store import Store


class Relay:
    """Keeps what arrives; answers the next commands with what stands in `answers`."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.refused_messages: list[bytes] = []
        self.recipients: list[list[str]] = []
        self.answers: list[str] = []
        self.refused: dict[str, str] = {}

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answers:
            self.refused_messages.append(envelope.content)
            return self.answers.pop(0)
        self.received.append(envelope.content)
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 OK"


@pytest.fixture
def port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def relay(port: int) -> Iterator[Relay]:
    handler = Relay()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler
    controller.stop()


@pytest.fixture
def mailing(site: Site, port: int) -> Site:
    """A site with one article that sends through the relay's port."""
    site.change(
        'sender = "Tin thử <news@example.org>"',
        'sender = "Tin thử <news@example.org>"\ntransport = "smtp"\n\n'
        f'[mail.smtp]\nhost = "127.0.0.1"\nport = {port}\ntimeout = 5',
    )
    site.article("a.txt", "Bài một", "Chuyện giao thông.")
    return site


def deliveries(site: Site) -> list[Delivery]:
    with site.reading() as store:
        return store.deliveries()


def delivery(site: Site) -> Delivery:
    (found,) = deliveries(site)
    return found


def parsed(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=SMTP.clone(raise_on_defect=True))
    assert isinstance(message, EmailMessage)
    return message


def test_a_message_arrives_once_and_without_a_defect(mailing: Site, relay: Relay) -> None:
    assert mailing.run().counts["sent"] == 1
    mailing.run(NOW + timedelta(minutes=5))
    (raw,) = relay.received
    assert relay.recipients == [["desk@example.org"]]
    message = parsed(raw)
    assert (message["From"], message["To"]) == ("Tin thử <news@example.org>", "desk@example.org")
    assert message["Subject"].startswith("Tin sáng")
    assert message["Date"].datetime == NOW
    assert message["Message-ID"].endswith("@example.org>")
    assert (
        message["List-Id"].endswith("<daily.news.example.org>") or "<daily.example.org>" in message["List-Id"]
    )
    assert message["List-Unsubscribe"].startswith("<mailto:news@example.org?subject=unsubscribe%20")
    assert message["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    for kind in ("plain", "html"):
        body = message.get_body((kind,))
        assert body is not None
        assert "Bài một" in body.get_content()
    assert all(not part.defects for part in message.walk())
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))


def test_a_temporary_refusal_is_tried_again_later_with_the_same_message(mailing: Site, relay: Relay) -> None:
    relay.answers = ["451 4.7.1 greylisted"]
    outcome = mailing.run()
    assert outcome.counts["postponed"] == 1
    assert outcome.failures == ["desk@example.org: not now: 451 4.7.1 greylisted"]
    waiting = delivery(mailing)
    assert (waiting.state, waiting.attempts, waiting.reason) == (
        DeliveryState.PENDING,
        1,
        "451 4.7.1 greylisted",
    )
    assert waiting.due == NOW + timedelta(minutes=5)
    mailing.run(NOW + timedelta(minutes=4))
    assert relay.received == []
    assert mailing.run(NOW + timedelta(minutes=5)).counts["sent"] == 1
    (raw,) = relay.received
    assert parsed(raw)["Date"].datetime == NOW
    assert relay.refused_messages == [raw]
    assert delivery(mailing).state is DeliveryState.SENT


def test_a_refusal_of_the_message_holds_its_edition_until_a_person_asks_again(
    mailing: Site, relay: Relay
) -> None:
    relay.answers = ["550 5.7.1 no thanks"]
    outcome = mailing.run()
    assert outcome.failures == [
        "digests/daily/2026-11-24/: held, for the relay does not take it: 550 5.7.1 no thanks"
    ]
    assert delivery(mailing).state is DeliveryState.PENDING
    later = NOW + timedelta(days=3)
    assert mailing.run(later).counts["sent"] == 0
    assert relay.received == []
    assert Store.open(mailing.config.database_file).retry_deliveries(later) == 1
    assert mailing.run(later).counts["sent"] == 1


def test_a_recipient_that_is_refused_does_not_stop_the_next(mailing: Site, relay: Relay) -> None:
    mailing.change('["desk@example.org"]', '["gone@example.org", "desk@example.org"]')
    relay.refused = {"gone@example.org": "550 5.1.1 no such user"}
    outcome = mailing.run()
    assert (outcome.counts["sent"], outcome.counts["given up"]) == (1, 1)
    assert relay.recipients == [["desk@example.org"]]
    states = {found.address: found.state for found in deliveries(mailing)}
    assert states == {"gone@example.org": DeliveryState.FAILED, "desk@example.org": DeliveryState.SENT}


def test_a_relay_that_hangs_up_on_one_recipient_gets_the_next_over_a_new_connection(
    mailing: Site, relay: Relay
) -> None:
    mailing.change(
        '["desk@example.org"]', '["a@example.org", "b@example.org", "c@example.org", "desk@example.org"]'
    )
    busy = "421 4.3.2 too many"
    relay.refused = {"a@example.org": busy, "b@example.org": busy, "c@example.org": busy}
    outcome = mailing.run()
    assert (outcome.counts["sent"], outcome.counts["postponed"]) == (1, 3)
    reasons = {found.address: found.reason for found in deliveries(mailing)}
    assert reasons["a@example.org"] == reasons["b@example.org"] == reasons["c@example.org"] == busy


def test_while_the_relay_is_down_mail_waits(mailing: Site, port: int) -> None:
    outcome = mailing.run()
    assert outcome.counts["postponed"] == 1
    assert outcome.failures[0].startswith("no message can leave: ")
    assert delivery(mailing).state is DeliveryState.PENDING
    handler = Relay()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        assert mailing.run(NOW + timedelta(minutes=5)).counts["sent"] == 1
    finally:
        controller.stop()
    assert len(handler.received) == 1


def test_a_daily_limit_holds_the_rest_back_for_a_day(mailing: Site, relay: Relay) -> None:
    mailing.change("timeout = 5", "timeout = 5\nper_day = 1")
    mailing.change('["desk@example.org"]', '["a@example.org", "b@example.org"]')
    first = mailing.run()
    assert (first.counts["sent"], first.counts["postponed"]) == (1, 1)
    assert mailing.run(NOW + timedelta(hours=23)).counts["sent"] == 0
    assert mailing.run(NOW + timedelta(hours=25)).counts["sent"] == 1
    assert sorted(relay.recipients) == [["a@example.org"], ["b@example.org"]]


def test_a_repeated_address_gets_one_message(mailing: Site, relay: Relay) -> None:
    mailing.change(
        '["desk@example.org"]', '["Desk@example.org", "desk@EXAMPLE.org", "Bàn <desk@example.org>"]'
    )
    mailing.run()
    assert len(relay.received) == 1


@pytest.mark.parametrize(
    "address",
    ["ban@tòasoạn.example", "bàn@example.org"],
    ids=["domain", "local part"],
)
def test_an_address_beyond_ascii_stops_no_other(mailing: Site, relay: Relay, address: str) -> None:
    mailing.change('["desk@example.org"]', f'["{address}", "desk@example.org"]')
    mailing.run()
    assert ["desk@example.org"] in relay.recipients
    states = {found.address: found.state for found in deliveries(mailing)}
    assert states["desk@example.org"] is DeliveryState.SENT
    reached = DeliveryState.SENT if address == "ban@tòasoạn.example" else DeliveryState.FAILED
    assert states[address] is reached


def test_an_edition_is_sent_once_whatever_time_passes(mailing: Site, relay: Relay) -> None:
    moments: list[datetime] = [NOW + timedelta(hours=hours) for hours in (0, 1, 24, 48)]
    assert [mailing.run(moment).counts["sent"] for moment in moments] == [1, 0, 0, 0]
    assert len(relay.received) == 1
