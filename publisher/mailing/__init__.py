"""Editions → deliveries → transports."""

from publisher.mailing.body import SLOTS, Body
from publisher.mailing.decisions import Decision, after
from publisher.mailing.headers import domain_of, unsubscribe_url
from publisher.mailing.message import Letter, Person
from publisher.mailing.outgoing import Fate, Gate, Outcome, Outgoing, Transport
from publisher.mailing.transports import TRANSPORTS

__all__ = [
    "SLOTS",
    "TRANSPORTS",
    "Body",
    "Decision",
    "Fate",
    "Gate",
    "Letter",
    "Outcome",
    "Outgoing",
    "Person",
    "Transport",
    "after",
    "domain_of",
    "unsubscribe_url",
]
