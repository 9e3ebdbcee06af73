"""A site that mail providers call, and what they post; a certificate of our own signs for Amazon SNS."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from publisher.config import Config, Mail, Site, Webhooks
from publisher.mailing import verp
from publisher.mailing.reports import Marks
from publisher.mailing.webhooks import Received, verify_and_read

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
SECRET = "5e" * 32
PATH = verp.encode(SECRET, "bounces@bounce.example.org", 12, 42)
MESSAGE_ID = f"{verp.message_name(SECRET, 12, 42)}@example.org"
TOPIC = "arn:aws:sns:ap-southeast-1:123456789012:reports"
CERTIFICATE = "https://sns.ap-southeast-1.amazonaws.com/SimpleNotificationService-0123abcd.pem"
MAILGUN_KEY = "key-of-mailgun"
POSTMARK = "postmark:Mật khẩu"
ENVIRONMENT = {"MAILGUN": MAILGUN_KEY, "POSTMARK": POSTMARK}


@dataclass
class Called:
    """A site with all three providers; `fetched` are addresses of certificates that it asked for."""

    certificates: dict[str, bytes] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    fetched: list[str] = field(default_factory=list)
    keys: Webhooks = field(
        default_factory=lambda: Webhooks(ses_topics=(TOPIC,), postmark_env="POSTMARK", mailgun_env="MAILGUN")
    )

    def receive(
        self,
        name: str,
        body: bytes | dict[str, Any],
        headers: dict[str, str] | None = None,
        now: datetime = NOW,
    ) -> Received:
        """What a post amounts to."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        marks = Marks(partial(verp.decode, SECRET), partial(verp.named_in, SECRET), lambda _: None)
        return verify_and_read(
            name,
            headers or {},
            raw,
            self.config,
            now,
            marks=marks,
            certificate=self._certificate,
            seen=self.seen.__contains__,
        )

    @property
    def config(self) -> Config:
        """A configuration with the keys of webhooks."""
        site = Site(title="T", url="https://news.example.org/")
        return Config(site=site, mail=Mail(sender="news@example.org", webhooks=self.keys))

    def _certificate(self, address: str) -> bytes:
        self.fetched.append(address)
        return self.certificates[address]


class Signer:
    """A key with a certificate for it, as Amazon SNS has them."""

    def __init__(self, days: int = 365, began: datetime = NOW - timedelta(days=30)) -> None:
        self.key: RSAPrivateKey = generate_private_key(65537, 2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(1)
            .not_valid_before(began)
            .not_valid_after(began + timedelta(days=days))
            .sign(self.key, SHA256())
        ).public_bytes(Encoding.PEM)

    def notice(self, message: dict[str, Any] | str, version: str = "2", **more: Any) -> dict[str, Any]:
        """A signed notification; `more` fields are set before it is signed."""
        text = message if isinstance(message, str) else json.dumps(message, ensure_ascii=False)
        fields = {
            "Type": "Notification",
            "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
            "TopicArn": TOPIC,
            "Message": text,
            "Timestamp": "2026-11-26T11:59:00.123Z",
            "SignatureVersion": version,
            "SigningCertURL": CERTIFICATE,
            "UnsubscribeURL": "https://sns.ap-southeast-1.amazonaws.com/?Action=Unsubscribe",
            **more,
        }
        return {**fields, "Signature": self.sign(fields)}

    def sign(self, fields: dict[str, Any]) -> str:
        """The signature, as the provider documents what it covers."""
        if fields["Type"] == "Notification":
            names = ["Message", "MessageId", *(["Subject"] if "Subject" in fields else []), "Timestamp"]
        else:
            names = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token"]
        text = "".join(f"{name}\n{fields[name]}\n" for name in [*names, "TopicArn", "Type"])
        digest = SHA1() if fields["SignatureVersion"] == "1" else SHA256()
        return base64.b64encode(self.key.sign(text.encode(), PKCS1v15(), digest)).decode()


def basic(text: str = POSTMARK) -> dict[str, str]:
    """Headers with a name and a password (RFC 7617)."""
    return {"Authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}


def by_mailgun(
    event: dict[str, Any], key: str = MAILGUN_KEY, at: datetime = NOW, token: str = "a" * 50
) -> dict[str, Any]:
    """A signed event."""
    moment = str(int(at.timestamp()))
    signature = hmac.new(key.encode(), f"{moment}{token}".encode(), "sha256").hexdigest()
    return {"signature": {"timestamp": moment, "token": token, "signature": signature}, "event-data": event}


def with_keys(site: Called, **changes: Any) -> Called:
    """The same site with other keys."""
    return replace(site, keys=replace(site.keys, **changes))
