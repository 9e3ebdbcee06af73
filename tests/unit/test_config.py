"""config.toml: what is good loads, and of what is wrong everything is said at once, with its line."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from pathlib import Path
from typing import get_type_hints
from zoneinfo import ZoneInfo

import pytest

import publisher
from publisher.config import Config
from publisher.config.load import keys_of, load, table_of
from publisher.config.reference import docstrings, markdown
from publisher.errors import ConfigError

REPOSITORY = Path(__file__).parents[2]
LEAST = '[site]\ntitle = "T"\nurl = "https://e.org/"\n[mail]\nsender = "a@e.org"\n'

SAMPLE = """\
[site]
title = "Bản tin Kiến An"
url = "https://news.example.org/"     # where the output will be served: feeds and mails link here
language = "vi"                        # BCP 47; vi and en have complete translations
timezone = "Asia/Ho_Chi_Minh"          # dates without a zone are read in it, schedules run in it
description = ""
author = ""

[seeds]
path = "seeds"
[seeds.defaults]                       # for what a seed does not say itself
keywords = []

[output]
path = "public"                        # a folder, or s3://bucket/prefix
base = "full"                          # "full": feeds, pages, archives; "feeds": feeds only

[feeds]
formats = ["rss", "atom", "json"]
items = 50
content = "full"                       # or "summary"
websub = []                            # hub URLs

[keywords]
found = 3
min_articles = 1                       # articles before a keyword gets its own feed and page
fold = true

[[keywords.topic]]
name = "An ninh trật tự"
any = ["ANTT", "an ninh trật tự"]      # one of these
all = []                               # and all of these
none = ["an ninh mạng"]                # and none of these
where = ["title", "body"]

[[digest]]
name = "daily"
title = "Tin sáng Kiến An"
subject = "{{ digest.title }}: {{ edition.date | date }}"
schedule = "0 6 * * *"                 # five fields, names of weekdays allowed, in site.timezone
missed = "merge"                       # or "skip": what becomes of editions missed while nothing ran
keywords = []                          # empty: all
max_articles = 40
recipients = ["desk@example.org"]      # fixed recipients, beside those who subscribe

[schedule]
feeds = "*/15 * * * *"
watch = false                          # also run when a seed changes

[mail]
sender = "Bản tin Kiến An <news@example.org>"
transport = "maildir"
maildir = "data/mail"
[mail.smtp]
host = "localhost"
port = 25
security = "none"                      # "starttls", "tls"
username = ""
password_env = "PUBLISHER_SMTP_PASSWORD"
connections = 10
per_second = 0                         # 0: as fast as the relay takes it
per_day = 0

[database]
url = "sqlite:///data/publisher.db"    # or postgresql://…

[work]
engine = "local"
processes = 0                          # 0: as many as there are cores

[web]
host = "127.0.0.1"
port = 8000
"""

PLANTED = '''\
root = "/tmp"
[site]
titel = "T"
url = "news.example.org"
timezone = "Asia/Ho_Chi_Min"
language = "klingon"
description = """
two
lines"""
[output]
path = "seeds/public"
base = "ful"
[feeds]
formats = [
  "rss",
  "atm",
]
items = "5"
websub = ["hub.example.org"]
[keywords]
found = 21
fold = 1
[[keywords.topic]]
name = "Kiến An"
[[keywords.topic]]
any = ["A"]
name = "KIẾN AN"
[[digest]]
name = "Daily"
title = "D"
schedule = "61 6 * * *"
recipients = ["desk@example.org", "nobody"]
[[digest]]
name = "weekly"
[schedule]
watch = 1
[mail]
smtp.port = 0
reply_to = "a@e.org, b@e.org"
[database]
url = "mysql://localhost/news"
'''

FOUND = """\
1: root: unknown key
2: site.title: missing
3: site.titel: unknown key, did you mean title?
4: site.url: must be a whole web address that begins with http:// or https:// (got "news.example.org")
5: site.timezone: not a known time zone (got "Asia/Ho_Chi_Min"), did you mean Asia/Ho_Chi_Minh?
6: site.language: not a known language (got "klingon")
11: output.path: must be neither the seeds folder nor one inside or around it (got "seeds/public")
12: output.base: must be one of full, feeds (got "ful"), did you mean full?
14: feeds.formats[1]: must be one of rss, atom, json (got "atm"), did you mean atom?
18: feeds.items: must be a whole number (got "5")
19: feeds.websub[0]: must be a whole web address that begins with http:// or https:// (got "hub.example.org")
21: keywords.found: must be at most 20 (got 21)
22: keywords.fold: must be true or false (got 1)
27: keywords.topic[1].name: the name of a topic must differ from those before it (got "KIẾN AN")
29: digest[0].name: must be small letters, digits and hyphens (got "Daily")
31: digest[0].schedule: bad minute (got "61 6 * * *")
32: digest[0].recipients[1]: must be one address such as Name <name@example.org> (got "nobody")
33: digest[1].title: missing
36: schedule.watch: must be true or false (got 1)
37: mail.sender: missing
38: mail.smtp.port: must be at least 1 (got 0)
39: mail.reply_to: must be one address such as Name <name@example.org> (got "a@e.org, b@e.org")
41: database.url: must begin with sqlite:///, or be postgresql://USER@HOST/NAME \
(got "mysql://localhost/news")
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults_of(folder: Path, text: str) -> list[str]:
    path = written(folder, text)
    with pytest.raises(ConfigError) as caught:
        load(path)
    return [line.removeprefix(f"{path}:") for line in caught.value.lines]


