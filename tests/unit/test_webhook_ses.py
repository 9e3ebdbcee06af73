"""Reports of Amazon SES through Amazon SNS: believed where the signature holds, and nothing is fetched unasked."""

from __future__ import annotations

import base64
import sys
from datetime import timedelta
from typing import Any

import pytest
from webhooks import CERTIFICATE, MESSAGE_ID, NOW, PATH, TOPIC, Called, Signer, with_keys

from publisher.errors import WebhookRefused
from publisher.mailing.reports import Kind
from publisher.mailing.webhooks import kept

ADDRESS = "lan@example.net"


@pytest.fixture(scope="module")
def signer() -> Signer:
    return Signer()


@pytest.fixture
def site(signer: Signer) -> Called:
    return Called(certificates={CERTIFICATE: signer.certificate})


def mail(**more: Any) -> dict[str, Any]:
    return {"messageId": "0100018f-of-ses", "source": PATH, "destination": [ADDRESS], **more}


def bounce(kind: str = "Permanent", subtype: str = "General", **recipient: Any) -> dict[str, Any]:
    about = {
        "emailAddress": ADDRESS,
        "action": "failed",
        "status": "5.1.1",
        "diagnosticCode": "smtp; 550 5.1.1 no such user",
        **recipient,
    }
    return {
        "notificationType": "Bounce",
        "bounce": {"bounceType": kind, "bounceSubType": subtype, "bouncedRecipients": [about]},
        "mail": mail(),
    }


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_signed_bounce_is_a_report_about_a_delivery(site: Called, signer: Signer, version: str) -> None:
    received = site.receive("ses", signer.notice(bounce(), version))
    (report,) = received.reports
    assert (report.kind, report.edition, report.subscriber, report.address) == (Kind.HARD, 12, 42, ADDRESS)
    assert (report.status, report.diagnostic) == ("5.1.1", "550 5.1.1 no such user")
    assert report.given_up
    assert report.vouched
    assert report.when == NOW
    assert received.nonce == "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324"
    assert site.fetched == [CERTIFICATE]


def test_a_subject_is_part_of_what_is_signed(site: Called, signer: Signer) -> None:
    notice = signer.notice(bounce(), Subject="Amazon SES Email Event Notification")
    assert site.receive("ses", notice).reports
    with pytest.raises(WebhookRefused, match="the signature is wrong"):
        site.receive("ses", {**notice, "Subject": "Another"})


@pytest.mark.parametrize("field", ["Message", "MessageId", "Timestamp", "Type"])
def test_no_signed_field_can_be_changed(site: Called, signer: Signer, field: str) -> None:
    notice = signer.notice(bounce())
    notice[field] = notice[field].replace("2026-11-26T11:59", "2026-11-26T11:58").replace("2b80", "2b81")
    notice["Message"] = (
        notice["Message"].replace(ADDRESS, "mai@example.net") if field == "Message" else notice["Message"]
    )
    notice["Type"] = "SubscriptionConfirmation" if field == "Type" else notice["Type"]
    with pytest.raises(WebhookRefused, match="the signature is wrong"):
        site.receive("ses", notice)


def test_another_key_signs_nothing(site: Called) -> None:
    with pytest.raises(WebhookRefused, match="the signature is wrong"):
        site.receive("ses", Signer().notice(bounce()))


@pytest.mark.parametrize(
    "address",
    [
        "http://sns.ap-southeast-1.amazonaws.com/a.pem",
        "https://sns.ap-southeast-1.amazonaws.com.example.net/a.pem",
        "https://example.net/sns.ap-southeast-1.amazonaws.com/a.pem",
        "https://user@sns.ap-southeast-1.amazonaws.com/a.pem",
        "https://sns.ap-southeast-1.amazonaws.com:8443/a.pem",
        "https://s3.ap-southeast-1.amazonaws.com/a.pem",
        "https://sns.x.y.amazonaws.com/a.pem",
        "https://sns.ap-southeast-1.amazonaws.com/a b.pem",
        "https://sns.ap-southeast-1.amazonaws.com\\@example.net/",
        "https://[::1",
        "",
    ],
)
def test_a_certificate_from_elsewhere_is_not_even_fetched(site: Called, signer: Signer, address: str) -> None:
    site.certificates[address] = signer.certificate
    with pytest.raises(WebhookRefused, match="not of Amazon SNS"):
        site.receive("ses", signer.notice(bounce(), SigningCertURL=address))
    assert site.fetched == []


