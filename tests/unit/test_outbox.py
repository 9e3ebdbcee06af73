"""Mails that ask to confirm: they leave at once, again after failures that pass, and never twice."""

from __future__ import annotations

import email
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default

import pytest
from conftest import NOW, Site
from relayfaults import Faults
from sinks import Sink
from webapp import Clock

from publisher.confirmations import Confirmations
from publisher.mailing import TRANSPORTS
from publisher.mailing.outgoing import Fate, Gate, Outcome, Outgoing
from publisher.model import Rhythm, Subscription
from publisher.render.templates import Templates
from publisher.stopping import NEVER, Stop
from publisher.subscribing import LIFETIME, Asked
from publisher.web.readers.outbox import DELAYS, ROOM, Outbox

CHOICES = (Subscription("daily", ("Giao thông", "Kiến An"), Rhythm.WEEKLY, 6, 5),)


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink(keep=True) as running:
        yield running


def asked(address: str = "mai@example.com", language: str = "vi") -> Asked:
    return Asked(address, language, CHOICES, f"2.6b.1.{'0' * 24}", NOW + LIFETIME, True)


def outbox(site: Site, port: int, clock: Clock, *, by_itself: bool = True) -> Outbox:
    relay = f'transport = "smtp"\n[mail.smtp]\nhost = "127.0.0.1"\nport = {port}\ntimeout = 5\n'
    text = (site.root / "config.toml").read_text(encoding="utf-8").partition("transport")[0]
    site.configure(f'{text}{relay}\n[web]\nurl = "https://news.example.org/"\n')
    config = site.config
    templates = Templates(None, config.site.language, config.zone)
    return Outbox(config, Confirmations(config, templates), clock, by_itself=by_itself)


def still(site: Site, port: int, clock: Clock) -> Outbox:
    """One that no thread empties: the test does."""
    return outbox(site, port, clock, by_itself=False)


def message_in(content: bytes) -> EmailMessage:
    found = email.message_from_bytes(content, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def test_a_mail_leaves_by_itself_and_says_what_was_asked_for(site: Site, sink: Sink) -> None:
    box = outbox(site, sink.port, Clock())
    box.put(asked())
    box.close()
    (content,) = sink.contents
    message = message_in(content)
    assert (message["To"], message["Auto-Submitted"]) == ("mai@example.com", "auto-generated")
    assert message["Subject"] == "Xin xác nhận: thư của “Tin thử”"
    assert message["From"].addresses[0].addr_spec == "news@example.org"
    assert message["Message-ID"].startswith("<confirm.")
    assert message["List-Unsubscribe"] is None
    plain, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert html is not None
    for body in (plain.get_content(), html.get_content()):
        assert f"https://news.example.org/confirm/2.6b.1.{'0' * 24}" in body
        assert "Tin sáng" in body
        assert "Giao thông, Kiến An" in body
        assert "mỗi tuần một thư, vào Chủ Nhật" in body
        assert "nhiều nhất 5 bài" in body
        assert "1 tháng 12, 2026" in body


def test_a_relay_that_is_away_is_tried_again_later_and_later(site: Site) -> None:
    with Sink() as gone:
        port = gone.port
    clock = Clock()
    box = still(site, port, clock)
    box.put(asked())
    assert box.deliver(clock()) == 0
    waits = []
    while box.waiting:
        (due,) = (item.due for item in box.waiting)
        waits.append(due - clock.now)
        assert box.deliver(due - timedelta(seconds=1)) == 0
        clock.now = due
        assert box.deliver(clock()) == 0
    assert waits == list(DELAYS)


def test_what_waited_arrives_once_when_the_relay_is_back(site: Site, sink: Sink) -> None:
    clock = Clock()
    box = still(site, 1, clock)  # nobody listens there
    for name in ("mai", "lan"):
        box.put(asked(f"{name}@example.com"))
    assert box.deliver(clock()) == 0
    back = still(site, sink.port, clock)
    back.waiting.extend(box.waiting)
    clock.move(minutes=1)
    assert back.deliver(clock()) == 2
    assert sorted(sink.recipients) == ["lan@example.com", "mai@example.com"]
    assert back.deliver(clock() + timedelta(days=1)) == 0


@pytest.mark.parametrize(("reply", "again"), [("550 5.1.1 no such user", 0), ("451 4.7.1 greylisted", 1)])
def test_a_refusal_for_good_is_the_end_and_one_for_now_is_not(site: Site, reply: str, again: int) -> None:
    with Sink(Faults(refuse={"rcpt": reply})) as sink:
        clock = Clock()
        box = still(site, sink.port, clock)
        box.put(asked())
        assert box.deliver(clock()) == 0
        assert len(box.waiting) == again


class Breaking:
    """A transport that has sent one message when it meets a bug."""

    def deliver(self, messages: Iterator[Outgoing], gate: Gate, stop: Stop = NEVER) -> None:
        first = next(messages)
        gate.pass_([], [first])
        gate.pass_([Outcome(first, Fate.SENT)], [])
        raise ZeroDivisionError


def test_what_a_transport_did_not_come_to_is_tried_again(
    site: Site, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    box = still(site, sink.port, clock)
    for name in ("mai", "lan", "hoa"):
        box.put(asked(f"{name}@example.com"))
    with monkeypatch.context() as broken:
        broken.setitem(TRANSPORTS, "smtp", lambda config: Breaking())
        with pytest.raises(ZeroDivisionError):
            box.deliver(clock())
    clock.move(minutes=1)
    assert box.deliver(clock()) == 2
    assert sorted(sink.recipients) == ["hoa@example.com", "lan@example.com"]
    assert not box.waiting


def test_more_than_there_is_room_for_is_dropped(site: Site) -> None:
    box = still(site, 1, Clock())
    for _ in range(ROOM + 5):
        box.put(asked())
    assert len(box.waiting) == ROOM


def test_an_address_in_other_letters_is_written_to_as_the_wire_wants_it(site: Site, sink: Sink) -> None:
    box = outbox(site, sink.port, Clock())
    box.put(asked("mai@ví-dụ.example", "en"))
    box.close()
    assert sink.recipients == ["mai@xn--v-d-rma6749a.example"]
