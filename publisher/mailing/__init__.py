"""Editions → deliveries → transports."""

from publisher.mailing.decisions import Decision, after_failure
from publisher.mailing.message import Envelope, build, domain_of, unsubscribe_url
from publisher.mailing.transports import TRANSPORTS, Transport

__all__ = [
    "TRANSPORTS",
    "Decision",
    "Envelope",
    "Transport",
    "after_failure",
    "build",
    "domain_of",
    "unsubscribe_url",
]
