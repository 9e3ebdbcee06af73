"""What no text may hold is found wherever it stands, and nothing else is."""

from __future__ import annotations

import re

import pytest

from publisher.characters import FORBIDDEN, NONCHARACTERS, TURNING, any_of

EVERY = "".join(map(chr, range(0x110000)))


@pytest.mark.parametrize("unwanted", [FORBIDDEN, FORBIDDEN + TURNING + "\r", NONCHARACTERS, "a"])
def test_the_others_are_ruled_out_as_each_would_be_ruled_in(unwanted: str) -> None:
    assert any_of(unwanted).findall(EVERY) == re.findall(f"[{unwanted}]", EVERY)


def test_what_xml_forbids_is_forbidden() -> None:
    xml = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
    assert set(xml.findall(EVERY)) <= set(any_of(FORBIDDEN).findall(EVERY))
