"""Status codes (RFC 3463): which say that an address takes no mail for good, and which only that it does not now."""

from __future__ import annotations

import re

_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_REPLY = re.compile(r"(?<![\d.])([245]\d\d)(?=[ -])")
_FOR_GOOD = {
    "0": None,  # other: what most servers without codes of their own become
    "1": {"7", "8"},  # the address, unless it is the sender's that is wrong
    "2": {"2", "3", "4"},  # the mailbox, unless it is full, the message too long, or a list does not expand
}
"""Subjects of permanent failures that concern the address, each with its details that do not."""

_ALSO_FOR_GOOD = {
    "5.4.1",  # Exchange: no such recipient here
    "5.4.4",  # the domain has no host
    "5.4.310",  # Exchange: no such domain
    "5.5.0",  # Outlook.com: mailbox unavailable
}
_VAGUE_REPLIES = {"552", "554"}
"""Too much stored, and any refusal at all (RFC 5321, section 4.2.2): not the address."""


def code_in(text: str) -> str:
    """The first enhanced status code in a text; empty where there is none."""
    found = _ENHANCED.search(text)
    return found[0] if found else ""


def most_specific(status: str, diagnostic: str) -> str:
    """The status that says most: the reporter's, or where that is none or X.0.0 the one in the diagnostic."""
    code = code_in(status)
    return code if code and not code.endswith(".0.0") else code_in(diagnostic) or code


def is_for_good(status: str, diagnostic: str) -> bool:
    """Whether a failure means that the address takes no mail: no policy, no size and no full mailbox does.

    Where a code says no more than that it failed, the reply in `diagnostic` (RFC 5321) is asked.
    """
    code = most_specific(status, diagnostic)
    reply = _REPLY.search(diagnostic)
    if not code or code == "5.0.0":
        vague = reply is not None and (reply[1] in _VAGUE_REPLIES or reply[1] < "5")
        return not vague and (bool(code) or reply is not None)
    family, subject, detail = code.split(".")
    if family != "5":
        return False
    return code in _ALSO_FOR_GOOD or (subject in _FOR_GOOD and detail not in (_FOR_GOOD[subject] or ()))
