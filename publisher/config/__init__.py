"""config.toml as frozen dataclasses: each key with its default and its meaning, here and in `mail`, `places`, `web`.

The comment behind a field is its line in the reference. `load` reads a file; see `publisher.config.load`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

from annotated_types import Ge, Le, MinLen

from publisher.config.mail import Bounces, Dkim, Imap, Limits, Mail, Relay, Sendmail, Smtp, Webhooks
from publisher.config.places import DATABASE, Database, Output, Work
from publisher.config.table import Table
from publisher.config.web import Web
from publisher.credentials import secret

__all__ = [
    "Bounces",
    "Config",
    "Console",
    "Database",
    "Digest",
    "Dkim",
    "Feed",
    "Feeds",
    "Imap",
    "Keywords",
    "Limits",
    "Log",
    "Mail",
    "Notices",
    "Output",
    "Relay",
    "Schedule",
    "SeedDefaults",
    "Seeds",
    "Sendmail",
    "Site",
    "Smtp",
    "Table",
    "Topic",
    "Web",
    "Webhooks",
    "Work",
]


@dataclass(frozen=True, kw_only=True)
class Site(Table):
    """`[site]`: what the site is and where it will be served."""

    title: Annotated[str, MinLen(1)]
    """The name of the site; required."""
    url: str
    """Where the output will be served: feeds and mails link here; required."""
    id: str = ""
    """A name that never changes and from which ids are made; empty: the host of `url` when the database was made."""
    language: str = "vi"
    """The language of the articles and of the site's own words, as BCP 47 has it; `vi` and `en` are complete."""
    timezone: str = "Asia/Ho_Chi_Minh"
    """Dates without a zone are read in it, schedules run in it."""
    description: str = ""
    """One line about the site, for feeds and pages."""
    author: str = ""
    """The author of feeds whose articles name none."""
    rights: str = ""
    """Who may do what with the articles, for feeds: `© 2026 Bản tin Kiến An`."""


@dataclass(frozen=True, kw_only=True)
class SeedDefaults(Table):
    """`[seeds.defaults]`: for what a seed does not say itself."""

    keywords: tuple[str, ...] = ()
    """Keywords of seeds that declare none."""
    authors: tuple[str, ...] = ()
    """Authors of seeds that name none."""


@dataclass(frozen=True, kw_only=True)
class SeedFields(Table):
    """`[seeds.fields]`: what JSON files call the parts of an article; empty: the usual names are tried."""

    title: str = ""
    """Its title; dots go deeper, as in `meta.title`."""
    published: str = ""
    """When it was published: a date in words, or seconds or milliseconds since 1970."""
    updated: str = ""
    """When it was changed."""
    summary: str = ""
    """Its lead."""
    body: str = ""
    """Its text: HTML, lines, or a list of either."""
    authors: str = ""
    """Who wrote it."""
    keywords: str = ""
    """Its keywords."""
    language: str = ""
    """Its language."""
    url: str = ""
    """Its address elsewhere."""
    image: str = ""
    """Its picture."""


@dataclass(frozen=True, kw_only=True)
class Seeds(Table):
    """`[seeds]`: the folder of articles and how to read it."""

    path: str = "seeds"
    """The folder, with those in it; links are not followed. Or a bucket, `s3://BUCKET/PREFIX` (extra `s3`)."""
    endpoint: str = ""
    """The address of a service for buckets that is not Amazon's."""
    region: str = ""
    """The region of the bucket; empty: as the environment says (`AWS_REGION`)."""
    access_key: str = ""
    """The name of the key for the bucket; empty: as tools for S3 take it (`AWS_ACCESS_KEY_ID`, the machine's role)."""
    secret_key_env: str = "PUBLISHER_S3_SECRET_KEY"
    """Environment variable that holds the secret of `access_key`."""
    ignore: tuple[str, ...] = ()
    """Patterns of file names to pass over, beside pictures, hidden files and editors' backups."""
    max_megabytes: Annotated[int, Ge(1), Le(1024)] = 10
    """A larger seed goes to quarantine."""
    encoding: Literal["auto", "utf-8", "windows-1258", "tcvn3", "vni"] = "auto"
    """`auto`: by marks, rules and evidence; a seed of which none is sure goes to quarantine."""
    alike: Annotated[float, Ge(0), Le(1)] = 0.85
    """The part of its text that a new seed may share with another before it is reported; 0: none is."""
    undated: Literal["quarantine", "modified"] = "quarantine"
    """What becomes of a seed without a date; `modified`: it has the date of its file."""
    keyword_markers: tuple[str, ...] = ()
    """More words that begin the keyword line, beside those for Vietnamese and English."""
    tail_markers: tuple[str, ...] = ()
    """More lines at which the article ends and the page's furniture begins."""
    byline_markers: tuple[str, ...] = ()
    """More words that begin the line with the author."""
    defaults: SeedDefaults = field(default_factory=SeedDefaults)
    fields: SeedFields = field(default_factory=SeedFields)


