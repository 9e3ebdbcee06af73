"""What types cannot say about single values of config.toml: a rule for each place where one holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_network
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from publisher import mailboxes, schedules

Rule = Callable[[str], str]
"""Say what is wrong with a text, or return an empty string."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_LONGEST_NAME = 60
_NOT_IN_ADDRESSES = re.compile(r"""[\s<>"{}|\\^`]""")
_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/[^\s/?#]+)*")
"""Names as Amazon's rules for general purpose buckets have them, and no slash at the end."""
_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}")
_LONGEST_RETURN = 31
"""What a return path leaves before the + of its code, of the 64 octets of RFC 5321, section 4.5.3.1.1."""
_SELECTOR = re.compile(r"(?![.-])[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")
_FEEDBACK_ID = re.compile(r"[A-Za-z0-9]{5,15}")


def _url(value: str) -> str:
    return _web_address(value) or ("must end before any ? or #" if "?" in value or "#" in value else "")


def _url_or_empty(value: str) -> str:
    return _url(value) if value else ""


def _header(value: str) -> str:
    return (
        ""
        if value.isascii() and value.isprintable()
        else "must be one line in ASCII, as it goes over the wire"
    )


def _network(value: str) -> str:
    try:
        ip_network(value)
    except ValueError as error:
        return f"not a network: {error}"
    return ""


def _url_of_hub(value: str) -> str:
    return _web_address(value) or ("" if value.isascii() else "must be in ASCII, as it goes over the wire")


def _web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "not a web address"
    if parts.scheme not in ("http", "https") or not host or _NOT_IN_ADDRESSES.search(value):
        return "must be a whole web address that begins with http:// or https://"
    if "@" in parts.netloc:
        return "must be without a user name"
    try:
        host.encode("idna")
    except UnicodeError:
        return "names no host that can be"
    return ""


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        return "not a known time zone"
    return ""


def _language(value: str) -> str:
    from babel import Locale, UnknownLocaleError

    try:
        Locale.parse(value, sep="-")
    except (ValueError, UnknownLocaleError):
        return "not a known language"
    return ""


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        return "must be small letters, digits and hyphens"
    return f"must be at most {_LONGEST_NAME} letters long" if len(value) > _LONGEST_NAME else ""


def _schedule(value: str) -> str:
    return schedules.fault_in(value)


def _mailbox(value: str) -> str:
    fault = mailboxes.fault_in_mailbox(value)
    return "must be one address such as Name <name@example.org>" if fault else ""


def _address_or_empty(value: str) -> str:
    return (
        "must be one address without a name, such as name@example.org"
        if value and mailboxes.fault_in(value)
        else ""
    )


def _sender(value: str) -> str:
    """What stands in header fields is in ASCII, so that every relay takes it (RFC 6531 is not everywhere)."""
    if wrong := _mailbox(value):
        return wrong
    _, address = mailboxes.parted(value)
    return "" if address.rpartition("@")[0].isascii() else "must have an address in ASCII before its @"


def _sender_or_empty(value: str) -> str:
    return _sender(value) if value else ""


def _domain_or_empty(value: str) -> str:
    try:
        mailboxes.ascii_domain(value or "localhost")
    except ValueError:
        return "names no domain that can be"
    return ""


def _selector(value: str) -> str:
    return "" if _SELECTOR.fullmatch(value) else "must be letters, digits and hyphens, as in the DNS"


def _feedback_id(value: str) -> str:
    return "" if not value or _FEEDBACK_ID.fullmatch(value) else "must be 5 to 15 letters or digits of ASCII"


def _return_path(value: str) -> str:
    if not value:
        return ""
    if not value.isascii() or mailboxes.fault_in(value) or '"' in value:
        return "must be one address in ASCII, without a name, such as bounces@example.org"
    if "+" in value:
        return "must be without a +, behind which each message has its code"
    long = value.index("@") > _LONGEST_RETURN
    return f"must have at most {_LONGEST_RETURN} letters before the @" if long else ""


def _topic(value: str) -> str:
    fine = _TOPIC.fullmatch(value)
    return "" if fine else "must be the ARN of a topic: arn:aws:sns:REGION:ACCOUNT:NAME"


def database_fault(value: str) -> str:
    """What is wrong with the URL of a database; empty where nothing is."""
    if value.startswith("sqlite:///"):
        return "" if value.removeprefix("sqlite:///") else "names no file"
    try:
        parts = urlsplit(value)
        named = parts.scheme == "postgresql" and parts.port != 0 and len(parts.path) > 1
    except ValueError:
        named = False
    if not named:
        return "must begin with sqlite:///, or be postgresql://USER@HOST/NAME"
    if parts.password is not None or "password" in parse_qs(parts.query):
        return "must be without a password, which stands in the environment (database.password_env)"
    return ""


def _folder(value: str) -> str:
    if value.startswith("s3:") and not _BUCKET.fullmatch(value):
        return "must be a bucket and maybe a path, as in s3://BUCKET/PREFIX"
    return "" if value.strip() else "must name a folder"


def _file(value: str) -> str:
    return "" if value.strip() else "must name a file"


def _one_line(value: str) -> str:
    if "\n" in value:
        return "must be one line"
    return "must not be blank" if value and not value.strip() else ""


def _slug(value: str) -> str:
    return _name(value) if value else ""


RULES: tuple[tuple[str, Rule], ...] = (
    ("site.title", _one_line),
    ("site.rights", _one_line),
    ("site.url", _url),
    ("site.timezone", _zone),
    ("site.language", _language),
    ("seeds.path", _folder),
    ("output.path", _folder),
    ("keywords.topic.*.name", _one_line),
    ("keywords.topic.*.slug", _slug),
    ("feeds.websub.*", _url_of_hub),
    ("feed.*.name", _name),
    ("feed.*.title", _one_line),
    ("feed.*.description", _one_line),
    ("digest.*.name", _name),
    ("digest.*.title", _one_line),
    ("digest.*.subject", _one_line),
    ("digest.*.schedule", _schedule),
    ("digest.*.recipients.*", _mailbox),
    ("schedule.feeds", _schedule),
    ("mail.bounces.address", _return_path),
    ("mail.bounces.imap.host", _one_line),
    ("mail.bounces.imap.folder", _one_line),
    ("mail.webhooks.ses_topics.*", _topic),
    ("mail.sender", _sender),
    ("notices.mail", _address_or_empty),
    ("mail.reply_to", _sender_or_empty),
    ("mail.feedback_id", _feedback_id),
    ("mail.dkim.*.selector", _selector),
    ("mail.dkim.*.key", _file),
    ("mail.dkim.*.domain", _domain_or_empty),
    ("database.url", database_fault),
    ("seeds.endpoint", _url_or_empty),
    ("output.endpoint", _url_or_empty),
    ("web.url", _url_or_empty),
    ("web.policy", _header),
    ("web.proxies.*", _network),
)
"""Where a rule holds: `*` stands for each member of an array."""
