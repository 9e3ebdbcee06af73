"""Bodies come back as they were kept, from memory and from a file alike."""

from __future__ import annotations

import pytest

from publisher.gathering import Spool

BODIES = ["", "Bài một", "x" * 5000, '{"blocks": []}', "Tiếng Việt 🙂" * 300]


@pytest.mark.parametrize("most", [0, 10, 6000, 10**9])
def test_bodies_come_back_as_often_as_they_are_asked(most: int) -> None:
    spool = Spool(most)
    kept = [spool.put(body) for body in BODIES]
    assert [[get() for get in kept] for _ in range(2)] == [BODIES, BODIES]


def test_a_body_outlives_the_name_of_its_spool() -> None:
    kept = [Spool(0).put(body) for body in BODIES]
    assert [get() for get in kept] == BODIES
