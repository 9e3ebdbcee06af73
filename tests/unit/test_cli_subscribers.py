"""``publish subscribers`` as a process: what it prints, what it keeps, and with which exit status."""

from __future__ import annotations

import csv
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from publisher.cli import choosing
from publisher.mailing.exporting import WRITERS
from publisher.mailing.importing import values
from publisher.model import Rhythm, SubscriberState
from publisher.store import Store

CONFIG = """\
[site]
title = "T"
url = "https://news.example.org/"
[mail]
sender = "news@example.org"
[[digest]]
name = "daily"
title = "Tin sáng"
"""
SECOND = '[[digest]]\nname = "weekly"\ntitle = "Tin tuần"\n'
CONSENT = ("--consent", "Tôi muốn nhận tin.")


class Site:
    """A folder with a configuration, and commands in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.configure(CONFIG)

    def configure(self, text: str) -> None:
        (self.folder / "config.toml").write_text(text, encoding="utf-8")

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_bytes(text.encode())

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONWARNINGS": "error"}

    def subscribers(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "publisher", "subscribers", *arguments],
            cwd=self.folder,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    def store(self) -> Store:
        return Store.open(self.folder / "data/publisher.db")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_people_are_added_listed_and_counted(site: Site) -> None:
    weekly = ("--keywords", 'Giao thông, "Y tế, sức khỏe"', "--rhythm", "weekly", "--weekday", "friday")
    done = site.subscribers("add", "Độc Giả <Reader@example.org>", "b@báo.example", *CONSENT, *weekly)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "added         Độc Giả <Reader@example.org>\nadded         b@báo.example\n"
    listed = site.subscribers("list")
    choice = "daily (weekly on friday; Giao thông, Y tế, sức khỏe)"
    assert listed.stdout == (
        f"active       Reader@example.org  {choice}\nactive       b@báo.example  {choice}\n"
    )
    assert site.subscribers("list", "--count").stdout == "2\n"
    assert site.subscribers("list", "--state", "bounced").stdout.startswith("Nobody")
    assert json.loads(site.subscribers("list", "--state", "bounced", "--json").stdout) == []
    (person, _) = site.store().subscribers()
    assert person.consent
    assert (person.consent.source, person.consent.text) == ("command line", "Tôi muốn nhận tin.")


def test_adding_again_changes_only_what_an_option_says(site: Site) -> None:
    site.subscribers("add", "a@example.org", *CONSENT, "--length", "5")
    again = site.subscribers("add", "a@example.org", *CONSENT)
    assert (again.returncode, again.stdout) == (0, "known already a@example.org\n")
    changed = site.subscribers("add", "A@example.org", *CONSENT, "--length", "0")
    assert changed.stdout == "changed       A@example.org\n"
    (person,) = site.store().subscribers()
    assert person.subscriptions[0].length == 0


def test_what_is_refused_is_named_on_stderr_and_the_exit_status_is_1(site: Site) -> None:
    done = site.subscribers("add", "nobody", "a@example.org", *CONSENT)
    assert (done.returncode, done.stdout) == (1, "added         a@example.org\n")
    assert done.stderr == "nobody: must have something on both sides of an @\n"
    assert site.subscribers("remove", "a@example.org").stdout == "removed       a@example.org\n"
    again = site.subscribers("remove", "a@example.org", "c@example.org")
    assert (again.returncode, again.stdout, again.stderr) == (
        1,
        "off already   a@example.org\n",
        "c@example.org: is not known\n",
    )
    back = site.subscribers("add", "a@example.org", *CONSENT, "--json")
    assert back.returncode == 1
    reason = "is unsubscribed and is not brought back"
    assert json.loads(back.stdout) == [{"address": "a@example.org", "result": reason}]


def test_one_list_may_be_left_and_the_history_says_why(site: Site) -> None:
    site.configure(CONFIG + SECOND)
    site.subscribers("add", "a@example.org", *CONSENT, "--digest", "daily", "--digest", "weekly")
    site.subscribers("remove", "a@example.org", "--digest", "daily", "--reason", "by phone")
    (person,) = site.store().subscribers(history=True)
    assert [mine.digest for mine in person.subscriptions] == ["weekly"]
    assert person.history[-1].detail == "daily: by phone"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("add", "a@example.org"), "to which words they agreed is not said\nhint: --consent"),
        (("add", *CONSENT), "Missing argument 'ADDRESS...'"),
        (
            ("add", "a@example.org", *CONSENT, "--digest", "dayly"),
            "none of the name dayly, did you mean daily?",
        ),
        (("add", "a@example.org", *CONSENT, "--weekday", "friday"), "--weekday goes with --rhythm weekly"),
        (("add", "a@example.org", *CONSENT, "--rhythm", "hourly"), "Invalid value for '--rhythm'"),
        (("add", "a@example.org", *CONSENT, "--length", "-1"), "Invalid value for '--length'"),
        (("add", "a@example.org", *CONSENT, "--language", "tiếng"), "--language: must be a tag such as vi"),
        (("add", "a@example.org", *CONSENT, "--keywords", '"a'), "--keywords: quotes that do not fit"),
        (("list", "--digest", "nightly"), "there is none of the name nightly"),
        (("remove", "a@example.org", "--digest", "nightly"), "there is none of the name nightly"),
        (("import", "none.csv"), "'none.csv' does not exist"),
        (("import", "list.csv"), "line 2: to which words these people agreed is not said\nhint: --consent"),
        (
            ("import", "names.csv", *CONSENT),
            "names no column of addresses\nhint: the first line names the columns",
        ),
        (("import", "list.csv", *CONSENT, "--format", "xml"), "Invalid value for '--format'"),
    ],
)
def test_wrong_usage_is_2_with_a_hint_and_leaves_nobody(
    site: Site, arguments: tuple[str, ...], error: str
) -> None:
    site.write("list.csv", "email\na@example.org\n")
    site.write("names.csv", "name\nA\n")
    done = site.subscribers(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert error in done.stderr
    assert "Traceback" not in done.stderr
    assert site.store().subscriber_count() == 0


def test_of_several_digests_one_must_be_named(site: Site) -> None:
    site.configure(CONFIG + SECOND)
    site.write("list.csv", "email\na@example.org\n")
    for command in (("add", "a@example.org"), ("import", "list.csv")):
        done = site.subscribers(*command, *CONSENT)
        assert done.returncode == 2
        assert done.stderr.endswith("is not said\nhint: --digest: daily, weekly\n")


PEOPLE = """\
uuid,email,name,attributes,status,created_at,updated_at
1,a@example.org,'=1+1,{},enabled,2023-04-21 11:16:57 +0000 UTC,
2,left@example.org,B,{},blocklisted,2023-04-21 11:16:57 +0000 UTC,
3,nobody,C,{},enabled,2023-04-21 11:16:57 +0000 UTC,
4,A@example.org,A,{},enabled,2023-04-21 11:16:57 +0000 UTC,
5,left@example.org,B,{},enabled,2023-04-21 11:16:57 +0000 UTC,
"""
REFUSED = (
    "people.csv:4: nobody: must have something on both sides of an @\n"
    "people.csv:6: left@example.org: is unsubscribed and is not brought back\n"
)


def test_a_file_is_imported_and_each_line_that_is_refused_is_named(site: Site) -> None:
    site.write("people.csv", PEOPLE)
    rehearsed = site.subscribers("import", "people.csv", *CONSENT, "--dry-run")
    counts = "1 added, 1 known already, 1 kept as not to be mailed, 2 refused\n"
    assert (rehearsed.returncode, rehearsed.stderr) == (1, REFUSED)
    assert rehearsed.stdout == counts + "Dry run: nothing was written.\n"
    assert not (site.folder / "data").exists()
    done = site.subscribers("import", "people.csv", *CONSENT)
    assert (done.returncode, done.stdout, done.stderr) == (1, counts, REFUSED)
    states = {person.address: person.state for person in site.store().subscribers()}
    assert states == {"a@example.org": "active", "left@example.org": "unsubscribed"}
    again = site.subscribers("import", "people.csv", *CONSENT, "--dry-run", "--json")
    assert json.loads(again.stdout) == {"dry_run": True, "added": 0, "known": 3, "left": 0, "refused": 2}


def test_a_dry_run_sees_who_is_there_and_changes_no_byte(site: Site) -> None:
    site.write("people.csv", PEOPLE)
    site.subscribers("erase", "a@example.org")
    before = {path: path.read_bytes() for path in (site.folder / "data").iterdir()}
    done = site.subscribers("import", "people.csv", *CONSENT, "--dry-run")
    assert "people.csv:2: a@example.org: was erased and is not brought back" in done.stderr
    assert {path: path.read_bytes() for path in (site.folder / "data").iterdir()} == before


def test_a_list_may_come_through_a_pipe(site: Site) -> None:
    done = site.subscribers("import", "-", *CONSENT, stdin="email\na@example.org\nb\n")
    assert done.stdout == "1 added, 0 known already, 0 kept as not to be mailed, 1 refused\n"
    assert done.stderr == "stdin:3: b: must have something on both sides of an @\n"
    assert site.store().subscriber_history(1)[0].detail == "daily (import:stdin)"


def test_progress_is_shown_on_a_terminal_and_nowhere_else(site: Site) -> None:
    rows = "".join(f"r{number}@example.org\n" for number in range(60_000))
    site.write("people.csv", "email\n" + rows)
    command = [sys.executable, "-m", "publisher", "subscribers", "import", "people.csv", *CONSENT]
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command, cwd=site.folder, env=site.environment, stdout=subprocess.PIPE, stderr=theirs
    )
    os.close(theirs)
    seen = bytearray()
    while True:
        try:
            seen += os.read(ours, 1 << 16)
        except OSError:  # the other side was closed
            break
    os.close(ours)
    out, _ = process.communicate()
    assert (process.returncode, out.split(b" added")[0]) == (0, b"60,000")
    assert b"importing" in seen


def test_what_is_exported_can_be_imported_elsewhere(
    site: Site, tmp_path_factory: pytest.TempPathFactory
) -> None:
    site.configure(CONFIG + SECOND)
    site.subscribers("add", "=a@example.org", *CONSENT, "--digest", "daily", "--keywords", "=1+1,Y tế")
    site.subscribers("add", "b@example.org", *CONSENT, "--digest", "daily", "--digest", "weekly")
    site.subscribers("remove", "b@example.org", "--digest", "weekly")
    site.subscribers("add", "c@example.org", *CONSENT, "--digest", "weekly")
    site.subscribers("remove", "c@example.org")
    assert site.subscribers("export", "all.json").stdout == ""
    assert (site.folder / "all.json").stat().st_mode & 0o777 == 0o600
    text = site.subscribers("export").stdout
    rows = list(csv.DictReader(text.splitlines()))
    assert [(row["email"], row["state"], row["digest"], row["keywords"]) for row in rows] == [
        ("'=a@example.org", "active", "daily", "'=1+1,Y tế"),
        ("b@example.org", "active", "daily", ""),
        ("c@example.org", "unsubscribed", "", ""),
    ]
    other = Site(tmp_path_factory.mktemp("other"))
    other.configure(CONFIG + SECOND)
    other.write("all.csv", text)
    assert other.subscribers("import", "all.csv").stdout.startswith("2 added, 0 known already, 1 kept")
    third = Site(tmp_path_factory.mktemp("third"))
    third.configure(CONFIG + SECOND)
    third.write("all.json", (site.folder / "all.json").read_text("utf-8"))
    assert third.subscribers("import", "all.json").stdout.startswith("2 added, 0 known already, 1 kept")
    people = [list(each.store().subscribers(history=True)) for each in (site, other, third)]
    assert [
        [(each.address, each.state, each.subscriptions, each.consent, each.since) for each in found]
        for found in people
    ] == [
        [(each.address, each.state, each.subscriptions, each.consent, each.since) for each in people[0]]
    ] * 3
    before = [event.what for event in people[0][1].history]
    assert [event.what for event in people[2][1].history] == [*before, "subscribed"]
    assert len(site.subscribers("export", "--state", "active", "--digest", "weekly").stdout.splitlines()) == 1


def test_who_is_erased_is_gone_and_kept_out(site: Site) -> None:
    site.subscribers("add", "a@example.org", *CONSENT)
    done = site.subscribers("erase", "A@example.org", "never@example.org", "nobody")
    assert done.returncode == 1
    assert done.stdout == "erased        A@example.org\nkept out      never@example.org\n"
    assert site.subscribers("list").stdout.startswith("Nobody")
    back = site.subscribers("add", "a@example.org", "never@example.org", *CONSENT)
    assert (back.returncode, back.stderr.count("was erased and is not brought back")) == (1, 2)


def test_looking_before_there_is_a_database_makes_none(site: Site) -> None:
    assert site.subscribers("list").stdout.startswith("Nobody")
    assert site.subscribers("export").stdout.count("\n") == 1
    assert not (site.folder / "data").exists()


def test_the_options_have_the_words_of_the_nouns() -> None:
    assert tuple(SubscriberState) == choosing.STATES
    assert tuple(Rhythm) == choosing.RHYTHMS
    assert choosing.WEEKDAYS == values.WEEKDAYS
    assert tuple(WRITERS) == choosing.FORMS
