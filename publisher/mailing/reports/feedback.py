"""Feedback reports (RFC 5965): what readers told their provider about a message."""

from __future__ import annotations

from publisher.mailing.reports.parts import Part, groups_of, line
from publisher.mailing.reports.report import Finding, Kind

TYPE = "message/feedback-report"

_KINDS = {
    "abuse": Kind.COMPLAINT,
    "fraud": Kind.COMPLAINT,
    "virus": Kind.COMPLAINT,
    "other": Kind.COMPLAINT,
    "not-spam": Kind.NOTHING,  # RFC 6430
    "auth-failure": Kind.NOTHING,  # RFC 6591: about our DNS records, not from a reader
}


def finding(whole: Part) -> Finding | None:
    """What a feedback report says; none where `whole` is none."""
    for part in whole.walk():
        if part.type == TYPE:
            fields = {
                name: value for group in reversed(groups_of(part.content())) for name, value in group.items()
            }
            said = line(fields.get("feedback-type", "")).lower()
            by = line(fields.get("user-agent", ""))
            address = line(fields.get("original-rcpt-to", "") or fields.get("removal-recipient", "")).strip(
                "<>"
            )
            words = f"feedback: {said or 'of no type'}" + (f", from {by}" if by else "")
            return Finding(_KINDS.get(said, Kind.UNKNOWN), address, diagnostic=line(words))
    return None
