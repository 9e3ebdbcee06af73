"""Editions → deliveries → transports."""

from publisher.mailing.body import SLOTS, Body
from publisher.mailing.decisions import Decision, after_failure
from publisher.mailing.headers import domain_of, unsubscribe_url
from publisher.mailing.message import Letter, Person
from publisher.mailing.transports import TRANSPORTS, Transport

__all__ = [
    "SLOTS",
    "TRANSPORTS",
    "Body",
    "Decision",
    "Letter",
    "Person",
    "Transport",
    "after_failure",
    "domain_of",
    "unsubscribe_url",
]
