"""Reports of Postmark: believed where name and password are right."""

from __future__ import annotations

from typing import Any

import pytest
from webhooks import ENVIRONMENT, MESSAGE_ID, POSTMARK, Called, basic, with_keys

from publisher.errors import WebhookRefused
from publisher.mailing.reports import Kind

ADDRESS = "lan@example.net"


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Called:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return Called()


def bounce(kind: str, record: str = "Bounce") -> dict[str, Any]:
    return {
        "RecordType": record,
        "ID": 42,
        "Type": kind,
        "TypeCode": 1,
        "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        "Description": "The server was unable to deliver your message.",
        "Details": "smtp;550 5.1.1 no such user",
        "Email": ADDRESS,
        "BouncedAt": "2026-11-26T11:59:00Z",
        "MessageStream": "broadcast",
    }


def change(reason: str, suppressed: bool = True) -> dict[str, Any]:
    return {
        "RecordType": "SubscriptionChange",
        "Recipient": ADDRESS,
        "SuppressSending": suppressed,
        "SuppressionReason": reason,
        "MessageID": MESSAGE_ID,
        "Origin": "Recipient",
    }


@pytest.mark.parametrize(
    ("event", "kind", "given_up"),
    [
        (bounce("HardBounce"), Kind.HARD, True),
        (bounce("BadEmailAddress"), Kind.HARD, True),
        (bounce("SoftBounce"), Kind.SOFT, True),
        (bounce("Transient"), Kind.SOFT, False),
        (bounce("DnsError"), Kind.SOFT, True),
        (bounce("Blocked"), Kind.SOFT, True),
        (bounce("SpamNotification"), Kind.SOFT, True),
        (bounce("SpamComplaint"), Kind.COMPLAINT, False),
        (bounce("SpamComplaint", "SpamComplaint"), Kind.COMPLAINT, False),
        (bounce("Unsubscribe"), Kind.UNSUBSCRIBE, False),
        (bounce("AutoResponder"), Kind.NOTHING, False),
        (bounce("SomethingNew"), Kind.UNKNOWN, False),
        (bounce("", "Delivery"), Kind.NOTHING, False),
        (change("ManualSuppression"), Kind.UNSUBSCRIBE, False),
        (change("HardBounce"), Kind.HARD, True),
        (change("SpamComplaint"), Kind.COMPLAINT, False),
        (change("SomethingNew"), Kind.UNKNOWN, False),
    ],
)
def test_an_event_is_a_report(site: Called, event: dict[str, Any], kind: Kind, given_up: bool) -> None:
    (report,) = site.receive("postmark", event, basic()).reports
    assert (report.kind, report.address, report.vouched, report.given_up) == (kind, ADDRESS, True, given_up)


def test_its_words_and_status_are_the_receiving_servers(site: Called) -> None:
    (report,) = site.receive("postmark", bounce("HardBounce"), basic()).reports
    assert (report.status, report.diagnostic) == ("5.1.1", "smtp;550 5.1.1 no such user")


def test_a_message_id_of_ours_tells_the_delivery(site: Called) -> None:
    (report,) = site.receive("postmark", change("HardBounce"), basic()).reports
    assert (report.edition, report.subscriber) == (12, 42)


@pytest.mark.parametrize(
    "event", [change("ManualSuppression", suppressed=False), bounce("", "Open"), bounce("", "Click"), {}]
)
def test_what_is_of_no_concern_is_no_report_and_nobody_is_revived(
    site: Called, event: dict[str, Any]
) -> None:
    assert site.receive("postmark", event, basic()).reports == ()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic("postmark:wrong"),
        basic(POSTMARK + "x"),
        basic(POSTMARK[:-1]),
        basic(""),
        {"Authorization": basic()["Authorization"].replace("Basic", "Bearer")},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic é"},
        {"Authorization": "Basic"},
    ],
)
def test_without_name_and_password_nothing_is_believed(site: Called, headers: dict[str, str]) -> None:
    with pytest.raises(WebhookRefused, match="name or the password is wrong"):
        site.receive("postmark", bounce("HardBounce"), headers)


def test_names_of_headers_may_have_any_case(site: Called) -> None:
    assert site.receive("postmark", bounce("HardBounce"), {"authORIZATION": basic()["Authorization"]}).reports


def test_a_provider_without_a_key_is_refused(site: Called, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WebhookRefused, match="postmark_env"):
        with_keys(site, postmark_env="").receive("postmark", bounce("HardBounce"), basic(""))
    monkeypatch.delenv("POSTMARK")
    with pytest.raises(WebhookRefused, match="postmark_env"):
        site.receive("postmark", bounce("HardBounce"), basic(""))