@dataclass(frozen=True, kw_only=True)
class Feeds(Table):
    """`[feeds]`: what the feeds hold."""

    formats: Annotated[tuple[Literal["rss", "atom", "json"], ...], MinLen(1)] = ("rss", "atom", "json")
    """The formats to write."""
    items: Annotated[int, Ge(1), Le(1000)] = 50
    """At least so many of the newest articles stand in each feed."""
    content: Literal["full", "summary"] = "full"
    """Whole articles, or their summaries."""
    archives: bool = True
    """Older months become archive documents (RFC 5005), whole ones: a feed may show up to 100 more than `items`."""
    compressed: tuple[Literal["gz", "br"], ...] = ("gz", "br")
    """Compressed forms of each feed document, put beside it for the web server."""
    websub: tuple[str, ...] = ()
    """Addresses of WebSub hubs, which are told when a feed changed."""


@dataclass(frozen=True, kw_only=True)
class Feed(Table):
    """`[[feed]]`: a feed of several keywords, beside those of the site and of each keyword."""

    name: Annotated[str, MinLen(1)]
    """Its name in addresses: small letters, digits and hyphens; required."""
    title: str = ""
    """Its name for readers; empty: the keywords."""
    description: str = ""
    """One line about it; empty: that of the site."""
    keywords: tuple[str, ...] = ()
    """The keywords of its articles; empty: all articles."""
    match: Literal["any", "all"] = "any"
    """`any`: articles under one of the keywords; `all`: under every one."""
    none: tuple[str, ...] = ()
    """But no article under one of these keywords."""


@dataclass(frozen=True, kw_only=True)
class Topic(Table):
    """`[[keywords.topic]]`: a keyword defined by the phrases that stand for it."""

    name: Annotated[str, MinLen(1)]
    """The label that readers see; required."""
    slug: str = ""
    """Its address, where that shall not be made of its name; what stood at another one leads to it."""
    any: tuple[str, ...] = ()
    """One of these phrases must occur; without `any` and `all`, the name itself."""
    bare: tuple[str, ...] = ()
    """Or one of these, which are found whatever marks their letters have: `cong an` in “công an” and in “cong an”."""
    all: tuple[str, ...] = ()
    """And all of these."""
    none: tuple[str, ...] = ()
    """And none of these; where one of them covers a phrase, the phrase does not count there."""
    where: Annotated[tuple[Literal["title", "body"], ...], MinLen(1)] = ("title", "body")
    """The parts of the article that are searched; the lead and captions belong to the body."""


@dataclass(frozen=True, kw_only=True)
class Keywords(Table):
    """`[keywords]`: how articles come under keywords."""

    found: Annotated[int, Ge(0), Le(20)] = 3
    """Automatic keywords for an article without declared or topic keywords; 0 turns them off."""
    min_articles: Annotated[int, Ge(1)] = 1
    """Articles before a keyword gets its own feed and page."""
    found_articles: Annotated[int, Ge(1)] = 3
    """Articles whose text must hold an automatic keyword before it gets its own feed and page, once keywords were
    sought in a hundred; what a quarter of them hold gets none."""
    fold: bool = True
    """Case, Unicode form, tone placement and hyphens make no difference."""
    aliases: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Other spellings of keywords: `PCCC = "Phòng cháy chữa cháy"` files what is declared or found as the one under the
    other."""
    ignore: tuple[str, ...] = ()
    """Labels that are no keywords, whoever declares or finds them."""
    topic: tuple[Topic, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Digest(Table):
    """`[[digest]]`: a newsletter."""

    name: Annotated[str, MinLen(1)]
    """Its name in addresses and commands: small letters, digits and hyphens; required."""
    title: Annotated[str, MinLen(1)]
    """Its name for readers; required."""
    subject: str = "{{ digest.title }}: {{ edition.date | date }}"
    """The subject line, a template."""
    schedule: str = "0 6 * * *"
    """When an edition is due: five cron fields in the site's zone, names of weekdays allowed."""
    missed: Literal["merge", "skip"] = "merge"
    """What becomes of editions missed while nothing ran: one for all of them, or none."""
    keywords: tuple[str, ...] = ()
    """The keywords that it covers; empty: all."""
    max_articles: Annotated[int, Ge(1), Le(1000)] = 40
    """The most that one edition shows, and one mail; the newest are kept."""
    corrections: bool = False
    """An article that changes after an edition had it is named in the next one as a correction, once a change."""
    recipients: tuple[str, ...] = ()
    """The addresses that get every edition."""


