"""Dates."""

from zoneinfo import ZoneInfo

import pytest

from publisher.errors import SeedError
from publisher.reading.dates import parse_date

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MOMENT = "2023-05-30T17:26:00+07:00"
DAY = "2023-05-30T00:00:00+07:00"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("17:26 30/05/2023", MOMENT),
        ("30/05/2023 17:26", MOMENT),
        ("30/5/2023, 17:26 (GMT+7)", MOMENT),
        ("\u00a0Thứ Ba, 30/5/2023, 17:26 (GMT+7) |", MOMENT),
        ("17:26 - 30/05/2023", MOMENT),
        ("May 30, 2023 5:26 PM", MOMENT),
        ("Tue, 30 May 2023 17:26:00 +0700", MOMENT),
        ("2023-05-30T17:26:00", MOMENT),
        ("2023-05-30T10:26:00Z", "2023-05-30T10:26:00+00:00"),
        ("2023-05-30T10:26:00-05:00", "2023-05-30T10:26:00-05:00"),
        ("30-05-2023", DAY),
        ("30.05.2023", DAY),
        ("2023-05-30", DAY),
        ("ngày 30 tháng 5 năm 2023", DAY),
    ],
)
def test_a_line_that_is_a_date_is_read(line: str, expected: str) -> None:
    found = parse_date(line, ZONE)
    assert found is not None
    assert found.isoformat() == expected


@pytest.mark.parametrize(
    "line",
    [
        "10 năm qua",
        "09/CTr-BCA-MTTW",
        "Chiều 30-5, quận",
        "30-5",
        "2013 - 2023",
        "17:26",
        "",
        "30/05/2023 tại",
    ],
)
def test_an_ordinary_line_is_no_date(line: str) -> None:
    assert parse_date(line, ZONE) is None


@pytest.mark.parametrize("line", ["31/02/2023", "25:99 30/05/2023", "30/05/0999", "30/05/9999", "00/01/2023"])
def test_a_date_that_does_not_exist_is_refused(line: str) -> None:
    with pytest.raises(SeedError, match=f"impossible date “{line}”"):
        parse_date(line, ZONE)