def test_every_planted_fault_is_told_at_once_with_its_line(tmp_path):
    assert faults_of(tmp_path, PLANTED) == FOUND.splitlines()


def test_the_file_is_named_as_it_was_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    written(tmp_path, LEAST + "sendre = 1\n")
    with pytest.raises(
        ConfigError, match=r"^config\.toml:6: mail\.sendre: unknown key, did you mean sender\?$"
    ):
        load(Path("config.toml"))


def test_a_missing_file_says_how_to_make_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        load(Path("config.toml"))
    assert caught.value.lines == ("config.toml: no such file",)
    assert caught.value.hint == "publish init makes one"


def test_a_folder_is_not_a_configuration(tmp_path):
    with pytest.raises(ConfigError, match="Is a directory"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[site]\ntitle = \n", "2: Invalid value"),
        ("[site]\na = 1\na = 2\n", "3: Cannot overwrite a value"),
        ('a = """\n\n', "1: Unterminated string"),
        (f"[site]\nid = {'9' * 5000}\n", "2: Exceeds the limit"),
    ],
)
def test_broken_toml_is_one_line(tmp_path, text, fault):
    (found,) = faults_of(tmp_path, text)
    assert found.startswith(fault)


def test_another_encoding_is_named_with_its_line(tmp_path):
    path = tmp_path / "config.toml"
    path.write_bytes("[site]\ntitle = 'Á'".encode("latin-1"))
    with pytest.raises(ConfigError, match=r"config\.toml:2: not UTF-8$"):
        load(path)


def test_windows_line_ends_and_a_byte_order_mark_are_read(tmp_path):
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf" + LEAST.replace("\n", "\r\n").encode())
    assert load(path).site.title == "T"


