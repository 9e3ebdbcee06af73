"""A message to one person that belongs to no edition."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from letters import config, parsed

from publisher.errors import DeliveryError
from publisher.mailing.note import note

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
TEXTS = ("<p>Chào bạn</p>", "Chào bạn")


@given(subject=st.text(max_size=200), html=st.text(max_size=2000), text=st.text(max_size=2000))
def test_no_words_can_become_a_header_or_a_line_too_long(subject: str, html: str, text: str) -> None:
    made = note(config(), "mai@example.com", subject, (html, text), "name", NOW)
    for eightbit in (False, True):
        raw = made.whole(eightbit)
        assert max(map(len, raw.split(b"\r\n"))) <= 998
        assert raw.replace(b"\r\n", b"").isascii() or eightbit
        message = parsed(raw)
        names = [name.lower() for name in message]
        assert len(names) == len(set(names))
        assert set(names) <= {
            "from",
            "to",
            "reply-to",
            "subject",
            "date",
            "message-id",
            "auto-submitted",
            "x-auto-response-suppress",
            "mime-version",
            "content-type",
            "content-transfer-encoding",
        }
        assert message["To"] == "mai@example.com"


@pytest.mark.parametrize(
    "address", ["mai@example.com\r\nBcc: all@example.org", "mai @example.com", "a" * 250 + "@example.com", ""]
)
def test_what_is_no_address_is_written_to_by_nobody(address: str) -> None:
    with pytest.raises((DeliveryError, ValueError)):
        note(config(), address, "x", TEXTS, "name", NOW)


def test_the_same_question_is_the_same_message() -> None:
    one, other = (note(config(), "mai@example.com", "x", TEXTS, "name", NOW) for _ in range(2))
    assert one.whole(True) == other.whole(True)
    assert one.name == "name@example.com"
    assert one.recipient == "mai@example.com"
