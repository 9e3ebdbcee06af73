"""The output tree over HTTP, from our own server."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import brotli
import feedparser
import pytest
from conftest import NOW, Site
from webapp import WebApp, copied, raw

from publisher.output import Folder

TEXT = ("<p>Thân bài: giao thông.</p>\n" * 400).encode()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site with an article after one run, to be copied."""
    site = Site(tmp_path_factory.mktemp("made") / "site")
    site.article("one.txt", "Giao thông Kiến An", "Giao thông ở Kiến An. " * 60)
    assert site.run().failures == []
    return site


@pytest.fixture
def published(made: Site, tmp_path: Path) -> Site:
    return copied(made, tmp_path / "published")


@pytest.fixture
def web(published: Site) -> Iterator[WebApp]:
    with WebApp(published) as running:
        yield running


@pytest.fixture(scope="module")
def still(made: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebApp]:
    """One for all tests that change nothing, or only add what no other looks at."""
    with WebApp(copied(made, tmp_path_factory.mktemp("still") / "site")) as running:
        yield running


@pytest.mark.parametrize(
    ("path", "type_", "keeps"),
    [
        ("/", "text/html; charset=utf-8", 300),
        ("/feeds/", "text/html; charset=utf-8", 300),
        ("/feed.rss", "application/xml; charset=utf-8", 900),
        ("/feed.atom", "application/xml; charset=utf-8", 900),
        ("/keywords/kien-an/feed.json", "application/feed+json; charset=utf-8", 900),
        ("/feeds.opml", "text/x-opml; charset=utf-8", 300),
        ("/style.css", "text/css; charset=utf-8", 86400),
        ("/icon.png", "image/png", 86400),
    ],
)
def test_each_kind_of_file_has_its_type_and_its_time(
    still: WebApp, path: str, type_: str, keeps: int
) -> None:
    answer = still.get(path)
    assert answer.status == 200
    assert answer.headers["content-type"] == type_
    assert answer.headers["cache-control"] == f"public, max-age={keeps}"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    feed = path.endswith((".rss", ".atom", ".json", ".opml"))
    assert answer.headers.get("access-control-allow-origin") == ("*" if feed else None)


def test_a_file_comes_whole_with_its_length_and_time(still: WebApp) -> None:
    file = still.folder.output / "feed.atom"
    answer = still.get("/feed.atom")
    assert answer.body == file.read_bytes()
    assert answer.headers["content-length"] == str(file.stat().st_size)
    assert answer.headers["etag"].startswith('"')
    assert answer.headers["vary"] == "Accept-Encoding"


def test_what_has_not_changed_is_not_sent_again(still: WebApp) -> None:
    first = still.get("/feed.atom")
    for headers in (
        {"If_None_Match": first.headers["etag"]},
        {"If_None_Match": f'"old", W/{first.headers["etag"]}'},
        {"If_Modified_Since": first.headers["last-modified"]},
    ):
        again = still.get("/feed.atom", **headers)
        assert (again.status, again.body) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert again.headers["cache-control"] == first.headers["cache-control"]
        assert "content-type" not in again.headers
    other = still.get("/feed.atom", If_None_Match='"old"', If_Modified_Since=first.headers["last-modified"])
    assert other.status == 200


def test_a_compressed_answer_is_the_same_and_has_a_tag_of_its_own(still: WebApp) -> None:
    plain = still.get("/feed.atom")
    packed = still.get("/feed.atom", Accept_Encoding="gzip")
    better = still.get("/feed.atom", Accept_Encoding="gzip, br")
    assert gzip.decompress(packed.body) == brotli.decompress(better.body) == plain.body
    assert (packed.headers["content-encoding"], better.headers["content-encoding"]) == ("gzip", "br")
    tags = {answer.headers["etag"] for answer in (plain, packed, better)}
    assert len(tags) == 3
    assert still.get("/feed.atom", Accept_Encoding="br", If_None_Match=packed.headers["etag"]).status == 200
    assert still.get("/feed.atom", Accept_Encoding="gzip", If_None_Match=packed.headers["etag"]).status == 304


def test_the_siblings_are_sent_as_they_stand_and_pages_are_packed_as_well(still: WebApp) -> None:
    assert (
        still.get("/feed.rss", Accept_Encoding="gzip").body
        == (still.folder.output / "feed.rss.gz").read_bytes()
    )
    page = still.get("/", Accept_Encoding="gzip")
    assert gzip.decompress(page.body) == (still.folder.output / "index.html").read_bytes()
    assert "content-encoding" not in still.get("/icon.png", Accept_Encoding="gzip, br").headers


def test_a_sibling_of_an_older_file_is_never_sent(web: WebApp) -> None:
    file = web.folder.output / "feed.atom"
    old = web.get("/feed.atom", Accept_Encoding="gzip")
    fresh = file.parent / "fresh"
    fresh.write_bytes(TEXT)
    os.replace(fresh, file)
    answer = web.get("/feed.atom", Accept_Encoding="gzip")
    assert gzip.decompress(answer.body) == TEXT
    assert answer.headers["etag"] != old.headers["etag"]


