"""Addresses of people: which are acceptable, when two are one, and how SMTP carries them (RFC 5321, RFC 6531).

An address is bare (``name@example.org``), a mailbox may have a display name before it. The only door to idna.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from publisher.errors import DeliveryError

_LONGEST_LOCAL = 64
_LONGEST = 254
"""Octets that RFC 5321, section 4.5.3.1, leaves for the part before the @, and for all without brackets."""
_TOO_LONG_BEFORE = f"is longer than {_LONGEST_LOCAL} octets before the @"
_TOO_LONG = f"is longer than {_LONGEST} octets"

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_COMMON = re.compile(rf"{_ATOM}+(?:\.{_ATOM}+)*@(?:{_LABEL}\.)+[A-Za-z](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?")
_PLAIN = re.compile(rf"(?:{_ATOM}|[^\x00-\x7f])+(?:\.(?:{_ATOM}|[^\x00-\x7f])+)*")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)+"')
_HOST = re.compile(rf"(?:{_LABEL}\.)*(?![0-9]+$){_LABEL}")
_MAILBOX = re.compile(r'((?:"(?:[^"\\]|\\.)*"|[^"<])*)<([^\r\n]*)>')
_NAME = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^"\\,;:<>@\[\]])*')
_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_PUNYCODE = "xn--"


def parted(mailbox: str) -> tuple[str, str]:
    """Display name and address of ``Name <name@example.org>``, or of an address alone; nothing is checked."""
    text = mailbox.strip()
    if text.endswith(">") and (found := _MAILBOX.fullmatch(text)):
        name = re.sub(r'"((?:[^"\\]|\\.)*)"', lambda quoted: _unescaped(quoted[1]), found[1])
        return name.strip(), found[2].strip()
    return "", text


def fault_in(address: str) -> str:
    """Why this is not one acceptable address, without a name; empty if it is (RFC 5321, section 4.1.2).

    Letters beyond ASCII are welcome on both sides (RFC 6531), the domain must hold in IDNA2008.
    Comments, source routes and address literals are not taken.
    """
    if _COMMON.fullmatch(address) and len(address) <= _LONGEST and _PUNYCODE not in address.lower():
        return "" if address.index("@") <= _LONGEST_LOCAL else _TOO_LONG_BEFORE
    return next(_faults(address), "")


def fault_in_mailbox(mailbox: str) -> str:
    """Why this is not one acceptable address with or without one display name; empty if it is."""
    text = mailbox.strip()
    found = _MAILBOX.fullmatch(text) if text.endswith(">") else None
    if found is None:
        return fault_in(text)
    if unseen := _unseen(text):
        return unseen
    return fault_in(found[2]) if _NAME.fullmatch(found[1]) else "must be one address"


def key_of(mailbox: str) -> str:
    """The folded address: spellings with one key are one person.

    Case, width and Unicode form make no difference, nor do needless quotes or the form of the domain;
    dots and what follows a plus do. Promised where there is no fault in the address (else ``ValueError``).
    """
    if mailbox.isascii() and '"' not in mailbox and "<" not in mailbox:
        return mailbox.strip().lower()
    local, _, domain = parted(mailbox)[1].rpartition("@")
    return f"{_folded(local)}@{ascii_domain(domain)}"


def on_the_wire(address: str) -> str:
    """The address as SMTP carries it: the domain in ASCII.

    Other letters before the @ need SMTPUTF8 (RFC 6531), and raise `publisher.errors.DeliveryError`.
    """
    local, _, domain = address.rpartition("@")
    if not local.isascii():
        raise DeliveryError(f"{address}: not an address that a relay takes", code=553)
    try:
        return f"{local}@{ascii_domain(domain)}"
    except ValueError as error:
        raise DeliveryError(f"{domain}: not a domain name", code=553) from error


@lru_cache(maxsize=4096)
def ascii_domain(domain: str) -> str:
    """The domain in small ASCII letters (IDNA2008 after the mapping of UTS 46); ``ValueError`` if it cannot be."""
    small = domain.lower()
    if small.isascii() and _PUNYCODE not in small:
        if not _HOST.fullmatch(small):
            raise ValueError(f"not a domain: {domain}")
        return small
    import idna

    made = idna.encode(domain, uts46=True).decode("ascii")
    if not _HOST.fullmatch(made):
        raise ValueError(f"not a domain: {domain}")
    return made


def _faults(address: str) -> Iterator[str]:
    """What is wrong, the first thing first: what is not asked for later may rely on what was."""
    if not address:
        yield "is empty"
    if len(address) > _LONGEST:
        yield _TOO_LONG
    yield from filter(None, [_unseen(address)])
    local, at, domain = address.rpartition("@")
    if not (at and local and domain):
        yield "must have something on both sides of an @"
    yield from filter(None, [_fault_before(local), _fault_behind(domain)])
    if len(local.encode()) > _LONGEST_LOCAL:
        yield _TOO_LONG_BEFORE
    if len(local.encode()) + 1 + len(ascii_domain(domain)) > _LONGEST:
        yield _TOO_LONG


def _unseen(text: str) -> str:
    for mark in text:
        category = unicodedata.category(mark)
        if category == "Cc":
            return "holds a control character"
        if category in _UNSEEN:
            return f"holds U+{ord(mark):04X}, which nobody sees"
    return ""


def _fault_before(local: str) -> str:
    """What is wrong before the @; it must also hold once it is folded, or a key could be read in two ways."""
    for form in (local, unicodedata.normalize("NFKC", local)):
        if _QUOTED.fullmatch(form) or (_PLAIN.fullmatch(form) and not any(map(str.isspace, form))):
            continue
        if "(" in form:
            return "holds a comment"
        if any(mark in form for mark in ",;@"):
            return "must be one address"
        if any(map(str.isspace, form)):
            return "holds a space"
        if form.startswith(".") or form.endswith(".") or ".." in form:
            return "has a dot too many before the @"
        return "holds a mark before the @ that must stand in quotes"
    return ""


def _fault_behind(domain: str) -> str:
    if "(" in domain:
        return "holds a comment"
    if any(mark in domain for mark in ",;"):
        return "must be one address"
    if domain.startswith("["):
        return "names a machine by its number"
    try:
        made = ascii_domain(domain)
    except ValueError:
        return "has a domain that cannot be"
    return "" if "." in made or made == "localhost" else "has a domain without a dot"


def _folded(local: str) -> str:
    bare = _unescaped(local[1:-1]) if _QUOTED.fullmatch(local) else local
    small = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", bare).casefold())
    if _PLAIN.fullmatch(small) and not any(map(str.isspace, small)):
        return small
    return '"' + re.sub(r'(["\\])', r"\\\1", small) + '"'


def _unescaped(quoted: str) -> str:
    return re.sub(r"\\(.)", r"\1", quoted)
