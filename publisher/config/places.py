"""`[output]`, `[database]` and `[work]`: where things are kept, and who does the work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le

from publisher.config.table import Table

DATABASE = "data/publisher.db"
"""Where the database is where nothing is said, below the folder of the configuration."""


@dataclass(frozen=True, kw_only=True)
class Output(Table):
    """`[output]`: where the files go."""

    path: str = "public"
    """The folder that a web server serves, or a bucket, `s3://BUCKET/PREFIX` (extra `s3`)."""
    endpoint: str = ""
    """The address of a service for buckets that is not Amazon's."""
    region: str = ""
    """The region of the bucket; empty: as the environment says (`AWS_REGION`)."""
    access_key: str = ""
    """The name of the key for the bucket; empty: as tools for S3 take it (`AWS_ACCESS_KEY_ID`, the machine's role)."""
    secret_key_env: str = "PUBLISHER_S3_SECRET_KEY"
    """Environment variable that holds the secret of `access_key`."""
    base: Literal["full", "feeds"] = "full"
    """`full`: feeds and pages; `feeds`: feeds only."""
    templates: str = ""
    """A folder of templates that replace the built-in ones of the same name."""


@dataclass(frozen=True, kw_only=True)
class Database(Table):
    """`[database]`: what is remembered."""

    url: str = f"sqlite:///{DATABASE}"
    """`sqlite:///` and a path relative to the configuration, or `postgresql://USER@HOST/NAME` (extra `postgres`)."""
    password_env: str = "PUBLISHER_DATABASE_PASSWORD"
    """Environment variable that holds the password for PostgreSQL; `.pgpass` serves too."""
    sync: Literal["full", "normal"] = "full"
    """`full`: each commit is on the disk before a message leaves; `normal`: faster; a power cut may repeat messages."""


@dataclass(frozen=True, kw_only=True)
class Work(Table):
    """`[work]`: who does the work."""

    engine: Literal["local", "procrastinate"] = "local"
    """`local`: this machine alone; `procrastinate`: jobs for `publish worker`, needs PostgreSQL."""
    processes: Annotated[int, Ge(0), Le(256)] = 0
    """Processes that make the files of a large run; 0: as many as the machine has processors, 1: no others."""
