"""What goes through the gate together, and what is let go when."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest
from mailings import outgoing

from publisher.mailing.outgoing import Fate, Outcome, Outgoing
from publisher.mailing.smtp.gatekeeper import Gatekeeper


class Notes:
    """A gate whose calls take as long as they are said to, and all that happens in order."""

    def __init__(self, slow: float = 0.0, fails: bool = False) -> None:
        self.slow, self.fails, self.log = slow, fails, list[str]()
        self.time = 0.0

    def pass_(self, done: Sequence[Outcome], leaving: Sequence[Outgoing]) -> None:
        self.time += self.slow
        self.log.append(f"{[one.message.key[1] for one in done]} {[one.key[1] for one in leaving]}")
        if self.fails:
            raise OSError("disk full")


def played(
    gate: Notes, script: Callable[[Gatekeeper], Awaitable[None]], expected: int = 0, longest: float = 0.005
) -> list[str]:
    async def run() -> Gatekeeper:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: gate.log.append(repr(context["exception"])))
        keeper = Gatekeeper(gate, lambda: expected, lambda: None, lambda: gate.time, longest)
        await script(keeper)
        return keeper

    keeper = asyncio.run(run())
    assert keeper.empty or gate.fails
    return gate.log


def leave(keeper: Gatekeeper, gate: Notes, *numbers: int) -> None:
    for number in numbers:
        keeper.leaving(outgoing(number), lambda number=number: gate.log.append(f"released {number}"))


def done(keeper: Gatekeeper, number: int) -> None:
    keeper.done(Outcome(outgoing(number), Fate.SENT))


def test_what_comes_in_one_turn_goes_through_in_one_call_and_only_then_leaves() -> None:
    gate = Notes()

    async def script(keeper: Gatekeeper) -> None:
        done(keeper, 1)
        leave(keeper, gate, 2, 3)
        done(keeper, 4)
        assert gate.log == []
        await asyncio.sleep(0.01)

    assert played(gate, script) == ["[1, 4] [2, 3]", "released 2", "released 3"]


def test_an_outcome_alone_goes_through_soon() -> None:
    gate = Notes()

    async def script(keeper: Gatekeeper) -> None:
        done(keeper, 1)
        await asyncio.sleep(0.01)

    assert played(gate, script) == ["[1] []"]


def test_what_is_withdrawn_does_not_leave() -> None:
    gate = Notes()

    async def script(keeper: Gatekeeper) -> None:
        leave(keeper, gate, 1, 2)
        keeper.withdraw(outgoing(1))
        await asyncio.sleep(0.01)

    assert played(gate, script) == ["[] [2]", "released 2"]


def test_where_a_call_is_dear_it_waits_for_those_that_are_expected() -> None:
    gate = Notes(slow=60)

    async def script(keeper: Gatekeeper) -> None:
        leave(keeper, gate, 1)
        await asyncio.sleep(0.01)
        leave(keeper, gate, 2)
        await asyncio.sleep(0.01)
        assert gate.log == ["[] [1]", "released 1"]
        leave(keeper, gate, 3)
        await asyncio.sleep(0.01)

    log = ["[] [1]", "released 1", "[] [2, 3]", "released 2", "released 3"]
    assert played(gate, script, expected=2, longest=60) == log


def test_it_waits_for_a_few_milliseconds_and_no_longer() -> None:
    gate = Notes(slow=0.05)

    async def script(keeper: Gatekeeper) -> None:
        leave(keeper, gate, 1)
        await asyncio.sleep(0.06)
        leave(keeper, gate, 2)
        await asyncio.sleep(0.03)
        leave(keeper, gate, 3)
        await asyncio.sleep(0.06)

    assert played(gate, script, expected=9) == [
        "[] [1]",
        "released 1",
        "[] [2]",
        "released 2",
        "[] [3]",
        "released 3",
    ]


def test_where_there_is_time_between_calls_it_waits_for_nobody() -> None:
    gate = Notes(slow=60)

    async def script(keeper: Gatekeeper) -> None:
        for number in (1, 2):
            leave(keeper, gate, number)
            await asyncio.sleep(0.01)
            gate.time += 61

    assert played(gate, script, expected=9, longest=60) == ["[] [1]", "released 1", "[] [2]", "released 2"]


def test_where_a_call_is_cheap_it_waits_for_nobody() -> None:
    gate = Notes()

    async def script(keeper: Gatekeeper) -> None:
        for number in (1, 2):
            leave(keeper, gate, number)
            await asyncio.sleep(0)
            await asyncio.sleep(0)

    assert played(gate, script, expected=9) == ["[] [1]", "released 1", "[] [2]", "released 2"]


def test_after_a_failure_nothing_leaves_and_nobody_asks_again() -> None:
    gate = Notes(fails=True)

    async def script(keeper: Gatekeeper) -> None:
        leave(keeper, gate, 1)
        await asyncio.sleep(0.01)
        leave(keeper, gate, 2)
        done(keeper, 3)
        await asyncio.sleep(0.01)
        assert keeper.failed

    assert played(gate, script) == ["[] [1]", "OSError('disk full')"]


def test_a_flush_asks_at_once() -> None:
    gate = Notes()

    async def script(keeper: Gatekeeper) -> None:
        done(keeper, 1)
        keeper.flush()
        assert gate.log == ["[1] []"]
        keeper.flush()

    assert played(gate, script) == ["[1] []"]


@pytest.mark.parametrize("count", [1, 7])
def test_only_what_is_new_goes_through(count: int) -> None:
    gate = Notes()

    async def script(keeper: Gatekeeper) -> None:
        for number in range(count):
            done(keeper, number)
            await asyncio.sleep(0.001)

    assert played(gate, script) == [f"[{number}] []" for number in range(count)]