def test_an_empty_file_names_the_tables_that_it_needs(tmp_path):
    assert faults_of(tmp_path, "") == [
        "1: site: missing, a table with title and url",
        "1: mail: missing, a table with sender",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[output]\npath = "s3://b"\n', "output.path: must be a bucket and maybe a path"),
        ('[output]\nendpoint = "ftp://x"\n', "output.endpoint: "),
        ('[seeds]\npath = "s3://b"\n', "seeds.path: must be a bucket and maybe a path"),
        ('[work]\nengine = "procrastinate"\n', "work.engine: needs PostgreSQL"),
        ('[output]\npath = "."\n', "output.path: must be neither the seeds folder"),
        ('[output]\npath = "x/../seeds"\n', "output.path: must be neither the seeds folder"),
        ('[output]\npath = ""\n', "output.path: must name a folder"),
        ("[feeds]\nformats = []\n", "feeds.formats: must not be empty"),
        ("[feeds]\nitems = 2026-01-01\n", "feeds.items: must be a whole number"),
        ("[feeds]\nitems = nan\n", "feeds.items: must be a whole number"),
        ("seeds = 3\n", "mail.seeds: unknown key"),
        ('[seeds]\nignore = ["a\\u0007"]\n', "seeds.ignore[0]: holds a control character"),
        ('[[digest]]\nname = "a"\ntitle = "a\\nb"\n', "digest[0].title: must be one line"),
        ('[[feed]]\nname = "a"\ntitle = " "\n', "feed[0].title: must not be blank"),
        ('[[feed]]\nname = "a"\ntitle = "\\uFFFE"\n', "feed[0].title: holds U+FFFE"),
        ('[[feed]]\nname = "a"\ntitle = "\\u202Ea"\n', "feed[0].title: holds U+202E"),
        (f'[[feed]]\nname = "{"a" * 61}"\n', "feed[0].name: must be at most 60"),
        ('[feeds]\nwebsub = ["https://xổ.example.org/"]\n', "feeds.websub[0]: must be in ASCII"),
        ('[feeds]\nwebsub = ["https://a@hub.example.org/"]\n', "feeds.websub[0]: must be without a user"),
        ('[feeds]\nwebsub = ["https://hub.example.org/<"]\n', "feeds.websub[0]: must be a whole web"),
        ('"a b" = 1\n', 'mail."a b": unknown key'),
        ('[database]\nurl = "sqlite:///"\n', "database.url: names no file"),
        ('reply_to = "A, B <a@e.org>"\n', "mail.reply_to: must be one address"),
        ('reply_to = "<a@e.org> b"\n', "mail.reply_to: must be one address"),
        ('reply_to = "a b@e.org"\n', "mail.reply_to: must be one address"),
        ('reply_to = "a@"\n', "mail.reply_to: must be one address"),
        ('reply_to = "?:<];>"\n', "mail.reply_to: must be one address"),
        ('reply_to = ".<é]<"\n', "mail.reply_to: must be one address"),
        ('reply_to = " ?@[.->"\n', "mail.reply_to: must be one address"),
        ('reply_to = " .-?-["\n', "mail.reply_to: must be one address"),
        ('reply_to = "a@-e.org"\n', "mail.reply_to: must be one address"),
        ('reply_to = "staff: a@e.org;"\n', "mail.reply_to: must be one address"),
        ('reply_to = "A\\n <a@e.org>"\n', "mail.reply_to: must be one address"),
        ('reply_to = "Đ <đ@e.org>"\n', "mail.reply_to: must have an address in ASCII before its @"),
        (f'reply_to = "a@{"x" * 64}.org"\n', "mail.reply_to: must be one address"),
        ('feedback_id = "abcd"\n', "mail.feedback_id: must be 5 to 15 letters or digits"),
        ('feedback_id = "abcd:efg"\n', "mail.feedback_id: must be 5 to 15 letters or digits"),
        ('feedback_id = "kiếnan"\n', "mail.feedback_id: must be 5 to 15 letters or digits"),
        ("[[mail.dkim]]\nselector = 'a'\nkey = ' '\n", "mail.dkim[0].key: must name a file"),
        ("[[mail.dkim]]\nselector = 'a_b'\nkey = 'k'\n", "mail.dkim[0].selector: must be letters"),
        ("[[mail.dkim]]\nselector = 'a;p'\nkey = 'k'\n", "mail.dkim[0].selector: must be letters"),
        ("[[mail.dkim]]\nselector = 'a'\nkey = 'k'\ndomain = 'e org'\n", "mail.dkim[0].domain: names no"),
        ("[[mail.dkim]]\nselector = 'a'\nkey = 'k'\ndomain = '-e.org'\n", "mail.dkim[0].domain: names no"),
        (
            2 * "[[mail.dkim]]\nselector = 'a'\nkey = 'k'\n",
            "mail.dkim[1].selector: the selector of a key must",
        ),
    ],
)
def test_faults_that_types_do_not_tell(tmp_path, text, fault):
    (found,) = faults_of(tmp_path, LEAST + text)
    assert found.partition(": ")[2].startswith(fault)


@pytest.mark.parametrize(
    "sender", ["a@e.org", "Bản tin (An) <tin@thư.vn>", '"A, B" <a.b+c@e.org>', "Dr. A <a@localhost>"]
)
def test_addresses_of_every_honest_form_are_taken(tmp_path, sender):
    text = LEAST.replace('"a@e.org"', f"'{sender}'")
    assert load(written(tmp_path, text)).mail.sender == sender


@pytest.mark.parametrize(
    "url",
    ["ftp://e.org/", "https://", "https://e.org/?a", "https://e.org/#a", "http://e.org:x/", "http://e .org/"],
)
def test_the_address_of_the_site_is_whole(tmp_path, url):
    (found,) = faults_of(tmp_path, LEAST.replace("https://e.org/", url))
    assert found.startswith("3: site.url: ")