def test_a_replaced_file_is_noticed_at_once_even_with_the_same_size_and_time(web: WebApp) -> None:
    file = web.folder.output / "feed.json"
    state = file.stat()
    for number in range(20):
        content = bytes([65 + number]) * state.st_size
        fresh = file.parent / "fresh"
        fresh.write_bytes(content)
        os.utime(fresh, ns=(state.st_mtime_ns, state.st_mtime_ns))
        os.replace(fresh, file)
        answer = web.get("/feed.json")
        assert answer.body == content


def test_a_feed_that_a_run_changed_is_new_at_once(web: WebApp) -> None:
    before = web.get("/feed.atom")
    web.folder.article("two.txt", "Tin mới", "Kiến An.")
    web.folder.run(NOW + timedelta(minutes=1))
    after = web.get("/feed.atom", If_None_Match=before.headers["etag"])
    assert after.status == 200
    assert "Tin mới" in after.text


def test_head_says_what_get_would_without_a_body(still: WebApp) -> None:
    for path in ("/feed.atom", "/", "/icon.png", "/nowhere"):
        head, get = still.ask("HEAD", path), still.get(path)
        assert (head.status, head.body) == (get.status, b"")
        assert {**head.headers, "date": ""} == {**get.headers, "date": ""}


def test_a_part_of_a_file_can_be_had(still: WebApp) -> None:
    whole = still.get("/icon.png")
    part = still.get("/icon.png", Range="bytes=10-19")
    assert (part.status, part.body) == (206, whole.body[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole.body)}"
    assert part.headers["content-length"] == "10"
    assert still.get("/icon.png", Range="bytes=-4").body == whole.body[-4:]
    behind = still.get("/icon.png", Range=f"bytes={len(whole.body)}-")
    assert (behind.status, behind.headers["content-range"]) == (416, f"bytes */{len(whole.body)}")
    old = still.get("/icon.png", Range="bytes=0-1", If_Range='"old"')
    assert (old.status, old.body) == (200, whole.body)
    packed = still.get("/feed.atom", Range="bytes=0-4", Accept_Encoding="gzip")
    assert (packed.status, packed.body) == (206, b"<?xml")
    assert still.ask("HEAD", "/icon.png", {"Range": "bytes=0-1"}).status == 200


def test_a_large_picture_is_sent_in_pieces_and_in_parts(still: WebApp) -> None:
    content = os.urandom(3 << 20)
    (still.folder.output / "large.png").write_bytes(content)
    answer = still.get("/large.png", Accept_Encoding="gzip")
    assert answer.body == content
    assert still.get("/large.png", Range="bytes=1000000-2999999").body == content[1_000_000:3_000_000]
    assert still.get("/large.png", If_None_Match=answer.headers["etag"]).status == 304


def test_a_folder_without_its_slash_leads_to_its_page(still: WebApp) -> None:
    answer = still.get("/keywords/kien-an?from=mail")
    assert (answer.status, answer.headers["location"]) == (308, "./kien-an/?from=mail")
    assert still.get("/keywords/kien-an/").status == 200
    assert still.get("/articles/").status == 404
    assert still.get("/articles").status == 404
    assert still.get("/feed.atom/").status == 404


def test_a_withdrawn_article_is_gone_with_its_notice_and_comes_back_with_its_seed(web: WebApp) -> None:
    (listing,) = web.folder.plan(NOW).known.listings.values()
    page = f"/{listing.page}"
    seen = web.get(page, Accept_Encoding="gzip")
    assert seen.status == 200
    seed = web.folder.seeds / "one.txt"
    content = seed.read_bytes()
    web.folder.article("other.txt", "Bài khác")
    web.folder.run(NOW)
    seed.unlink()
    web.folder.run(NOW + timedelta(minutes=1), force=True)
    gone = web.get(page, Accept_Encoding="gzip", If_None_Match=seen.headers["etag"])
    assert gone.status == 410
    assert "Bài viết đã được gỡ" in gzip.decompress(gone.body).decode()
    assert "etag" not in gone.headers
    assert web.ask("HEAD", page).status == 410
    assert web.get(page, Range="bytes=0-3").status == 410
    seed.write_bytes(content)
    web.folder.run(NOW + timedelta(minutes=2))
    assert web.get(page).status == 200


def test_what_is_not_there_is_said_in_the_readers_language_and_the_look_of_the_site(still: WebApp) -> None:
    answer = still.get("/a/b/c", Accept_Language="en-GB, en;q=0.9")
    assert answer.status == 404
    assert 'lang="en"' in answer.text
    assert "Page not found" in answer.text
    assert 'href="../../style.css"' in answer.text
    assert "Không tìm thấy trang" in still.get("/a").text
    assert answer.headers["cache-control"] == "no-store"


