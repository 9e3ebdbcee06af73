"""What of the configuration changes how a seed is read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from publisher.model import SeedFile

if TYPE_CHECKING:
    from publisher.config import Config

READING_VERSION = 4
"""Raised whenever a reader would read an unchanged seed differently."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to read seeds; `max_bytes` is the largest seed that is read."""

    zone: ZoneInfo
    language: str
    max_bytes: int = 10_000_000
    encoding: str = "auto"
    keyword_markers: tuple[str, ...] = ()
    tail_markers: tuple[str, ...] = ()
    byline_markers: tuple[str, ...] = ()
    default_keywords: tuple[str, ...] = ()
    default_authors: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    """What files of many articles call the parts of one, by our names for them."""
    by_file: bool = False
    """Whether a seed without a date has that of its file."""
    undated: datetime | None = field(default=None, compare=False)
    """What stands in for a date that the seed at hand does not have."""

    @classmethod
    def from_config(cls, config: Config) -> Options:
        """The options that a configuration asks for."""
        seeds = config.seeds
        return cls(
            zone=config.zone,
            language=config.site.language,
            max_bytes=seeds.max_megabytes * 1_000_000,
            encoding=seeds.encoding,
            fields=tuple((part, name) for part, name in vars(seeds.fields).items() if name),
            by_file=seeds.undated == "modified",
            keyword_markers=seeds.keyword_markers,
            tail_markers=seeds.tail_markers,
            byline_markers=seeds.byline_markers,
            default_keywords=seeds.defaults.keywords,
            default_authors=seeds.defaults.authors,
        )

    def of(self, seed: SeedFile) -> Options:
        """The options for one seed."""
        if not self.by_file:
            return self
        modified = datetime.fromtimestamp(seed.mtime_ns // 1_000_000_000, self.zone)
        return replace(self, undated=modified)

    @property
    def fingerprint(self) -> str:
        """Differs whenever an unchanged seed could be read differently: then all are read again."""
        values = [(part.name, str(getattr(self, part.name))) for part in fields(self) if part.compare]
        return hashlib.blake2b(repr((READING_VERSION, values)).encode(), digest_size=16).hexdigest()
