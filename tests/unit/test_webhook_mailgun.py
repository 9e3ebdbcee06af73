"""Reports of Mailgun: believed where the signature holds, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from webhooks import ENVIRONMENT, MESSAGE_ID, NOW, PATH, Called, by_mailgun, with_keys

from publisher.errors import WebhookRefused
from publisher.mailing.reports import Kind

ADDRESS = "lan@example.net"


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Called:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return Called()


def event(name: str = "failed", **more: Any) -> dict[str, Any]:
    return {
        "event": name,
        "id": "G9Bn5sl1TC6nu79C8C0bwg",
        "timestamp": NOW.timestamp(),
        "recipient": ADDRESS,
        "envelope": {"sender": PATH, "targets": ADDRESS, "transport": "smtp"},
        "message": {"headers": {"message-id": MESSAGE_ID, "to": ADDRESS}},
        **more,
    }


def failed(severity: str = "permanent", reason: str = "bounce", **status: Any) -> dict[str, Any]:
    words = {"code": 550, "message": "5.1.1 no such user", "description": "", "enhanced-code": "5.1.1"}
    return event(severity=severity, reason=reason, **{"delivery-status": {**words, **status}})


@pytest.mark.parametrize(
    ("data", "kind", "given_up"),
    [
        (failed(), Kind.HARD, True),
        (failed(**{"enhanced-code": "", "message": "5.1.1 no such user"}), Kind.HARD, True),
        (failed(code=552, message="5.2.2 full", **{"enhanced-code": "5.2.2"}), Kind.SOFT, True),
        (failed(code=550, message="5.7.1 policy", **{"enhanced-code": None}), Kind.SOFT, True),
        (failed(reason="old", code=498, message="Too old", **{"enhanced-code": ""}), Kind.SOFT, True),
        (failed("temporary"), Kind.SOFT, False),
        (failed(reason="suppress-bounce", code=605, message="", **{"enhanced-code": ""}), Kind.HARD, True),
        (failed(reason="suppress-complaint", code=607), Kind.COMPLAINT, True),
        (failed(reason="suppress-unsubscribe", code=606), Kind.UNSUBSCRIBE, True),
        (event("complained"), Kind.COMPLAINT, False),
        (event("unsubscribed"), Kind.UNSUBSCRIBE, False),
        (event("delivered"), Kind.NOTHING, False),
    ],
)
def test_an_event_is_a_report(site: Called, data: dict[str, Any], kind: Kind, given_up: bool) -> None:
    received = site.receive("mailgun", by_mailgun(data))
    (report,) = received.reports
    assert (report.kind, report.address, report.given_up) == (kind, ADDRESS, given_up)
    assert (report.edition, report.subscriber, report.vouched) == (12, 42, True)
    assert received.nonce == "a" * 50


def test_its_words_are_the_receiving_servers(site: Called) -> None:
    (report,) = site.receive("mailgun", by_mailgun(failed())).reports
    assert (report.status, report.diagnostic) == ("5.1.1", "550 5.1.1 no such user")
    (report,) = site.receive("mailgun", by_mailgun(failed(message="550 5.1.1 no such user"))).reports
    assert report.diagnostic == "550 5.1.1 no such user"


@pytest.mark.parametrize("name", ["opened", "clicked", "accepted", ""])
def test_what_is_of_no_concern_is_no_report(site: Called, name: str) -> None:
    assert site.receive("mailgun", by_mailgun(event(name))).reports == ()


def test_the_message_id_tells_the_delivery_where_the_provider_replaced_the_return_path(site: Called) -> None:
    (report,) = site.receive(
        "mailgun", by_mailgun(event("complained", envelope={"sender": "x@example.org"}))
    ).reports
    assert (report.edition, report.subscriber) == (12, 42)


@pytest.mark.parametrize("field", ["timestamp", "token", "signature"])
def test_no_signed_field_can_be_changed(site: Called, field: str) -> None:
    post = by_mailgun(failed())
    post["signature"][field] = post["signature"][field][:-1] + (
        "0" if post["signature"][field][-1] != "0" else "1"
    )
    with pytest.raises(WebhookRefused, match="the signature is wrong"):
        site.receive("mailgun", post)


@pytest.mark.parametrize("signature", [None, {}, "", {"timestamp": 1, "token": 2, "signature": "é"}, []])
def test_without_a_signature_nothing_is_believed(site: Called, signature: object) -> None:
    with pytest.raises(WebhookRefused, match="the signature is wrong"):
        site.receive("mailgun", {"signature": signature, "event-data": failed()})


def test_another_key_signs_nothing(site: Called) -> None:
    with pytest.raises(WebhookRefused, match="the signature is wrong"):
        site.receive("mailgun", by_mailgun(failed(), key="another"))


@pytest.mark.parametrize("ago", [timedelta(hours=25), timedelta(minutes=-6)])
def test_what_was_signed_at_another_time_is_refused(site: Called, ago: timedelta) -> None:
    with pytest.raises(WebhookRefused, match="signed at another time"):
        site.receive("mailgun", by_mailgun(failed(), at=NOW - ago))


def test_what_is_brought_again_for_eight_hours_is_taken(site: Called) -> None:
    assert site.receive("mailgun", by_mailgun(failed()), now=NOW + timedelta(hours=8)).reports


def test_what_was_acted_on_is_refused_and_what_was_not_is_taken_again(site: Called) -> None:
    post = by_mailgun(failed())
    nonce = site.receive("mailgun", post).nonce
    assert site.receive("mailgun", post).reports
    site.seen.add(nonce)
    with pytest.raises(WebhookRefused, match="the same again"):
        site.receive("mailgun", post)
    assert site.receive("mailgun", by_mailgun(failed(), token="b" * 50)).reports


def test_a_provider_without_a_key_is_refused(site: Called, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WebhookRefused, match="mailgun_env"):
        with_keys(site, mailgun_env="").receive("mailgun", by_mailgun(failed(), key=""))
    monkeypatch.delenv("MAILGUN")
    with pytest.raises(WebhookRefused, match="mailgun_env"):
        site.receive("mailgun", by_mailgun(failed(), key=""))
