"""A date somewhere in a line of a page, with its time and zone, or none."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.reading.datelines import date_within

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        ("Thứ tư, 22/10/2025, 19:25 (GMT+7)", "2025-10-22T19:25:00+07:00"),
        ("Kim Chi - ngày 30 tháng 5 năm 2023, 17 giờ 26", "2023-05-30T17:26:00+07:00"),
        ("2 minute readApril 25, 20232:26 PM GMT+2Last Updated 9 min ago", "2023-04-25T14:26:00+02:00"),
        ("11:00 AM PDT • May 16, 2024", "2024-05-16T11:00:00-07:00"),
        ("Publié le 30 août 2023 à 14h52, modifié le 31 août 2023 à 15h54", "2023-08-30T14:52:00+07:00"),
        ("Von der Redaktion, Lille 05.08.2024, 20:59 Uhr", "2024-08-05T20:59:00+07:00"),
        ("29. September 2024, 17:27 Uhr", "2024-09-29T17:27:00+07:00"),
        ("15 oct 2024 - 08:22", "2024-10-15T08:22:00+07:00"),
        ("Actualizado: 15 de octubre de 2024 17:38CEST", "2024-10-15T17:38:00+02:00"),
        ("4 Febbraio 2025 - 14:41", "2025-02-04T14:41:00+07:00"),
        ("Press OfficeApril 28, 2023 GMT", "2023-04-28T00:00:00+07:00"),
        ("Posted 2023-05-30 at 17:26 by the desk", "2023-05-30T17:26:00+07:00"),
        ("04/09/2014 01:28", "2014-09-04T01:28:00+07:00"),
    ],
)
def test_a_date_is_found_with_what_stands_by_it(line: str, moment: str) -> None:
    found = date_within(line, ZONE)
    assert found is not None
    assert found.moment.isoformat() == moment


@pytest.mark.parametrize(
    "line",
    [
        "More",
        "571K",
        "10 năm qua",
        "Chiều 30-5, quận Kiến An ra quân",
        "09/CTr-BCA-MTTW",
        "31/02/2023",
        "Điện thoại 0225 3745 2023",
        "May we 20232",
        "Hội nghị ngày 11 tháng 7",
        "12:30",
        "In May 2023 the harbour froze",
    ],
)
def test_other_lines_have_none(line: str) -> None:
    assert date_within(line, ZONE) is None


def test_a_paragraph_is_no_dateline() -> None:
    assert date_within("Ngày 30/05/2023, " + "người dân góp ý " * 12, ZONE) is None


@given(st.text(max_size=200))
def test_any_line_has_a_date_or_none(line: str) -> None:
    found = date_within(line, ZONE)
    assert found is None or found.moment.tzinfo is not None
