"""Whatever becomes of the seeds, a run that looks at changes decides what one decides that looks at everything."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from conftest import NOW, Site
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publisher.model import Plan
from publisher.pipeline import Job, plan_run
from publisher.store import Store

BASE = """\
[site]
title = "Tin thử"
url = "https://news.example.org/"

[feeds]
items = 3
{feeds}

[keywords]
found = 0
min_articles = {least}

[[keywords.topic]]
name = "Kiến An"

[[digest]]
name = "daily"
title = "Tin sáng"
schedule = "0 6 * * *"

[mail]
sender = "Tin thử <news@example.org>"
{more}
"""
COMBINED = """
[[feed]]
name = "two"
keywords = ["Một", "Hai"]
match = "any"
"""
WORDS = ["Một", "Hai", "Ba", "Bốn"]
NAMES = st.sampled_from([f"{letter}.txt" for letter in "abcdefghij"])
STEP = st.one_of(
    st.tuples(
        st.just("write"),
        NAMES,
        st.sampled_from(["Tiêu đề", "Kiến An", "Nước", "Đường"]),
        st.sampled_from(["01/05/2023", "02/06/2023", "30/06/2023", "01/12/2026", "25/11/2026"]),
        st.lists(st.sampled_from(WORDS), max_size=3, unique=True),
        st.sampled_from(
            ["Thân bài.", "Thân khác. Câu nữa dài. Thêm một câu. Câu thứ tư đây. Câu thứ năm đây."]
        ),
    ),
    st.tuples(st.just("spoil"), NAMES),
    st.tuples(st.just("drop"), NAMES),
    st.tuples(st.just("move"), NAMES, NAMES),
    st.tuples(st.just("touch"), NAMES),
    st.tuples(st.just("wait"), st.sampled_from([3600, 12 * 3600, 24 * 3600, 9 * 24 * 3600])),
    st.tuples(st.just("break"), st.sampled_from(["index.html", "feed.atom", "keywords/index.html"])),
)


def carried_out(site: Site, step: tuple[object, ...]) -> timedelta:
    """Do to the seeds or the clock what a step says."""
    what, rest = step[0], step[1:]
    if what == "wait":
        return timedelta(seconds=float(str(rest[0])))
    if what == "write":
        name, title, date, words, body = rest
        tail = f"\nTừ khóa: {', '.join(words)}\n" if words else ""  # type: ignore[arg-type]
        site.write(str(name), f"{title}\n\n17:26 {date}\n\n{body}\n{tail}")
        return timedelta()
    file = (site.output if what == "break" else site.seeds) / str(rest[0])
    if what == "spoil":
        file.write_bytes(b"\0\1\2")
    elif file.exists():
        if what == "move":
            file.rename(site.seeds / str(rest[1]))
        elif what == "touch":
            os.utime(file, ns=(1, 1))
        else:
            file.unlink()
    return timedelta()


def whole(site: Site, at: datetime) -> Job:
    """The plan of a store that does not know that everything stands, so that it looks at everything."""
    with Store.rehearsal(site.config.database_file) as store:
        store.record_settings({"stands": ""})
        return plan_run(site.config, store, at, force=True)


def comparable(plan: Plan) -> Plan:
    """The plan without what only those documents need that are not made."""
    feeds = tuple(
        replace(feed, archives=(), count=0 if feed.folder.startswith("feeds/") else feed.count)
        for feed in plan.catalogue
    )
    return replace(plan, catalogue=feeds)


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(
    steps=st.lists(st.lists(STEP, min_size=1, max_size=4), min_size=2, max_size=5),
    archives=st.booleans(),
    combined=st.booleans(),
    least=st.sampled_from([1, 1, 2]),
)
def test_plans_of_changes_are_plans_of_everything(
    steps: list[list[tuple[object, ...]]], archives: bool, combined: bool, least: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        site, at = Site(Path(folder) / "site"), NOW
        feeds = f"archives = {str(archives).lower()}"
        site.configure(BASE.format(feeds=feeds, least=least, more=COMBINED if combined else ""))
        for number, letter in enumerate("klmnop"):
            site.write(
                f"{letter}.txt",
                f"Bài {letter}\n\n17:26 0{number + 1}/05/2023\n\nThân {letter}.\n\nTừ khóa: {WORDS[number % 3]}\n",
            )
        site.run(at)
        for some in steps:
            for step in some:
                at += carried_out(site, step)
            with site.reading() as store:
                narrow = plan_run(site.config, store, at, force=True)
            assert comparable(narrow.plan) == comparable(whole(site, at).plan)
            site.run(at, force=True)
            assert not site.plan(at).plan.documents