def test_a_topic_that_is_not_ours_is_refused_before_anything_is_fetched(site: Called, signer: Signer) -> None:
    notice = signer.notice(bounce(), TopicArn=TOPIC.replace("reports", "theirs"))
    for one in (site, with_keys(site, ses_topics=())):
        with pytest.raises(WebhookRefused, match="ses_topics"):
            one.receive("ses", notice)
        assert one.fetched == []


@pytest.mark.parametrize(
    "certificate", [Signer(days=10).certificate, Signer(began=NOW + timedelta(days=1)).certificate]
)
def test_a_certificate_of_another_time_is_refused(site: Called, signer: Signer, certificate: bytes) -> None:
    site.certificates[CERTIFICATE] = certificate
    with pytest.raises(WebhookRefused, match="another time"):
        site.receive("ses", signer.notice(bounce()))


@pytest.mark.parametrize(
    ("field", "value"),
    [("Signature", "!"), ("Signature", ""), ("SignatureVersion", "3"), ("SignatureVersion", None)],
)
def test_a_signature_that_is_none_is_refused(
    site: Called, signer: Signer, field: str, value: str | None
) -> None:
    with pytest.raises(WebhookRefused, match="signature"):
        site.receive("ses", {**signer.notice(bounce()), field: value})


def test_a_certificate_that_is_none_is_refused(site: Called, signer: Signer) -> None:
    site.certificates[CERTIFICATE] = b"no certificate"
    with pytest.raises(WebhookRefused, match="cannot be read"):
        site.receive("ses", signer.notice(bounce()))


@pytest.mark.parametrize(
    "moment", ["2026-11-25T11:59:59Z", "2026-11-26T12:05:01Z", "2026-11-26T11:59:00", "yesterday", ""]
)
def test_what_was_signed_at_another_time_is_refused(site: Called, signer: Signer, moment: str) -> None:
    with pytest.raises(WebhookRefused, match="time"):
        site.receive("ses", signer.notice(bounce(), Timestamp=moment))


def test_what_was_acted_on_is_refused(site: Called, signer: Signer) -> None:
    notice = signer.notice(bounce())
    nonce = site.receive("ses", notice).nonce
    assert site.receive("ses", notice).nonce == nonce
    site.seen.add(nonce)
    with pytest.raises(WebhookRefused, match="the same again"):
        site.receive("ses", notice)


def test_an_invitation_is_given_to_the_owner_and_not_followed(site: Called, signer: Signer) -> None:
    invitation = "https://sns.ap-southeast-1.amazonaws.com/?Action=ConfirmSubscription&Token=abc"
    notice = signer.notice(
        "You have chosen…", Type="SubscriptionConfirmation", SubscribeURL=invitation, Token="abc"
    )
    received = site.receive("ses", notice)
    assert (received.confirm, received.reports) == (invitation, ())
    assert site.fetched == [CERTIFICATE]
    elsewhere = signer.notice(
        "…", Type="SubscriptionConfirmation", SubscribeURL="https://example.net/", Token="abc"
    )
    with pytest.raises(WebhookRefused, match="not of Amazon SNS"):
        site.receive("ses", elsewhere)


