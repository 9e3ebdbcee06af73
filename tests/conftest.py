"""A whole site in a temporary folder, and a clock that stands still."""

from __future__ import annotations

import email
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from publisher.config import Config
from publisher.config.load import load
from publisher.pipeline import Job, Outcome, plan_run, run
from publisher.store import Store

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
"""11:00 in Hải Phòng: the edition of 06:00 is due and five hours late."""

CONFIG = """\
[site]
title = "Tin thử"
url = "https://news.example.org/"
description = "Một tờ tin"

[keywords]
found = 0

[[keywords.topic]]
name = "Giao thông"
any = ["giao thông"]

[[keywords.topic]]
name = "Kiến An"

[[digest]]
name = "daily"
title = "Tin sáng"
schedule = "0 6 * * *"
recipients = ["desk@example.org"]

[mail]
sender = "Tin thử <news@example.org>"
"""

Tree = dict[str, tuple[str, int]]


class Site:
    """One site: its files, and runs over them at moments that the test chooses."""

    def __init__(self, root: Path, database: str = "") -> None:
        self.root, self._database = root, database
        self.seeds = root / "seeds"
        self.seeds.mkdir(parents=True)
        self.configure(CONFIG)

    def configure(self, text: str) -> None:
        """Replace config.toml; the database stays where it is."""
        if self._database and "[database]" not in text:
            text += f'\n[database]\nurl = "{self._database}"\n'
        (self.root / "config.toml").write_text(text, encoding="utf-8")

    def change(self, old: str, new: str) -> None:
        """Change one passage of config.toml, which must be there."""
        text = (self.root / "config.toml").read_text(encoding="utf-8")
        assert old in text
        self.configure(text.replace(old, new, 1))

    @property
    def config(self) -> Config:
        """The configuration as it stands."""
        return load(self.root / "config.toml")

    @property
    def output(self) -> Path:
        """The output folder."""
        return self.config.output_folder

    def write(self, name: str, text: str | bytes) -> Path:
        """Put a seed in place."""
        file = self.seeds / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return file

    def article(self, name: str, title: str, body: str = "Thân bài.", date: str = "17:26 30/05/2023") -> Path:
        """Put a plain article in place."""
        return self.write(name, f"{title}\n\n{date}\n\n{body}\n")

    def run(self, at: datetime = NOW, *, force: bool = False) -> Outcome:
        """One run, as if it were `at`."""
        return run(self.config, lambda: at, force=force)

    def plan(self, at: datetime = NOW) -> Job:
        """What a dry run at `at` decides."""
        with self.reading() as store:
            return plan_run(self.config, store, at)

    @contextmanager
    def reading(self) -> Iterator[Store]:
        """The store, for questions only."""
        with Store.read_only(self.config.database_at) as store:
            yield store

    def messages(self) -> list[EmailMessage]:
        """Every message in the Maildir, oldest first."""
        found = []
        for file in (self.config.maildir / "new").glob("*"):
            message = email.message_from_bytes(file.read_bytes(), policy=default)
            assert isinstance(message, EmailMessage)
            found.append(message)
        return sorted(found, key=lambda message: message["Date"].datetime)

    def tree(self, folder: Path | None = None) -> Tree:
        """Every file below `folder` (the whole site): its digest and its mtime."""
        start = folder or self.root
        return {
            file.relative_to(start).as_posix(): (
                hashlib.sha256(file.read_bytes()).hexdigest(),
                file.stat().st_mtime_ns,
            )
            for file in sorted(start.rglob("*"))
            if file.is_file()
        }

    def bytes_of(self, folder: Path) -> dict[str, bytes]:
        """Every file below `folder` and what it holds."""
        return {
            file.relative_to(folder).as_posix(): file.read_bytes()
            for file in sorted(folder.rglob("*"))
            if file.is_file()
        }


def demand(program: str, found: str | None) -> None:
    """Skip where a program is not installed; fail where it must be."""
    if found is None and os.environ.get("CI") == "true":
        pytest.fail(f"{program} is missing where it must be there")
    if found is None:
        pytest.skip(f"no {program} on this machine")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site without seeds."""
    return Site(tmp_path / "site")


@pytest.fixture
def new_site(tmp_path: Path) -> Callable[[str], Site]:
    """Makes more sites, by name."""
    return lambda name: Site(tmp_path / name)
