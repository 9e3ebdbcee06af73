"""What is asked of every provider in the table: no request is believed unsigned, and none makes it stumble."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from webhooks import CERTIFICATE, ENVIRONMENT, TOPIC, Called, Signer, basic, by_mailgun

from publisher.errors import WebhookRefused
from publisher.mailing.webhooks import MOST_BYTES, PROVIDERS

SIGNER = Signer()
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=10), inner, max_size=3)
    ),
    max_leaves=10,
)
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "notificationType": st.sampled_from(["Bounce", "Complaint", "Delivery", "DeliveryDelay"]) | VALUES,
        "RecordType": st.sampled_from(["Bounce", "SubscriptionChange", "SpamComplaint"]) | VALUES,
        "event": st.sampled_from(["failed", "complained", "unsubscribed"]) | VALUES,
        **dict.fromkeys(
            ("bounce", "complaint", "delivery", "deliveryDelay", "mail", "Type", "Email"), VALUES
        ),
        **dict.fromkeys(
            ("severity", "reason", "recipient", "envelope", "message", "delivery-status"), VALUES
        ),
    },
)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Called:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return Called(certificates={CERTIFICATE: SIGNER.certificate})


def signed(name: str, event: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """The body and the headers of a request that is signed as the provider does it."""
    return {
        "ses": lambda: (SIGNER.notice(event), {}),
        "postmark": lambda: (event, basic()),
        "mailgun": lambda: (by_mailgun(event), {}),
    }[name]()


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b"1" * 100_000,
        b'{"signature": 1, "TopicArn": 1}',
        json.dumps({"TopicArn": TOPIC, "Type": "Notification", "Message": "{}"}).encode(),
        b" " * (MOST_BYTES + 1),
    ],
)
def test_what_is_not_signed_is_refused(site: Called, name: str, body: bytes) -> None:
    with pytest.raises(WebhookRefused):
        site.receive(name, body)


@pytest.mark.parametrize("name", PROVIDERS)
def test_what_is_signed_and_larger_than_any_report_is_refused(site: Called, name: str) -> None:
    body, headers = signed(name, {"padding": "x" * MOST_BYTES})
    with pytest.raises(WebhookRefused, match="larger"):
        site.receive(name, body, headers)


@pytest.mark.parametrize("name", PROVIDERS)
@given(event=EVENTS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_whatever_is_signed_is_read(site: Called, name: str, event: dict[str, Any]) -> None:
    body, headers = signed(name, event)
    for report in site.receive(name, body, headers).reports:
        assert report.vouched
        assert report.diagnostic.isprintable()
        assert report.address.isprintable()


def test_a_provider_that_is_not_in_the_table_is_refused(site: Called) -> None:
    with pytest.raises(WebhookRefused, match="no provider of that name"):
        site.receive("sendgrid", b"{}")
