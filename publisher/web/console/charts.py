"""Numbers → geometry of small column charts, in the units of an SVG of 600 × 120. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 600, 120
_GAP = 0.28
"""Of a column's step, how much is left empty."""
_LEAST = 1.5
"""Units: what is not nothing can be seen."""
_WIDEST = 36


@dataclass(frozen=True, slots=True)
class Column:
    """What one column shows: what goes up and what goes down, each series by itself; `name` says of what."""

    name: str
    up: tuple[int, ...]
    down: tuple[int, ...] = ()

    @property
    def values(self) -> tuple[int, ...]:
        """All series."""
        return self.up + self.down


@dataclass(frozen=True, slots=True)
class Piece:
    """One series in one column, as a rectangle; series are counted from 1, `up` ones first."""

    series: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart. `top` and `bottom` are the numbers at its edges, `zero` is where its base line stands."""

    columns: tuple[Column, ...]
    pieces: tuple[Piece, ...]
    top: int
    bottom: int
    zero: float
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def empty(self) -> bool:
        """Whether there is nothing to be seen."""
        return not self.pieces


def chart(columns: Sequence[Column]) -> Chart:
    """Columns side by side from the left, to one scale that begins at nothing."""
    top = ceiling(max((sum(column.up) for column in columns), default=0))
    bottom = ceiling(max((sum(column.down) for column in columns), default=0))
    scale = HEIGHT / ((top + bottom) or 1)
    zero = top * scale if top or bottom else float(HEIGHT)
    pieces = []
    step = WIDTH / (len(columns) or 1)
    width = min(step * (1 - _GAP), _WIDEST)
    for place, column in enumerate(columns):
        x = place * step + (step - width) / 2
        pieces += _stack(column.up, x, width, zero, -scale, 1)
        pieces += _stack(column.down, x, width, zero, scale, len(column.up) + 1)
    return Chart(tuple(columns), tuple(pieces), top, bottom, round(zero, 2))


def _stack(
    values: Sequence[int], x: float, width: float, zero: float, scale: float, series: int
) -> list[Piece]:
    """Pieces one on another away from the base line; `scale` is negative where they go up."""
    pieces, edge = [], zero
    for number, value in enumerate(values, series):
        if value <= 0:
            continue
        height = max(abs(value * scale), _LEAST)
        y = edge - height if scale < 0 else edge
        pieces.append(Piece(number, round(x, 2), round(max(y, 0), 2), round(width, 2), round(height, 2)))
        edge = y if scale < 0 else edge + height
    return pieces


def ceiling(number: int) -> int:
    """The least round number that is not below: 1, 2 or 5 with noughts."""
    if number <= 0:
        return 0
    power: int = 10 ** (len(str(number)) - 1)
    return next(first * power for first in (1, 2, 5, 10) if first * power >= number)


def share(part: int, whole: int) -> float:
    """What percentage `part` is of `whole`, with one decimal; all of it only where it is."""
    if whole <= 0 or part <= 0:
        return 0.0
    if part >= whole:
        return 100.0
    return min(max(round(100 * part / whole, 1), 0.1), 99.9)
