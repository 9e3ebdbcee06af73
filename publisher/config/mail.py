"""`[mail]` and the tables in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Le, MinLen

from publisher.config.table import Table


@dataclass(frozen=True, kw_only=True)
class Smtp(Table):
    """`[mail.smtp]`: the relay, where `transport` is `smtp`."""

    host: str = "localhost"
    """The relay's name."""
    port: Annotated[int, Ge(1), Le(65535)] = 25
    """The relay's port."""
    security: Literal["none", "starttls", "tls"] = "none"
    """Certificates are verified in both of the latter."""
    username: str = ""
    """Empty: no log-in."""
    password_env: str = "PUBLISHER_SMTP_PASSWORD"
    """The environment variable that holds the password, or the access token where `auth` is `xoauth2`."""
    auth: Literal["auto", "plain", "login", "xoauth2"] = "auto"
    """How to log in; `auto`: `plain` or `login`, as the relay offers."""
    timeout: Annotated[int, Ge(1), Le(3600)] = 60
    """Seconds to wait for an answer."""
    connections: Annotated[int, Ge(1), Le(100)] = 10
    """Connections at once, at most; fewer while the relay asks for patience."""
    messages_per_connection: Annotated[int, Ge(1)] = 50
    """Messages after which a connection is closed and opened anew; many relays hang up at some number."""
    per_second: Annotated[int, Ge(0)] = 0
    """Messages a second at most; 0: as fast as the relay takes them."""
    per_day: Annotated[int, Ge(0)] = 0
    """Messages in 24 hours at most; 0: no limit."""
    weight: Annotated[int, Ge(0), Le(1000)] = 1
    """Its share of the messages where there are several relays; 0: none, as long as another works."""


@dataclass(frozen=True, kw_only=True)
class Relay(Smtp):
    """`[[mail.relay]]`: one more relay beside `[mail.smtp]`, with the same keys."""

    name: Annotated[str, MinLen(1)]
    """Its name in reports: small letters, digits and hyphens; required."""


@dataclass(frozen=True, kw_only=True)
class Sendmail(Table):
    """`[mail.sendmail]`: the program of this machine, where `transport` is `sendmail`."""

    command: Annotated[tuple[str, ...], MinLen(1)] = ("/usr/sbin/sendmail", "-i")
    """The program and its options; the return path and the recipient follow (`-f SENDER -- RECIPIENT`)."""


@dataclass(frozen=True, kw_only=True)
class Limits(Table):
    """`[mail.limits]`: when and how fast messages leave, whatever the relays would take."""

    per_domain: Annotated[int, Ge(0)] = 0
    """Messages a minute to the addresses of one domain, at most; 0: no limit."""
    warm_up: tuple[Annotated[int, Ge(1)], ...] = ()
    """Messages on the first day of a new sender, on the second, and so on: `[200, 500, 1500]`; afterwards no limit."""
    quiet: str = ""
    """Hours in which nothing leaves, in the site's zone: `22:00-06:00`."""


@dataclass(frozen=True, kw_only=True)
class Dkim(Table):
    """`[[mail.dkim]]`: a key with which messages are signed (RFC 6376, RFC 8463); none: the relay signs."""

    selector: Annotated[str, MinLen(1)]
    """The name under which the public key stands in the DNS; required."""
    key: Annotated[str, MinLen(1)]
    """A PEM file with the private key, RSA or Ed25519; required."""
    domain: str = ""
    """The domain that signs; empty: that of the sender."""


@dataclass(frozen=True, kw_only=True)
class Imap(Table):
    """`[mail.bounces.imap]`: a mailbox elsewhere, where `host` is set."""

    host: str = ""
    """The server's name."""
    port: Annotated[int, Ge(1), Le(65535)] = 993
    """The server's port."""
    security: Literal["tls", "starttls", "none"] = "tls"
    """Certificates are verified in both of the former."""
    username: str = ""
    """The name to log in with."""
    password_env: str = "PUBLISHER_IMAP_PASSWORD"
    """The environment variable that holds the password."""
    folder: str = "INBOX"
    """The folder with the reports; what was read is marked as seen."""


@dataclass(frozen=True, kw_only=True)
class Bounces(Table):
    """`[mail.bounces]`: what comes back."""

    address: str = ""
    """Where reports go: each message has a return path of its own made of it, `name+…@domain`; empty: to the sender."""
    maildir: str = ""
    """A Maildir with the reports; what was read is moved into its `cur`."""
    soft: Annotated[int, Ge(1), Le(100)] = 5
    """So many deliveries in a row that failed for a time, and an address gets no more."""
    imap: Imap = field(default_factory=Imap)


@dataclass(frozen=True, kw_only=True)
class Webhooks(Table):
    """`[mail.webhooks]`: reports of mail providers; each is taken where its key is known."""

    ses_topics: tuple[str, ...] = ()
    """The ARNs of the Amazon SNS topics whose notices are believed."""
    postmark_env: str = ""
    """The environment variable with `name:password`, as in the address that Postmark calls."""
    mailgun_env: str = ""
    """The environment variable with Mailgun's signing key."""


@dataclass(frozen=True, kw_only=True)
class Mail(Table):
    """`[mail]`: who sends, and how."""

    sender: str
    """The From line, a name and an address; required."""
    reply_to: str = ""
    """Where answers go, if not to the sender."""
    transport: Literal["maildir", "smtp", "sendmail"] = "maildir"
    """`maildir`: real messages into a folder; `smtp`: to a relay; `sendmail`: to this machine's own program."""
    maildir: str = "data/mail"
    """The Maildir."""
    uncertain: Literal["resend", "hold"] = "resend"
    """Where the connection broke after the last dot: once more with the same Message-ID, or never."""
    footer: str = ""
    """The sender's own words at the foot of each mail, such as a postal address; ends of lines are kept."""
    feedback_id: str = ""
    """The sender's name in `Feedback-ID`, 5 to 15 letters or digits; empty: made of the sender's domain."""
    smtp: Smtp = field(default_factory=Smtp)
    relay: tuple[Relay, ...] = ()
    sendmail: Sendmail = field(default_factory=Sendmail)
    limits: Limits = field(default_factory=Limits)
    dkim: tuple[Dkim, ...] = ()
    bounces: Bounces = field(default_factory=Bounces)
    webhooks: Webhooks = field(default_factory=Webhooks)
