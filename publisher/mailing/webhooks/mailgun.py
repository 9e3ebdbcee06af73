"""Mailgun, which signs a time and a token with a shared key; both stand in the body."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import UTC, datetime

from publisher.credentials import secret
from publisher.errors import WebhookRefused
from publisher.mailing.reports import Kind, Report, is_for_good
from publisher.mailing.webhooks.request import Document, Post, Received, vouched

_SUPPRESSIONS = {
    "suppress-bounce": Kind.HARD,
    "suppress-complaint": Kind.COMPLAINT,
    "suppress-unsubscribe": Kind.UNSUBSCRIBE,
}
"""Reasons for which Mailgun does not even try: what it learnt from a message before."""

_KINDS = {"complained": Kind.COMPLAINT, "unsubscribed": Kind.UNSUBSCRIBE, "delivered": Kind.NOTHING}


def received(post: Post) -> Received:
    """What a call amounts to; `WebhookRefused` where the signature is not right, or was used already."""
    document = post.document()
    moment, token = document.text("signature", "timestamp"), document.text("signature", "token")
    key = secret(post.keys.mailgun_env)
    if not key:
        raise WebhookRefused("no signing key is set: [mail.webhooks] mailgun_env")
    expected = hmac.new(key.encode(), f"{moment}{token}".encode(), "sha256").hexdigest()
    if not hmac.compare_digest(expected.encode(), document.text("signature", "signature").encode()):
        raise WebhookRefused("the signature is wrong")
    post.refuse_replays(_moment(moment), token)
    return Received(tuple(_reports(post, document.at("event-data"))), nonce=token)


def _moment(seconds: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise WebhookRefused("no time of signing") from error


def _reports(post: Post, event: Document) -> Iterator[Report]:
    kind = _failure(event) if event.text("event") == "failed" else _KINDS.get(event.text("event"))
    if kind is not None:
        yield vouched(
            post,
            kind,
            event.text("recipient"),
            path=event.text("envelope", "sender"),
            message=event.text("message", "headers", "message-id"),
            status=event.text("delivery-status", "enhanced-code"),
            diagnostic=_words(event),
            given_up=event.text("severity") == "permanent",
        )


def _failure(event: Document) -> Kind:
    if event.text("severity") != "permanent":
        return Kind.SOFT
    known = _SUPPRESSIONS.get(event.text("reason"))
    lasting = is_for_good(event.text("delivery-status", "enhanced-code"), _words(event))
    return known or (Kind.HARD if lasting else Kind.SOFT)


def _words(event: Document) -> str:
    """The reply of the receiving server, its code before its text."""
    status = event.at("delivery-status")
    code, text = status.text("code"), status.text("message") or status.text("description")
    return text if text.startswith(code) else f"{code} {text}"