def test_keys_that_sign_and_a_name_for_complaints_are_taken(tmp_path):
    keys = "[[mail.dkim]]\nselector = 'r1'\nkey = 'k'\n[[mail.dkim]]\nselector = 'E.2-a'\nkey = 'k'\n"
    text = f"{LEAST}feedback_id = 'KienAn7'\n{keys}domain = 'báo.example'\n"
    assert [key.domain for key in load(written(tmp_path, text)).mail.dkim] == ["", "báo.example"]


def test_paths_start_from_the_folder_of_the_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    written(tmp_path, LEAST)
    config = load(Path("config.toml"))
    assert config.root == tmp_path.resolve()
    assert config.seeds_folder == tmp_path.resolve() / "seeds"
    assert config.database_file == tmp_path.resolve() / "data" / "publisher.db"
    assert config.zone == ZoneInfo("Asia/Ho_Chi_Minh")


def test_the_sample_of_the_contract_loads(tmp_path):
    config = load(written(tmp_path, SAMPLE))
    assert config.keywords.topic[0].none == ("an ninh mạng",)
    assert config.digest[0].recipients == ("desk@example.org",)


def test_the_configuration_of_the_repository_loads():
    config = load(REPOSITORY / "config.toml")
    assert config.site.title == "Bản tin Kiến An"
    assert [digest.name for digest in config.digest] == ["daily"]


def test_the_defaults_that_the_repository_shows_in_comments_are_the_defaults(tmp_path):
    text = (REPOSITORY / "config.toml").read_text(encoding="utf-8")
    shown = re.sub(r"^# (\[|[a-z_]+ = )", r"\1", text, flags=re.MULTILINE)
    assert shown != text
    assert load(written(tmp_path, shown)) == load(REPOSITORY / "config.toml")


def test_the_reference_is_up_to_date():
    """Made by `python -m publisher.config.reference`."""
    page = REPOSITORY / "docs" / "reference" / "configuration.md"
    assert page.read_text(encoding="utf-8") == markdown()


def tables(table: type = Config) -> list[type]:
    hints = get_type_hints(table, include_extras=True)
    inner = [found for key in keys_of(table) if (found := table_of(hints[key.name]))]
    return [table, *(one for found in inner for one in tables(found))]


def test_every_key_has_its_meaning():
    for table in tables():
        hints = get_type_hints(table, include_extras=True)
        plain = {key.name for key in fields(table) if key.init and table_of(hints[key.name]) is None}
        assert plain <= docstrings(table).keys(), table


def test_every_key_is_read_somewhere_or_reserved():
    """The properties of `Config` count as readers too: they are how the others read a path."""
    read: set[str] = set()
    for path in Path(publisher.__file__).parent.rglob("*.py"):
        if path.parent.name != "config" or path.name == "__init__.py":
            tree = ast.parse(path.read_text(encoding="utf-8"))
            read |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    unread = {
        f"{table.__name__}.{key.name}"
        for table in tables()
        for key in keys_of(table)
        if key.name not in read and "reserved" not in meaning(table, key.name)
    }
    assert unread == set()


def meaning(table: type, key: str) -> str:
    """A table that is wholly reserved says so in its own docstring."""
    inner = table_of(get_type_hints(table, include_extras=True)[key])
    return (inner.__doc__ or "") if inner else docstrings(table)[key]


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ('[notices]\nmail = "Owner <owner@example.org>"', "notices.mail: must be one address without a name"),
        ('[notices]\nwebhook_env = "https://example.org/hook"', "notices.webhook_env: must be the name of"),
        ("[notices]\nstuck_minutes = 0", "notices.stuck_minutes: must be at least 1"),
        ("[schedule]\njitter = 3601", "schedule.jitter: must be at most 3600"),
        ("[schedule]\npoll = -1", "schedule.poll: must be at least 0"),
        ('[log]\nformat = "xml"', "log.format: must be one of auto, text, json"),
        ('[web]\nmetrics_env = "a token"', "web.metrics_env: must be the name of"),
    ],
)
def test_what_an_operator_sets_is_looked_over(tmp_path, table, fault):
    (line,) = faults_of(tmp_path, f"{LEAST}{table}\n")
    assert fault in line
