"""Reports of mail providers over HTTP: acted on, and answered so that each repeats what it should and no more."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import NOW, Site
from webapp import Answer, Clock, WebApp
from webhooks import CERTIFICATE, ENVIRONMENT, TOPIC, Signer, basic, by_mailgun
from webhooks import NOW as SIGNED

from publisher.errors import WebhookDelayed
from publisher.model import SubscriberState

DESK = "desk@example.org"
KEYS = f"""
[mail.webhooks]
ses_topics = ["{TOPIC}"]
postmark_env = "POSTMARK"
mailgun_env = "MAILGUN"
"""
SIGNER = Signer()


class Certificates:
    """Fetches the one certificate, or fails as told; counts."""

    def __init__(self) -> None:
        self.asked = 0
        self.away = False

    def __call__(self, url: str) -> bytes:
        self.asked += 1
        if self.away:
            raise WebhookDelayed(f"{url}: no answer")
        assert url == CERTIFICATE
        return SIGNER.certificate


@pytest.fixture
def certificates() -> Certificates:
    return Certificates()


@pytest.fixture
def web(site: Site, certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebApp]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    site.article("one.txt", "Giao thông")
    site.run(NOW)
    with WebApp(site, more=KEYS, clock=Clock(SIGNED), certificate=certificates) as running:
        yield running


def send(web: WebApp, provider: str, document: Any, headers: dict[str, str] | None = None) -> Answer:
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return web.ask("POST", f"/hooks/{provider}", {"Content-Type": "application/json", **(headers or {})}, raw)


def state(web: WebApp) -> SubscriberState:
    found = web.site.store.subscriber_with_key(DESK)
    assert found is not None
    return found.state


COMPLAINT_SES = {
    "notificationType": "Complaint",
    "complaint": {"complainedRecipients": [{"emailAddress": DESK}], "complaintFeedbackType": "abuse"},
    "mail": {"source": "news@example.org", "destination": [DESK]},
}
COMPLAINT_POSTMARK = {"RecordType": "SpamComplaint", "Type": "SpamComplaint", "Email": DESK}
COMPLAINT_MAILGUN = {"event": "complained", "recipient": DESK}


@pytest.mark.parametrize(
    ("provider", "document", "headers"),
    [
        ("ses", SIGNER.notice(COMPLAINT_SES), {}),
        ("postmark", COMPLAINT_POSTMARK, basic()),
        ("mailgun", by_mailgun(COMPLAINT_MAILGUN), {}),
    ],
)
def test_a_report_of_each_provider_takes_the_address_off(
    web: WebApp, provider: str, document: Any, headers: dict[str, str]
) -> None:
    assert state(web) is SubscriberState.ACTIVE
    assert send(web, provider, document, headers).status == 200
    assert state(web) is SubscriberState.COMPLAINED


@pytest.mark.parametrize(
    ("provider", "document", "headers", "status"),
    [
        ("ses", {**SIGNER.notice(COMPLAINT_SES), "Message": "{}"}, {}, 403),
        ("ses", SIGNER.notice(COMPLAINT_SES, TopicArn=TOPIC + "x"), {}, 403),
        ("postmark", COMPLAINT_POSTMARK, {}, 403),
        ("postmark", COMPLAINT_POSTMARK, basic("postmark:wrong"), 403),
        ("mailgun", by_mailgun(COMPLAINT_MAILGUN, key="other"), {}, 406),
        ("mailgun", b"{", {}, 406),
        ("ses", b"\xff", {}, 403),
    ],
)
def test_what_is_not_from_the_provider_is_refused_for_good(
    web: WebApp, provider: str, document: Any, headers: dict[str, str], status: int
) -> None:
    assert send(web, provider, document, headers).status == status
    assert state(web) is SubscriberState.ACTIVE


def test_the_same_report_again_is_refused(web: WebApp) -> None:
    soft = by_mailgun({"event": "failed", "severity": "temporary", "recipient": DESK})
    assert [send(web, "mailgun", soft).status for _ in range(3)] == [200, 406, 406]
    other = by_mailgun({"event": "failed", "severity": "temporary", "recipient": DESK}, token="b" * 50)
    assert send(web, "mailgun", other).status == 200


def test_a_report_comes_again_where_the_certificate_cannot_be_had(
    web: WebApp, certificates: Certificates
) -> None:
    certificates.away = True
    notice = SIGNER.notice(COMPLAINT_SES)
    late = send(web, "ses", notice)
    assert (late.status, late.headers["retry-after"]) == (503, "60")
    certificates.away = False
    assert state(web) is SubscriberState.ACTIVE
    assert send(web, "ses", notice).status == 200
    assert state(web) is SubscriberState.COMPLAINED
    assert certificates.asked == 2


def test_a_confirmation_of_amazon_is_shown_to_the_owner_and_not_followed(
    web: WebApp, caplog: pytest.LogCaptureFixture
) -> None:
    url = "https://sns.ap-southeast-1.amazonaws.com/?Action=ConfirmSubscription&Token=x"
    notice = SIGNER.notice("please", Type="SubscriptionConfirmation", SubscribeURL=url, Token="x")
    with caplog.at_level(logging.WARNING):
        assert send(web, "ses", notice).status == 200
    assert [vars(record)["visit"] for record in caplog.records if "visit" in vars(record)] == [url]


def test_other_names_and_methods_lead_nowhere(web: WebApp) -> None:
    assert send(web, "nobody", {}).status == 404
    assert web.get("/hooks/ses").status == 405
    assert web.get("/hooks").status == 404


def test_a_report_larger_than_any_is_not_read(web: WebApp) -> None:
    assert send(web, "mailgun", b"[" + b" " * (600 << 10) + b"]").status == 413
