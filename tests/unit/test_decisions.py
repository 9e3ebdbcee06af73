"""What follows a failed delivery."""

from datetime import timedelta

import pytest

from publisher.errors import DeliveryError
from publisher.mailing import after_failure


@pytest.mark.parametrize(
    ("code", "certain", "attempts", "minutes"),
    [
        (451, True, 1, 5),
        (451, True, 2, 15),
        (451, True, 3, 60),
        (451, True, 4, 240),
        (451, True, 5, 720),
        (451, True, 6, 1440),
        (451, True, 7, 1440),
        (451, True, 8, None),
        (421, True, 1, 5),
        (0, True, 1, 5),
        (0, True, 7, 1440),
        (0, True, 8, None),
        (550, True, 1, None),
        (500, True, 1, None),
        (599, True, 1, None),
        (499, True, 1, 5),
        (0, False, 1, 5),
        (0, False, 2, None),
        (554, False, 1, None),
    ],
)
def test_a_failure_is_tried_again_after_a_pause_or_given_up(
    code: int, certain: bool, attempts: int, minutes: int | None
) -> None:
    pause = after_failure(DeliveryError("why", code=code, certain=certain), attempts).pause
    assert pause == (None if minutes is None else timedelta(minutes=minutes))
