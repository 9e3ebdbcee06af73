"""Feed readers that we did not write, each behind the same few words: subscribe, poll, list, move."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from abc import ABC, abstractmethod
from calendar import timegm
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import feedparser
import feedparser_sgmllib
from reader import make_reader

# reader 3.26 carries a copy of feedparser that asks for this module by the name of an older package, which
# feedparser itself no longer brings along and of which there is no wheel. It is the same module.
sys.modules.setdefault("sgmllib", feedparser_sgmllib)


@dataclass(frozen=True)
class Shown:
    """What one reader shows of one article; `keywords` is None where it keeps none."""

    title: str
    moment: datetime
    link: str
    keywords: tuple[str, ...] | None = None


class Subscriber(ABC):
    """One person with one reader, whose files are all in `folder`, and one subscription."""

    program: str | None = None
    """The command that must be there; None for what is installed with the tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir()

    @abstractmethod
    def subscribe(self, url: str) -> None:
        """Enter an address, and fetch nothing yet."""

    @abstractmethod
    def poll(self) -> None:
        """Ask for news, once."""

    @abstractmethod
    def shown(self) -> dict[str, Shown]:
        """Every article that it has, by id."""

    @abstractmethod
    def read_all(self) -> None:
        """The person has seen everything there is."""

    @abstractmethod
    def news(self) -> list[str]:
        """The titles that it offers as not seen yet."""

    @abstractmethod
    def move(self, url: str) -> None:
        """Enter another address for the subscription there is."""

    def close(self) -> None:  # noqa: B027 - most have nothing open
        """Let go of files."""

    def _run(self, *command: str) -> None:
        """Start the program as somebody who has nothing but this folder."""
        home = {"HOME": str(self.folder), "LANG": "C.UTF-8", "PATH": os.environ.get("PATH", os.defpath)}
        done = subprocess.run(command, env=home, cwd=self.folder, capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def moment(parsed: Any) -> datetime:
    """A time of feedparser, which is in UTC."""
    return datetime.fromtimestamp(timegm(parsed), UTC)


class Feedparser(Subscriber):
    """The library alone; it remembers nothing, so we keep what its documentation tells to keep."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.etag = self.modified = None
        self.kept: dict[str, Shown] = {}
        self.read: set[str] = set()

    def subscribe(self, url: str) -> None:
        self.url = url

    def poll(self) -> None:
        found = feedparser.parse(self.url, etag=self.etag, modified=self.modified)
        if found.status == 304:
            return
        assert not found.bozo, found.bozo_exception
        self.etag, self.modified = found.get("etag"), found.get("modified")
        for entry in found.entries:
            keywords = tuple(tag.get("label") or tag.term for tag in entry.get("tags", []))
            self.kept[entry.id] = Shown(entry.title, moment(entry.published_parsed), entry.link, keywords)

    def shown(self) -> dict[str, Shown]:
        return dict(self.kept)

    def read_all(self) -> None:
        self.read = set(self.kept)

    def news(self) -> list[str]:
        return [shown.title for key, shown in self.kept.items() if key not in self.read]

    def move(self, url: str) -> None:
        self.url, self.etag, self.modified = url, None, None


class Reader(Subscriber):
    """The library `reader`, with its database; it keeps no keywords."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.reader = make_reader(str(folder / "reader.sqlite"))

    def subscribe(self, url: str) -> None:
        self.url = url
        self.reader.add_feed(url)

    def poll(self) -> None:
        self.reader.update_feed(self.url)

    def shown(self) -> dict[str, Shown]:
        return {
            entry.id: Shown(str(entry.title), entry.published or entry.added, str(entry.link))
            for entry in self.reader.get_entries()
        }

    def read_all(self) -> None:
        for entry in list(self.reader.get_entries(read=False)):
            self.reader.mark_entry_as_read(entry)

    def news(self) -> list[str]:
        return [str(entry.title) for entry in self.reader.get_entries(read=False)]

    def move(self, url: str) -> None:
        self.reader.change_feed_url(self.url, url)
        self.url = url

    def close(self) -> None:
        self.reader.close()


class Newsboat(Subscriber):
    """The program for terminals, without its screen; it keeps no keywords."""

    program = "newsboat"

    def subscribe(self, url: str) -> None:
        (self.folder / "urls").write_text(f"{url}\n", encoding="utf-8")
        (self.folder / "config").write_text("", encoding="utf-8")

    def _newsboat(self, *arguments: str) -> None:
        files = ["--url-file=urls", "--config-file=config", "--cache-file=cache.db"]
        self._run("newsboat", "--quiet", *files, *arguments)

    def _ask(self, query: str) -> list[Any]:
        with closing(sqlite3.connect(self.folder / "cache.db")) as cache:
            return cache.execute(query).fetchall()

    def poll(self) -> None:
        self._newsboat("--execute=reload")

    def shown(self) -> dict[str, Shown]:
        rows = self._ask("SELECT guid, title, pubDate, url FROM rss_item WHERE deleted = 0")
        found = {
            guid: Shown(title, datetime.fromtimestamp(date, UTC), url) for guid, title, date, url in rows
        }
        assert len(found) == len(rows)
        return found

    def read_all(self) -> None:
        # Its own way to bring along what was read on another machine: no screen is needed for it.
        guids = self._ask("SELECT guid FROM rss_item")
        (self.folder / "read").write_text("".join(f"{guid}\n" for (guid,) in guids))
        self._newsboat("--import-from-file=read")

    def news(self) -> list[str]:
        return [
            title for (title,) in self._ask("SELECT title FROM rss_item WHERE deleted = 0 AND unread = 1")
        ]

    def move(self, url: str) -> None:
        self.subscribe(url)


class Rss2email(Subscriber):
    """The program that turns articles into messages: a message once there is never changed."""

    program = "r2e"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.inbox = folder / "Maildir" / "INBOX"
        self.inbox.parent.mkdir()
        self.read: set[str] = set()

    def subscribe(self, url: str) -> None:
        (self.folder / "rss2email.cfg").write_text(
            f"[DEFAULT]\nto = desk@example.org\nemail-protocol = maildir\nmaildir-path = {self.inbox.parent}\n"
            f"date-header = True\ndate-header-order = issued\n\n[feed.news]\nurl = {url}\n",
            encoding="utf-8",
        )

    def poll(self) -> None:
        self._run("r2e", "--config", "rss2email.cfg", "--data", "rss2email.json", "run")

    def _messages(self) -> Iterator[tuple[str, Shown]]:
        for file in sorted((self.inbox / "new").glob("*")):
            message = message_from_bytes(file.read_bytes(), policy=default)
            keywords = tuple(str(message["X-RSS-TAGS"]).split(",")) if "X-RSS-TAGS" in message else ()
            # It writes the zone -0000, which says: in UTC, by somebody who does not say where he is.
            date = message["Date"].datetime.replace(tzinfo=UTC)
            assert str(message["Date"]).endswith("-0000")
            shown = Shown(str(message["Subject"]), date, str(message["X-RSS-URL"]), keywords)
            yield str(message["X-RSS-ID"]), shown

    def shown(self) -> dict[str, Shown]:
        messages = list(self._messages())
        found = dict(messages)
        assert len(found) == len(messages)
        return found

    def read_all(self) -> None:
        self.read = {key for key, _ in self._messages()}

    def news(self) -> list[str]:
        return [shown.title for key, shown in self._messages() if key not in self.read]

    def move(self, url: str) -> None:
        self.subscribe(url)


LABELS = {"Giao thông": "Giao thông", "Kiến An": "Kiến An"}


@dataclass(frozen=True)
class Habits:
    """What a reader does by nature, whatever the feed: the expectations of the tests."""

    kind: type[Subscriber]
    forms: dict[str, dict[str, str]]
    """The formats it reads, and in each what it shows for a keyword; empty where it keeps none."""
    answers: list[int]
    """What it is answered at its first polls of a feed that stays the same."""
    shows_edits: bool = True


READERS = {
    "feedparser": Habits(Feedparser, {"rss": LABELS, "atom": LABELS}, [200, 304]),
    "reader": Habits(Reader, {"rss": {}, "atom": {}, "json": {}}, [200, 304]),
    "newsboat": Habits(Newsboat, {"rss": {}, "atom": {}}, [200, 200, 304]),
    # Of an Atom category it takes the term alone. What it has sent it never takes back.
    "rss2email": Habits(Rss2email, {"rss": LABELS, "atom": LABELS}, [200, 304], shows_edits=False),
}
