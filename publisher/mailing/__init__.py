"""Editions → deliveries → transports."""

from publisher.mailing.body import SLOTS, Body
from publisher.mailing.decisions import Decision, after_failure
from publisher.mailing.headers import address_key, domain_of, unsubscribe_url
from publisher.mailing.message import Letter, Person, message_names
from publisher.mailing.transports import TRANSPORTS, Transport

__all__ = [
    "SLOTS",
    "TRANSPORTS",
    "Body",
    "Decision",
    "Letter",
    "Person",
    "Transport",
    "address_key",
    "after_failure",
    "domain_of",
    "message_names",
    "unsubscribe_url",
]
