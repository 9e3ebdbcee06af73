"""Editions → deliveries → transports."""

from publisher.mailing.decisions import Decision, after, after_failure
from publisher.mailing.message import Envelope, address_key, build, domain_of, unsubscribe_url
from publisher.mailing.outgoing import Transport
from publisher.mailing.transports import TRANSPORTS

__all__ = [
    "TRANSPORTS",
    "Decision",
    "Envelope",
    "Transport",
    "address_key",
    "after",
    "after_failure",
    "build",
    "domain_of",
    "unsubscribe_url",
]