@dataclass(frozen=True, kw_only=True)
class Schedule(Table):
    """`[schedule]`: when `publish serve` runs, beside the digests' own schedules."""

    feeds: str = "*/15 * * * *"
    """When feeds and pages are brought up to date."""
    watch: bool = False
    """Also run when a seed changes."""
    poll: Annotated[int, Ge(0), Le(3600)] = 0
    """Seconds between two looks for changed seeds, where nobody tells; 0: the system tells; in a bucket 60."""
    jitter: Annotated[int, Ge(0), Le(3600)] = 0
    """Seconds by which each moment is put off at most, by ever so much for each site; for many sites on one machine."""


@dataclass(frozen=True, kw_only=True)
class Log(Table):
    """`[log]`: what `publish serve` tells on stderr."""

    format: Literal["auto", "text", "json"] = "auto"
    """`text` for people, `json` by the line; `auto`: text on a terminal and in the journal, JSON elsewhere."""


@dataclass(frozen=True, kw_only=True)
class Console(Table):
    """`[console]`: the owner's pages at `/console/` of the web server; there are none without a password."""

    password_env: str = "PUBLISHER_CONSOLE_PASSWORD"
    """The environment variable that holds the password, of 8 characters or more; or a credential of that name."""
    hours: Annotated[int, Ge(1), Le(720)] = 12
    """Hours after which one has to sign in again."""


@dataclass(frozen=True, kw_only=True)
class Notices(Table):
    """`[notices]`: the owner is told by `publish serve` that something is wrong, and when it is over."""

    mail: str = ""
    """The address that is written to, over the site's own transport; empty: nobody."""
    webhook_env: str = "PUBLISHER_NOTICES_URL"
    """The environment variable with a web address to which notices are posted as JSON; unset: nowhere."""
    stuck_minutes: Annotated[int, Ge(1)] = 60
    """Deliveries that are due for longer and do not move are a reason."""
    silence_hours: Annotated[int, Ge(0)] = 0
    """So is that nothing new came out for longer; 0: it is none."""


@dataclass(frozen=True, kw_only=True)
class Config(Table):
    """The whole of config.toml. `root` is the folder that relative paths in it start from."""

    site: Site
    mail: Mail
    seeds: Seeds = field(default_factory=Seeds)
    output: Output = field(default_factory=Output)
    feeds: Feeds = field(default_factory=Feeds)
    feed: tuple[Feed, ...] = ()
    keywords: Keywords = field(default_factory=Keywords)
    digest: tuple[Digest, ...] = ()
    schedule: Schedule = field(default_factory=Schedule)
    database: Database = field(default_factory=Database)
    work: Work = field(default_factory=Work)
    web: Web = field(default_factory=Web)
    console: Console = field(default_factory=Console)
    log: Log = field(default_factory=Log)
    notices: Notices = field(default_factory=Notices)
    root: Path = field(default=Path(), init=False, repr=False, compare=False)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.site.timezone)

    @property
    def seeds_folder(self) -> Path:
        """The seeds folder."""
        return self.root / self.seeds.path

    @property
    def output_folder(self) -> Path:
        """The output folder."""
        return self.root / self.output.path

    @property
    def seeds_bucket(self) -> str:
        """The bucket of the seeds as a URL; empty where they are in a folder."""
        return self.seeds.path if self.seeds.path.startswith("s3://") else ""

    @property
    def bucket(self) -> str:
        """The bucket of the output as a URL; empty where it is a folder."""
        return self.output.path if self.output.path.startswith("s3://") else ""

    @property
    def maildir(self) -> Path:
        """The Maildir."""
        return self.root / self.mail.maildir

    @property
    def database_file(self) -> Path:
        """The SQLite file."""
        return self.root / self.database.url.removeprefix("sqlite:///")

    @property
    def topics_file(self) -> Path:
        """Where many topics are kept, made ready for the next run; it may be thrown away."""
        beside = self.database_file if self.database.url.startswith("sqlite:") else self.root / DATABASE
        return beside.with_suffix(".topics")

    @property
    def database_at(self) -> Path | str:
        """Where the database is: a SQLite file, or the URL of one on PostgreSQL with its password."""
        return self.place_of(self.database.url)

    def place_of(self, url: str) -> Path | str:
        """Where a database is that is named as `Database.url` may name it; see `database_at`."""
        scheme, _, rest = url.partition("://")
        if scheme == "sqlite":
            return self.root / url.removeprefix("sqlite:///")
        password = quote(secret(self.database.password_env), safe="")
        user, at, host = rest.rpartition("@")
        return f"{scheme}://{user}:{password}@{host}" if at and password else url

    @property
    def templates_folder(self) -> Path | None:
        """The folder of the owner's own templates, if there is one."""
        return self.root / self.output.templates if self.output.templates else None
