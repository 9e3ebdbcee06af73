"""Amazon SES, whose reports come through Amazon SNS: signed by a certificate that is fetched from there."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

from publisher.errors import WebhookRefused
from publisher.mailing.reports import Kind, Report, is_for_good
from publisher.mailing.webhooks.request import Document, Post, Received, vouched

_HOST = re.compile(r"sns\.[a-z0-9-]{1,40}\.amazonaws\.com(\.cn)?")
_SIGNED = ("Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
"""What the signature covers, in this order; a notification has no token, a confirmation no subject."""

_CONFIRMATIONS = ("SubscriptionConfirmation", "UnsubscribeConfirmation")
_SUPPRESSED = ("NoEmail", "Suppressed", "OnAccountSuppressionList")
_HARMLESS = ("not-spam", "auth-failure")


def received(post: Post) -> Received:
    """What a notice amounts to; `WebhookRefused` where the signature or the topic is not right."""
    outer = post.document()
    if outer.text("TopicArn") not in post.keys.ses_topics:
        raise WebhookRefused("an SNS topic that [mail.webhooks] ses_topics does not name")
    _verify(post, outer)
    post.refuse_replays(_moment(outer.text("Timestamp")), outer.text("MessageId"))
    nonce = outer.text("MessageId")
    if outer.text("Type") in _CONFIRMATIONS:
        return Received(confirm=_of_sns(outer.text("SubscribeURL")), nonce=nonce)
    return Received(tuple(_reports(post, Document.read(outer.text("Message")))), nonce=nonce)


def _verify(post: Post, outer: Document) -> None:
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
        from cryptography.hazmat.primitives.hashes import SHA1, SHA256
        from cryptography.x509 import load_pem_x509_certificate
    except ImportError as error:
        raise WebhookRefused(
            "reports of Amazon SES need another package", hint="pip install 'publisher[ses]'"
        ) from error
    # Version 1 is SHA-1 with RSA: the provider's choice where the topic was not switched to version 2.
    digest = {"1": SHA1(), "2": SHA256()}.get(outer.text("SignatureVersion"))  # noqa: S303 - see above
    if digest is None:
        raise WebhookRefused("a signature of an unknown version")
    pem = post.certificate(_of_sns(outer.text("SigningCertURL")))
    try:
        certificate = load_pem_x509_certificate(pem)
        signature = base64.b64decode(outer.text("Signature"), validate=True)
    except (ValueError, binascii.Error) as error:
        raise WebhookRefused("a signature or a certificate that cannot be read") from error
    if not certificate.not_valid_before_utc <= post.now <= certificate.not_valid_after_utc:
        raise WebhookRefused("signed with a certificate of another time")
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise WebhookRefused("a certificate with a key of another kind")
    try:
        key.verify(signature, _signed(outer), PKCS1v15(), digest)
    except InvalidSignature as error:
        raise WebhookRefused("the signature is wrong") from error


def _signed(outer: Document) -> bytes:
    pairs = ((key, outer.at(key).value) for key in _SIGNED)
    return "".join(f"{key}\n{value}\n" for key, value in pairs if isinstance(value, str)).encode()


def _of_sns(address: str) -> str:
    """An address that only Amazon SNS answers at; `WebhookRefused` for any other."""
    try:
        parts = urlsplit(address)
        fine = parts.scheme == "https" and _HOST.fullmatch(parts.netloc) is not None
    except ValueError:
        fine = False
    if not fine or any(not mark.isprintable() or mark.isspace() for mark in address):
        raise WebhookRefused("an address that is not of Amazon SNS")
    return address


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise WebhookRefused("no time of signing") from error
    if found.tzinfo is None:
        raise WebhookRefused("a time of signing without a zone")
    return found


def _reports(post: Post, message: Document) -> Iterator[Report]:
    match message.text("notificationType") or message.text("eventType"):
        case "Bounce":
            for one in message.items("bounce", "bouncedRecipients"):
                yield _bounce(post, message, one)
        case "Complaint":
            said = message.text("complaint", "complaintFeedbackType")
            kind = Kind.NOTHING if said in _HARMLESS else Kind.COMPLAINT
            for one in message.items("complaint", "complainedRecipients"):
                yield _about(post, message, kind, one, diagnostic=f"feedback: {said or 'of no type'}")
        case "Delivery":
            for recipient in message.items("delivery", "recipients"):
                yield _about(post, message, Kind.NOTHING, Document({"emailAddress": recipient.value}))
        case "DeliveryDelay":
            for one in message.items("deliveryDelay", "delayedRecipients"):
                yield _about(post, message, Kind.SOFT, one)


def _bounce(post: Post, message: Document, one: Document) -> Report:
    subtype = message.text("bounce", "bounceSubType")
    if subtype == "UnsubscribedRecipient":
        return _about(post, message, Kind.UNSUBSCRIBE, one)
    lasting = message.text("bounce", "bounceType") == "Permanent" and (
        subtype in _SUPPRESSED
        or not one.text("status")
        or is_for_good(one.text("status"), one.text("diagnosticCode"))
    )
    words = one.text("diagnosticCode").removeprefix("smtp;") or subtype
    kind = Kind.HARD if lasting else Kind.SOFT
    return _about(post, message, kind, one, diagnostic=words, given_up=True)


def _about(
    post: Post, message: Document, kind: Kind, one: Document, *, diagnostic: str = "", given_up: bool = False
) -> Report:
    headers = message.items("mail", "headers")
    ids = [item.text("value") for item in headers if item.text("name").lower() == "message-id"]
    return vouched(
        post,
        kind,
        one.text("emailAddress"),
        path=message.text("mail", "source"),
        message=" ".join(ids[:2]),
        status=one.text("status"),
        diagnostic=diagnostic or one.text("diagnosticCode"),
        given_up=given_up,
    )