@pytest.mark.parametrize(
    ("message", "kind", "given_up"),
    [
        (bounce("Permanent", "NoEmail", status=None, diagnosticCode=None), Kind.HARD, True),
        (bounce("Permanent", "Suppressed", status="5.7.1"), Kind.HARD, True),
        (bounce("Permanent", "OnAccountSuppressionList", status="5.1.1"), Kind.HARD, True),
        (bounce("Permanent", "General", status=None, diagnosticCode=None), Kind.HARD, True),
        (
            bounce("Permanent", "General", status="5.7.1", diagnosticCode="smtp; 550 5.7.1 policy"),
            Kind.SOFT,
            True,
        ),
        (bounce("Permanent", "UnsubscribedRecipient"), Kind.UNSUBSCRIBE, False),
        (bounce("Transient", "MailboxFull", status="5.2.2"), Kind.SOFT, True),
        (bounce("Transient", "General"), Kind.SOFT, True),
        (bounce("Undetermined", "Undetermined"), Kind.SOFT, True),
    ],
)
def test_a_bounce_is_hard_or_soft_as_the_provider_says(
    site: Called, signer: Signer, message: dict[str, Any], kind: Kind, given_up: bool
) -> None:
    (report,) = site.receive("ses", signer.notice(message)).reports
    assert (report.kind, report.given_up) == (kind, given_up)


@pytest.mark.parametrize(
    ("said", "kind"), [("abuse", Kind.COMPLAINT), (None, Kind.COMPLAINT), ("not-spam", Kind.NOTHING)]
)
def test_a_complaint_is_one_unless_it_says_otherwise(
    site: Called, signer: Signer, said: str | None, kind: Kind
) -> None:
    complaint = {"complainedRecipients": [{"emailAddress": ADDRESS}], "complaintFeedbackType": said}
    message = {"eventType": "Complaint", "complaint": complaint, "mail": mail()}
    (report,) = site.receive("ses", signer.notice(message)).reports
    assert (report.kind, report.subscriber, report.address) == (kind, 42, ADDRESS)


def test_a_delivery_settles_and_a_delay_is_soft(site: Called, signer: Signer) -> None:
    delivered = {"notificationType": "Delivery", "delivery": {"recipients": [ADDRESS]}, "mail": mail()}
    late = [{"emailAddress": ADDRESS, "status": "4.4.1", "diagnosticCode": "smtp; 421 4.4.1 later"}]
    delayed = {"eventType": "DeliveryDelay", "deliveryDelay": {"delayedRecipients": late}, "mail": mail()}
    (first,) = site.receive("ses", signer.notice(delivered)).reports
    (second,) = site.receive("ses", signer.notice(delayed)).reports
    assert (first.kind, first.edition, first.address) == (Kind.NOTHING, 12, ADDRESS)
    assert (second.kind, second.given_up, second.status) == (Kind.SOFT, False, "4.4.1")


def test_a_delivery_is_known_by_its_message_id_too(site: Called, signer: Signer) -> None:
    headers = [
        {"name": "From", "value": "news@example.org"},
        {"name": "Message-ID", "value": f"<{MESSAGE_ID}>"},
    ]
    message = {**bounce(), "mail": mail(source="news@example.org", headers=headers)}
    (report,) = site.receive("ses", signer.notice(message)).reports
    assert (report.edition, report.subscriber) == (12, 42)


def test_what_is_of_no_concern_is_no_report(site: Called, signer: Signer) -> None:
    assert site.receive("ses", signer.notice({"eventType": "Open", "mail": mail()})).reports == ()


def test_a_certificate_is_fetched_once(site: Called, signer: Signer) -> None:
    fetch = kept(site._certificate)
    assert fetch(CERTIFICATE) == fetch(CERTIFICATE)
    assert site.fetched == [CERTIFICATE]


def test_without_the_extra_package_it_is_said_which(
    site: Called, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.x509", None)
    with pytest.raises(WebhookRefused, match="need another package") as caught:
        site.receive("ses", signer.notice(bounce()))
    assert "publisher[ses]" in caught.value.hint


def test_a_signature_with_a_key_of_another_kind_is_refused(site: Called, signer: Signer) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding

    key, name = Ed25519PrivateKey.generate(), x509.Name([])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, NOW, NOW + timedelta(days=1))
    site.certificates[CERTIFICATE] = builder.sign(key, None).public_bytes(Encoding.PEM)
    notice = signer.notice(bounce())
    notice["Signature"] = base64.b64encode(key.sign(b"x")).decode()
    with pytest.raises(WebhookRefused, match="key of another kind"):
        site.receive("ses", notice)
