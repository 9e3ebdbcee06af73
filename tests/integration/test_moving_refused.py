"""Copies that cannot be: each is refused with what is wrong and what to do, and nothing is changed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Site
from databases import DATABASES, Raw, fresh
from movings import SQLITE, go, publish, tables_in

from publisher.store import Store, locks


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site with one article, on SQLite."""
    made = Site(tmp_path / "site")
    made.article("a.txt", "Một tin")
    made.run()
    return made


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with fresh("postgresql", tmp_path) as found:
        assert isinstance(found, str)
        yield found


@pytest.fixture
def second(tmp_path: Path) -> Iterator[str]:
    with fresh("postgresql", tmp_path) as found:
        assert isinstance(found, str)
        yield found


def refused(site: Site, source: str, target: str) -> list[str]:
    """What is said of a copy that cannot be."""
    done = publish(site, "db", "copy", source, target)
    assert done.returncode in (1, 2)
    assert (done.stdout, "Traceback" in done.stderr) == ("", False)
    return done.stderr.splitlines()


def test_a_target_that_holds_anything_is_refused(site: Site, url: str, second: str) -> None:
    full = f"{url}: holds something already: "
    empty = "hint: name an empty database; createdb --encoding=UTF8 NAME makes one"
    with closing(Raw(url)) as raw:
        raw.execute("CREATE TABLE guestbook (name TEXT)")
        assert refused(site, SQLITE, url) == [f"{full}guestbook", empty]
        raw.execute("DROP TABLE guestbook")
    Store.upgrade(url)
    Store.open(url).record_settings({"a": "b"})
    assert refused(site, SQLITE, url) == [f"{full}setting", empty]
    go(site.config.database_file, second)
    assert refused(site, second, second) == [
        "FROM and TO are the same database",
        "hint: name an empty one as TO",
    ]
    lines = refused(site, second, f"{second}&connect_timeout=9")
    assert re.search("holds something already: article, .* and 9 more$", lines[0])
    file = site.config.database_file
    assert refused(site, second, SQLITE) == [f"{file}: stands there already", "hint: name another file"]
    lines = refused(site, second, "sqlite:///nowhere/a.db")
    assert lines == [f"{site.root}/nowhere/a.db: no such folder", "hint: create it"]


def test_a_source_that_is_none_is_refused_and_nothing_is_made(site: Site, url: str, second: str) -> None:
    name = "hint: name the database of the site as FROM"
    assert refused(site, "sqlite:///data/none.db", url) == ["sqlite:///data/none.db: no such file", name]
    (site.root / "data/other.db").write_bytes(b"")
    assert refused(site, "sqlite:///data/other.db", url) == [
        "sqlite:///data/other.db: not a database of this program",
        "hint: name another",
    ]
    (site.root / "data/other.db").write_bytes(b"text" * 999)
    assert refused(site, "sqlite:///data/other.db", url) == [
        "the database cannot be used: file is not a database",
        "hint: put a backup of it in place",
    ]
    assert refused(site, second, url)[0] == f"{second}: not a database of this program"
    assert [tables_in(each) for each in (url, second)] == [0, 0]


@pytest.mark.parametrize("kind", DATABASES)
def test_another_schema_on_either_side_is_refused_with_what_mends_it(
    site: Site, url: str, second: str, kind: str
) -> None:
    source = SQLITE if kind == "sqlite" else second
    if kind == "postgresql":
        go(site.config.database_file, second)
    place = site.config.database_file if kind == "sqlite" else second
    mend = "hint: publish db upgrade, with this database in config.toml"
    with closing(Raw(place)) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '0010'")
        assert re.fullmatch(
            rf"{re.escape(source)}: schema 0010, this program needs \d+\n{mend}",
            "\n".join(refused(site, source, url)),
        )
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
        lines = refused(site, source, url)
        assert lines[0].startswith(f"{source}: the database has schema 9999, this program knows ")
        assert lines[1] == "hint: install the newer publisher"
    assert tables_in(url) == 0
    Store.upgrade(url)
    with closing(Raw(url)) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '0010'")
    assert refused(site, SQLITE, url)[1] == (mend if kind == "postgresql" else refused(site, source, url)[1])


@pytest.mark.parametrize("kind", ["serving", "lock", "sending"])
@pytest.mark.parametrize("on", DATABASES)
def test_whoever_is_at_work_on_the_source_is_named(
    site: Site, url: str, second: str, kind: str, on: str
) -> None:
    place: Path | str = site.config.database_file
    if on == "postgresql":
        go(place, second)
        place = second
    doing = "publish" if kind == "sending" else "publish serve"
    at_work = locks.sharing(place, kind) if kind == "sending" else locks.held(place, kind, doing)
    with at_work:
        lines = refused(site, SQLITE if on == "sqlite" else second, url)
    if kind == "sending" and on == "sqlite":
        assert lines[0] == "the site is in use: a process sends mail"
    else:
        assert lines[0].startswith(f"the site is in use: process {os.getpid()} ({doing})")
    assert tables_in(url) == 0
    assert publish(site, "db", "copy", SQLITE if on == "sqlite" else second, url).returncode == 0


def test_whoever_is_at_work_on_the_target_is_named(site: Site, url: str) -> None:
    with locks.held(url, "serving", "publish serve"):
        assert refused(site, SQLITE, url)[0].startswith(f"the site is in use: process {os.getpid()} (pub")


def test_a_password_is_never_shown(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    host = f"h/news?host={tmp_path}"
    for wrong in (f"postgresql://press:geheim@{host}", f"postgresql://press@{host}&password=geheim"):
        for pair in ((SQLITE, wrong), (wrong, SQLITE)):
            lines = refused(site, *pair)
            assert "must be without a password" in lines[0]
            assert "geheim" not in "".join(lines)
    monkeypatch.setenv("PUBLISHER_DATABASE_PASSWORD", "geheim")
    lines = refused(site, SQLITE, f"postgresql://press@{host}&sslpassword=geheim")
    assert lines[0].startswith("the database cannot be used: ")
    assert "geheim" not in "".join(lines)


@pytest.mark.parametrize("wrong", ["data/publisher.db", "mysql://a@b/c", "sqlite:///", "postgresql://host"])
def test_what_is_no_url_of_a_database_is_refused_as_in_the_configuration(site: Site, wrong: str) -> None:
    for pair in ((SQLITE, wrong), (wrong, SQLITE)):
        assert re.match("(FROM|TO): (must begin with sqlite:///|names no file)", refused(site, *pair)[0])
