"""Reports that mail providers post. `PROVIDERS` is the table: a function each, from a request to reports.

Nothing here opens a connection: whoever has a web server brings the function that fetches a certificate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache

from publisher.config import Config
from publisher.errors import WebhookRefused
from publisher.mailing.reports import Marks
from publisher.mailing.webhooks import mailgun, postmark, ses
from publisher.mailing.webhooks.request import MOST_BYTES, Post, Received

__all__ = ["MOST_BYTES", "PROVIDERS", "Received", "kept", "verify_and_read"]

PROVIDERS: dict[str, Callable[[Post], Received]] = {
    "ses": ses.received,
    "postmark": postmark.received,
    "mailgun": mailgun.received,
}


def verify_and_read(
    name: str,
    headers: Mapping[str, str],
    body: bytes,
    config: Config,
    now: datetime,
    *,
    marks: Marks,
    certificate: Callable[[str], bytes],
    seen: Callable[[str], bool],
) -> Received:
    """What a provider reports; `publisher.errors.WebhookRefused` where it is not from whom it should be.

    `certificate` fetches one in PEM from an address of Amazon SNS, and raises the same. `seen` says whether
    the nonce of an earlier answer was remembered.
    """
    if name not in PROVIDERS:
        raise WebhookRefused("no provider of that name")
    small = {key.lower(): value for key, value in headers.items()}
    post = Post(small, body, config.mail.webhooks, marks, now, certificate, seen)
    return PROVIDERS[name](post)


def kept(certificate: Callable[[str], bytes]) -> Callable[[str], bytes]:
    """The same function, which fetches each certificate once: another one comes with another address."""
    return lru_cache(16)(certificate)