HIDDEN = (
    "/.unfinished/123",
    "/.htaccess",
    "/keywords/.hidden",
    "/../config.toml",
    "/%2e%2e/config.toml",
    "/keywords/../../config.toml",
    "/keywords/%2e%2e/%2e%2e/config.toml",
    "/..%2fconfig.toml",
    "/..%5cconfig.toml",
    "/keywords/..%2F..%2Fconfig.toml",
    "/%252e%252e/config.toml",
    "//config.toml",
    "/./config.toml",
    "/keywords//kien-an/",
    "/feed.atom%00.html",
    "/%ff%fe",
    "/%c0%ae%c0%ae/config.toml",
    "/\\..\\config.toml",
    "/link-out",
    "/folder-out/config.toml",
    "/" + "a" * 5000,
    "/" + "a/" * 2000,
)


@pytest.mark.parametrize("path", HIDDEN, ids=lambda path: path[:40])
def test_nothing_leads_out_of_the_folder_nor_to_what_is_hidden(still: WebApp, path: str) -> None:
    output = still.folder.output
    for hidden in (".unfinished/123", ".htaccess", "keywords/.hidden"):
        (output / hidden).parent.mkdir(exist_ok=True)
        (output / hidden).write_text("title = secret", encoding="utf-8")
    for name, target in (("link-out", "config.toml"), ("folder-out", ".")):
        if not (output / name).is_symlink():
            (output / name).symlink_to(still.folder.root / target)
    answer = raw(still.port, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert answer.split(b"\r\n")[0] in (
        b"HTTP/1.1 404 Not Found",
        b"HTTP/1.1 400 Bad Request",
        b"HTTP/1.1 414 URI Too Long",
    )
    assert b"title =" not in answer


def test_a_link_within_the_folder_is_followed(still: WebApp) -> None:
    (still.folder.output / "newest.atom").symlink_to(still.folder.output / "feed.atom")
    assert still.get("/newest.atom").body == (still.folder.output / "feed.atom").read_bytes()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_files_are_only_read(still: WebApp, method: str) -> None:
    answer = still.ask(method, "/feed.atom")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


def test_the_memory_that_files_take_is_bounded(published: Site) -> None:
    from publisher.web.shelf import Shelf

    folder = Folder(published.output)
    shelf = Shelf(published.output, 300_000, 900, lambda page: False, [])
    for number in range(50):
        folder.put(f"many/{number}.html", TEXT + str(number).encode())
    for _ in range(2):
        for number in range(50):
            path = f"/many/{number}.html".encode()
            entry = shelf.at_hand(path) or shelf.find(path)
            assert entry is not None
            for coding in ("", "gz", "br"):
                variant = shelf.make(entry, coding)
                assert variant is not None
                entry.variants[coding] = variant
                shelf.keep(path, entry)
                assert shelf.held <= 300_000
    kept = [shelf.at_hand(f"/many/{number}.html".encode()) for number in range(50)]
    assert shelf.held == sum(entry.kept for entry in kept if entry)
    assert shelf.at_hand(b"/many/49.html") is not None
    assert shelf.at_hand(b"/many/0.html") is None


@pytest.mark.parametrize("name", ["feed.rss", "feed.atom", "keywords/kien-an/feed.atom"])
def test_feedparser_gets_304_when_it_asks_again(still: WebApp, name: str) -> None:
    first = feedparser.parse(still.url + name)
    assert (first.status, len(first.entries), first.bozo) == (200, 1, False)
    assert feedparser.parse(still.url + name, etag=first.etag).status == 304
    assert feedparser.parse(still.url + name, modified=first.modified).status == 304
    both = feedparser.parse(still.url + name, etag=first.etag, modified=first.modified)
    assert (both.status, both.entries) == (304, [])


def test_feeds_that_get_news_name_their_hubs(published: Site) -> None:
    published.change("[keywords]", '[feeds]\nwebsub = ["https://hub.example.org/"]\n\n[keywords]')
    with WebApp(published) as web:
        for path in ("feed.rss", "keywords/kien-an/feed.json"):
            assert web.get(f"/{path}").headers["link"] == (
                f'<https://hub.example.org/>; rel="hub", <https://news.example.org/{path}>; rel="self"'
            )
        for path in ("/", "/feeds.opml", "/style.css"):
            assert "link" not in web.get(path).headers


def test_own_templates_may_have_a_wider_policy(published: Site) -> None:
    with WebApp(published, web="policy = \"default-src 'self'\"") as web:
        assert web.get("/").headers["content-security-policy"] == "default-src 'self'"


def test_forms_on_pages_may_lead_to_the_server_of_reader_pages_only(still: WebApp) -> None:
    policy = still.get("/").headers["content-security-policy"]
    assert f"form-action 'self' {still.url.rstrip('/')};" in policy


def test_a_site_without_its_output_answers_all_the_same(site: Site) -> None:
    with WebApp(site) as web:
        assert web.get("/").status == 404
        assert web.get("/feed.atom").status == 404
