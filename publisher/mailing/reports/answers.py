"""What people and their programs answer: a wish to be left out, or that somebody is away."""

from __future__ import annotations

import re

from publisher.mailing.reports.parts import Part

_REQUEST = re.compile(r"\s*(?:re\s*:\s*)?unsubscribe(?:\s+(\S+))?\s*", re.IGNORECASE)
_AUTOMATIC = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-response-suppress",
    "x-mail-autoreply",
    "x-ms-exchange-inbox-rules-loop",
)
_PRECEDENCES = ("bulk", "junk", "list", "auto_reply")
_RECEIPT = "message/disposition-notification"


def request(whole: Part) -> str | None:
    """The token of an unsubscribe request by mail (RFC 2369, section 3.2), empty where it has none.

    None where `whole` is no such request.
    """
    found = _REQUEST.fullmatch(whole.words("subject"))
    return None if found is None else found[1] or ""


def is_automatic(whole: Part) -> bool:
    """Whether nobody wrote it: an answer by a program (RFC 3834, section 5), or a receipt (RFC 8098)."""
    submitted = whole.first("auto-submitted").lower()
    return (
        (submitted != "" and not submitted.startswith("no"))
        or whole.first("precedence").lower() in _PRECEDENCES
        or any(whole.all(*_AUTOMATIC))
        or any(part.type == _RECEIPT for part in whole.walk())
    )
