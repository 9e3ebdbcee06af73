"""Postmark, which calls with a name and a password in the address (RFC 7617) and signs nothing."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterator

from publisher.credentials import secret
from publisher.errors import WebhookRefused
from publisher.mailing.reports import Kind, Report, code_in
from publisher.mailing.webhooks.request import Document, Post, Received, vouched

_BOUNCES = {
    "HardBounce": Kind.HARD,
    "BadEmailAddress": Kind.HARD,
    "ManuallyDeactivated": Kind.HARD,
    "SpamComplaint": Kind.COMPLAINT,
    "Unsubscribe": Kind.UNSUBSCRIBE,
    "AutoResponder": Kind.NOTHING,
    "Subscribe": Kind.NOTHING,
    "OpenRelayTest": Kind.NOTHING,
    "AddressChange": Kind.SOFT,
    "Blocked": Kind.SOFT,
    "ChallengeVerification": Kind.SOFT,
    "DMARCPolicy": Kind.SOFT,
    "DnsError": Kind.SOFT,
    "SMTPApiError": Kind.SOFT,
    "SoftBounce": Kind.SOFT,
    "SpamNotification": Kind.SOFT,
    "Transient": Kind.SOFT,
    "Unconfirmed": Kind.SOFT,
    "Unknown": Kind.SOFT,
    "VirusNotification": Kind.SOFT,
}
_TRIED_AGAIN = ("Transient",)
_SUPPRESSIONS = {
    "HardBounce": Kind.HARD,
    "SpamComplaint": Kind.COMPLAINT,
    "ManualSuppression": Kind.UNSUBSCRIBE,
}


def received(post: Post) -> Received:
    """What a call amounts to; `WebhookRefused` where name and password are not right."""
    known = secret(post.keys.postmark_env)
    if not known:
        raise WebhookRefused("no name and password are set: [mail.webhooks] postmark_env")
    if not hmac.compare_digest(known.encode(), _credentials(post.headers.get("authorization", ""))):
        raise WebhookRefused("the name or the password is wrong")
    return Received(tuple(_reports(post, post.document())))


def _credentials(header: str) -> bytes:
    scheme, _, coded = header.partition(" ")
    try:
        return base64.b64decode(coded.strip(), validate=True) if scheme.lower() == "basic" else b""
    except (ValueError, binascii.Error):
        return b""


def _reports(post: Post, event: Document) -> Iterator[Report]:
    kind = _kind(event)
    if kind is not None:
        words = event.text("Details") or event.text("Description") or event.text("Type")
        yield vouched(
            post,
            kind,
            event.text("Email") or event.text("Recipient"),
            message=event.text("MessageID"),
            status=code_in(event.text("Details")),
            diagnostic=words or event.text("SuppressionReason"),
            given_up=kind in (Kind.HARD, Kind.SOFT) and event.text("Type") not in _TRIED_AGAIN,
        )


def _kind(event: Document) -> Kind | None:
    """What an event means; none where it is of no concern, as that somebody opened a message."""
    match event.text("RecordType"):
        case "Bounce":
            return _BOUNCES.get(event.text("Type"), Kind.UNKNOWN)
        case "SpamComplaint":
            return Kind.COMPLAINT
        case "Delivery":
            return Kind.NOTHING
        case "SubscriptionChange" if event.at("SuppressSending").value is True:
            return _SUPPRESSIONS.get(event.text("SuppressionReason"), Kind.UNKNOWN)
    return None
