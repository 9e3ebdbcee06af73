"""Lists as parameters: one statement, prepared once, for lists of any length."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import Select, func, select


def listed(values: Iterable[str | int]) -> Select[tuple[str | int]]:
    """The values as rows of one column, for ``IN``; one parameter however many there are (SQLite's JSON functions)."""
    rows = func.json_each(json.dumps(list(values), ensure_ascii=False)).table_valued("value")
    return select(rows.c.value)
