"""How a relay of the tests misbehaves, and what it offers."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Faults:
    """What is wrong with a relay, and what it offers. Stages: greeting, ehlo, mail, rcpt, data, body, dot."""

    drop: str = ""
    """Hang up at this stage instead of an answer; ``body``: in its middle; ``dot``: the message is taken."""
    stall: str = ""
    """Say nothing more from this stage on; ``dot``: the message is taken."""
    refuse: dict[str, str] = field(default_factory=dict)
    """Replies by stage."""
    every: int = 1
    """Only each n-th time that the stage is reached, over all connections."""
    recipients: dict[str, str] = field(default_factory=dict)
    """Replies to RCPT by recipient."""
    patient: bool = False
    """354 although no recipient was taken, then 554."""
    greylist: bool = False
    """450 to each recipient the first time."""
    most: int = 0
    """421 to MAIL after so many messages over one connection; with `drop` ``most`` without a word."""
    connections: int = 0
    """421 to connections beyond so many at once."""
    delay: float = 0.0
    """Seconds before the answers to what came in one piece."""
    bytewise: bool = False
    """Answers leave one byte at a time."""
    unasked: str = ""
    """Said behind the first answer though nobody asked."""
    pipelining: bool = True
    eightbit: bool = True
    utf8: bool = False
    ehlo: bool = True
    """False: EHLO is unknown."""
    tls: ssl.SSLContext | None = None
    """Offer STARTTLS and mean it; with `at_once`, TLS from the first byte."""
    at_once: bool = False
    starttls: str = ""
    """What follows STARTTLS instead of an invitation and a handshake, as it is."""
    login: tuple[str, str] | None = None
    """A name and a secret, wanted before MAIL."""
    methods: str = "PLAIN LOGIN XOAUTH2"
