"""Whole reports as they come back, each beside what it says.

Those of Postfix are real, with names replaced; the others are written after what the named programs send.
"""

import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from publisher.mailing import verp
from publisher.mailing.reports import Marks, read

CASES = Path(__file__).parents[1] / "cases" / "bounces"
NOW = datetime(2026, 11, 26, tzinfo=UTC)
SECRET = "5e" * 32
"""The site whose codes stand in the cases."""

MARKS = Marks(
    return_path=partial(verp.decode, SECRET),
    message=partial(verp.named_in, SECRET),
    token={"k7-ZGFpbHk-m4c9q2": (7, "daily")}.get,
)


@pytest.mark.parametrize(
    "case", sorted(CASES.glob("*.expected.json")), ids=lambda path: path.name.split(".")[0]
)
def test_a_report_says_what_is_expected(case: Path) -> None:
    raw = case.with_name(case.name.replace(".expected.json", ".eml")).read_bytes()
    report = read(raw, MARKS, NOW)
    assert {
        "kind": report.kind,
        "edition": report.edition,
        "subscriber": report.subscriber,
        "digest": report.digest,
        "address": report.address,
        "status": report.status,
        "diagnostic": report.diagnostic,
        "given_up": report.given_up,
    } == json.loads(case.read_text(encoding="utf-8"))
