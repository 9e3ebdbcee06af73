"""What every table of config.toml is."""

from __future__ import annotations

from typing import ClassVar


class Table:
    """A table of config.toml: unknown keys are refused and types are not bent."""

    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid", "strict": True}
