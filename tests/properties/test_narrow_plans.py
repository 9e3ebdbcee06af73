"""Whatever becomes of the seeds, a run that looks at changes decides what one decides that looks at everything."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from conftest import NOW, Site
from hypothesis import HealthCheck, example, given, settings
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
found = {found}
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
        site.configure(BASE.format(feeds=feeds, least=least, found=0, more=COMBINED if combined else ""))
        for number, letter in enumerate("klmnop"):
            site.write(
                f"{letter}.txt",
                f"Bài {letter}\n\n17:26 0{number + 1}/05/2023\n\nThân {letter}.\n\nTừ khóa: {WORDS[number % 3]}\n",
            )
        site.run(at)
        alike_after_each(site, at, steps)


def alike_after_each(site: Site, at: datetime, steps: list[list[tuple[object, ...]]]) -> None:
    for some in steps:
        for step in some:
            at += carried_out(site, step)
        with site.reading() as store:
            narrow = plan_run(site.config, store, at, force=True)
        assert comparable(narrow.plan) == comparable(whole(site, at).plan)
        site.run(at, force=True)
        assert not site.plan(at).plan.documents


PLACES = ["Hải Phòng", "Nam Định", "Đồng Nai", "Lào Cai"]
FOUND_STEP = st.one_of(
    st.tuples(
        st.just("write"),
        NAMES,
        st.just("Nước"),
        st.sampled_from(["01/05/2023", "30/06/2023", "25/11/2026"]),
        st.one_of(st.just([]), st.just([]), st.just([]), st.lists(st.sampled_from(PLACES), max_size=1)),
        st.lists(st.sampled_from([*PLACES, "Kiến Thụy"]), min_size=1, max_size=3, unique=True).map(
            lambda some: " ".join(f"Ở {name} có bão. Gió về {name}." for name in some)
        ),
    ),
    st.tuples(st.just("drop"), NAMES),
    st.tuples(st.just("wait"), st.just(24 * 3600)),
)


def spoken(name: str, *places: str) -> tuple[object, ...]:
    body = " ".join(f"Ở {place} có bão. Gió về {place}." for place in places)
    return ("write", name, "Nước", "01/05/2023", [], body)


COMES_AND_GOES = [
    [spoken("a.txt", "Hải Phòng")],
    [spoken("b.txt", "Hải Phòng", "Nam Định")],
    [("drop", "a.txt")],
]


@settings(deadline=None, max_examples=8, suppress_health_check=list(HealthCheck))
@example(COMES_AND_GOES, 104, 2)
@example(COMES_AND_GOES, 99, 1)
@example(COMES_AND_GOES, 100, 24)
@given(
    steps=st.lists(st.lists(FOUND_STEP, min_size=1, max_size=5), min_size=2, max_size=4),
    texts=st.sampled_from([97, 99, 104]),
    often=st.sampled_from([2, 24, 25]),
)
def test_so_they_are_where_frequencies_decide_which_keywords_have_pages(
    steps: list[list[tuple[object, ...]]], texts: int, often: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder) / "site")
        site.configure(BASE.format(feeds="archives = false", least=1, found=2, more=""))
        lines = []
        for number in range(texts):
            place = PLACES[0] if number < often else f"{chr(65 + number // 26)}anh {chr(65 + number % 26)}ung"
            body = f"Ở {place} có bão số {number}. Gió về {place}."
            date = f"2023-05-{number % 28 + 1:02}T10:00:00+07:00"
            lines.append(json.dumps({"title": f"Bài {number}", "date": date, "text": body}))
        site.write("many.jsonl", "\n".join(lines))
        site.run(NOW)
        alike_after_each(site, NOW, steps)
