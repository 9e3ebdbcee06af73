"""What docs/howto/web-server.md has people write, in the servers that it is written for, and our own server."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import brotli
import pytest
from caddyserver import CADDY, CaddyServer
from conftest import NOW, Site, demand
from documented import NGINX_SITE, WEB_SERVER, blocks, within
from subscribers import READERS
from webapp import WebApp
from webserver import NGINX, WebServer

from publisher import schedules
from publisher.config import Schedule

BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
FEEDS = ("feed.rss", "feed.atom", "feed.json", "keywords/giao-thong/feed.atom", "feeds.opml")
LATER = NOW + timedelta(hours=1)


@dataclass(frozen=True)
class Answer:
    """What came back; header names in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Server:
    """One running server, and the site whose output it serves."""

    connect: Callable[[], HTTPConnection]
    site: Site
    packs: tuple[str, ...]
    """The compressed forms that it sends."""

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        return ask(self.connect(), path, method, **headers)


def ask(connection: HTTPConnection, path: str, method: str = "GET", **headers: str) -> Answer:
    connection.request(method, f"/{path}", headers={k.replace("_", "-"): v for k, v in headers.items()})
    answer = connection.getresponse()
    found = {name.lower(): value for name, value in answer.getheaders()}
    body = answer.read()
    connection.close()
    return Answer(answer.status, found, body)


def published(site: Site) -> Path:
    """A small site with an archived month and a keyword."""
    site.change("[keywords]", "[feeds]\nitems = 1\n\n[keywords]")
    for number, date in enumerate(("08:00 01/09/2026", "08:00 01/10/2026", "08:00 20/11/2026")):
        site.article(f"{number}.txt", f"Tin {number} ở Kiến An", "Giao thông thông suốt.", date=date)
    assert site.run().failures == []
    return site.output


def nginx(folder: Path, site: str = NGINX_SITE, *modules: Path) -> WebServer:
    demand("nginx", NGINX)
    return WebServer(folder, site=site, modules=modules)


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site that no test changes."""
    site = Site(tmp_path_factory.mktemp("news"))
    published(site)
    return site


@pytest.fixture(scope="module")
def plain_nginx(news: Site) -> Iterator[Server]:
    with nginx(news.output) as served:
        yield Server(lambda: to(served), news, ("gzip",))


@pytest.fixture(scope="module")
def nginx_with_brotli(news: Site) -> Iterator[Server]:
    demand("nginx's module for Brotli", str(BROTLI) if BROTLI.exists() else None)
    with nginx(news.output, within(NGINX_SITE, *blocks(WEB_SERVER, "nginx")["Brotli"]), BROTLI) as served:
        yield Server(lambda: to(served), news, ("gzip", "br"))


@pytest.fixture(scope="module")
def caddy(news: Site) -> Iterator[Server]:
    demand("Caddy", CADDY)
    with CaddyServer(news.output, blocks(WEB_SERVER, "caddyfile")["Caddy"][0]) as served:
        yield Server(served.connection, news, ("gzip", "br"))


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    site = Site(tmp_path_factory.mktemp("ours"))
    published(site)
    with WebApp(site) as served:
        site.run()  # the pages lead to the form now
        yield Server(lambda: HTTPConnection("127.0.0.1", served.port, timeout=10), site, ("gzip", "br"))


@pytest.fixture(params=["plain_nginx", "nginx_with_brotli", "caddy", "ours"])
def server(request: pytest.FixtureRequest) -> Server:
    """Each is started once, whatever the order of the tests."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Server)
    return found


def to(served: WebServer) -> HTTPConnection:
    return HTTPConnection("127.0.0.1", served.port, timeout=10)


def test_each_kind_of_file_has_its_type(server: Server) -> None:
    found = {name: server.ask(name).headers["content-type"] for name in ("", "style.css", "icon.png", *FEEDS)}
    assert found == {
        "": "text/html; charset=utf-8",
        "style.css": "text/css; charset=utf-8",
        "icon.png": "image/png",
        "feed.rss": "application/xml; charset=utf-8",
        "feed.atom": "application/xml; charset=utf-8",
        "keywords/giao-thong/feed.atom": "application/xml; charset=utf-8",
        "feed.json": "application/feed+json; charset=utf-8",
        "feeds.opml": "text/x-opml; charset=utf-8",
    }


def test_the_type_of_a_feed_does_not_depend_on_what_is_asked_for(server: Server) -> None:
    for accept in ("text/html, text/*;q=0.9, */*;q=0.5", "application/json", "application/rss+xml"):
        answer = server.ask("feed.rss", Accept=accept)
        assert (answer.status, answer.headers["content-type"]) == (200, "application/xml; charset=utf-8")


@pytest.mark.parametrize("path", [*FEEDS, "", "style.css", "archive/2026/09/feed.atom"])
def test_who_has_the_newest_version_is_sent_nothing(server: Server, path: str) -> None:
    """RFC 9110, sections 13.1.2, 13.1.3, 13.2.2 and 15.4.5."""
    first = server.ask(path, Accept_Encoding="identity")
    tag, date = first.headers["etag"], first.headers["last-modified"]
    assert re.fullmatch('"[^"]+"', tag)
    for condition in (
        {"If_None_Match": tag},
        {"If_None_Match": f"W/{tag}"},
        {"If_None_Match": f'"other", {tag}'},
        {"If_None_Match": "*"},
        {"If_Modified_Since": date},
    ):
        again = server.ask(path, **condition)
        assert (again.status, again.body) == (304, b""), condition
        assert again.headers["etag"] == tag
        assert again.headers["cache-control"] == first.headers["cache-control"]
        assert first.headers["vary"] == "Accept-Encoding"
        # nginx leaves it out where it compresses anew.
        assert again.headers.get("vary") == "Accept-Encoding" or path in ("", "style.css")
    # A date does not count beside an ETag.
    assert server.ask(path, If_None_Match='"other"', If_Modified_Since=date).status == 200


@pytest.mark.parametrize("path", [*FEEDS, "archive/2026/09/feed.rss"])
def test_a_compressed_form_is_the_sibling_and_has_its_own_etag(server: Server, path: str) -> None:
    plain = server.ask(path, Accept_Encoding="identity")
    assert plain.body == (server.site.output / path).read_bytes()
    assert plain.headers["vary"] == "Accept-Encoding"
    tags = {plain.headers["etag"]}
    for packed, suffix, unpack in (("gzip", "gz", gzip.decompress), ("br", "br", brotli.decompress)):
        answer = server.ask(path, Accept_Encoding=packed)
        if packed not in server.packs:
            assert "content-encoding" not in answer.headers
            continue
        assert answer.headers["content-encoding"] == packed
        assert answer.body == (server.site.output / f"{path}.{suffix}").read_bytes()
        assert unpack(answer.body) == plain.body
        for name in ("content-type", "vary", "cache-control", "last-modified"):
            assert answer.headers[name] == plain.headers[name]
        again = server.ask(path, Accept_Encoding=packed, If_None_Match=answer.headers["etag"])
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", answer.headers["etag"])
        assert again.headers["vary"] == "Accept-Encoding"
        tags.add(answer.headers["etag"])
    assert len(tags) == 1 + len(server.packs)
    both = server.ask(path, Accept_Encoding="gzip, deflate, br")
    assert both.headers["content-encoding"] == server.packs[-1]


def test_pages_are_compressed_too(server: Server) -> None:
    answer = server.ask("", Accept_Encoding="gzip")
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(answer.body) == (server.site.output / "index.html").read_bytes()
    again = server.ask("", Accept_Encoding="gzip", If_None_Match=answer.headers["etag"])
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize("path", ["feed.rss", "feed.json", "style.css"])
def test_a_question_for_the_headers_has_those_of_the_document(server: Server, path: str) -> None:
    """RFC 9110, section 9.3.2; the length may be left out where the document is sent in chunks."""
    for packed in ("identity", *(server.packs if path != "style.css" else ())):
        get, head = (server.ask(path, method, Accept_Encoding=packed) for method in ("GET", "HEAD"))
        assert head.body == b""
        for headers in (get.headers, head.headers):
            for name in ("date", "transfer-encoding", "content-length"):
                headers.pop(name, None)
        assert head.headers == get.headers


def test_what_changes_often_is_kept_for_a_short_time(server: Server) -> None:
    ages = {
        path: int(server.ask(path).headers["cache-control"].removeprefix("public, max-age="))
        for path in ("", *FEEDS, "style.css", "feed.css", "icon.png")
    }
    pace = schedules.minutes_between(Schedule().feeds) * 60
    assert {ages[path] for path in FEEDS if "feed." in path} == {pace}
    assert ages[""] <= pace
    assert {ages[path] for path in ("style.css", "feed.css", "icon.png")} == {86400}
    for form in ("rss", "atom", "json"):
        archived = server.ask(f"archive/2026/09/feed.{form}").headers["cache-control"]
        assert archived == "public, max-age=86400"
    assert server.ask("archive/2026/09/").headers["cache-control"] == "public, max-age=300"


def test_readers_within_a_browser_may_fetch_feeds_and_nothing_else(server: Server) -> None:
    for path in FEEDS:
        assert (
            server.ask(path, Origin="https://reader.example.org").headers["access-control-allow-origin"]
            == "*"
        )
    for path in ("", "style.css"):
        assert "access-control-allow-origin" not in server.ask(path).headers


def test_no_answer_lets_a_script_run_or_a_type_be_guessed(server: Server) -> None:
    for path in ("", "style.css", "nothing-here/", *FEEDS):
        headers = server.ask(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "script-src" not in headers["content-security-policy"]
        assert "set-cookie" not in headers


@pytest.mark.parametrize(
    "path",
    ["keywords/nothing/feed.atom", ".unfinished/1", "../config.toml", "..%2fconfig.toml", "nothing/"],
)
def test_what_is_not_published_is_not_found(server: Server, path: str) -> None:
    (server.site.output / ".unfinished").mkdir(exist_ok=True)
    (server.site.output / ".unfinished/1").write_bytes(b"half a feed")
    answer = server.ask(path)
    assert answer.status in (400, 404)
    assert b"half" not in answer.body
    assert b"[site]" not in answer.body


def test_a_run_without_news_leaves_what_readers_have_the_newest(server: Server) -> None:
    before = {path: server.ask(path).headers["etag"] for path in FEEDS}
    assert server.site.run(LATER).counts["files written"] == 0
    for path, tag in before.items():
        assert server.ask(path, If_None_Match=tag).status == 304


@pytest.mark.parametrize("serve", [nginx, WebApp])
@pytest.mark.parametrize("form", ["rss", "atom"])
@pytest.mark.parametrize("name", READERS)
def test_readers_take_a_feed_that_is_sent_as_xml(
    site: Site, name: str, form: str, tmp_path: Path, serve: Callable[..., WebServer | WebApp]
) -> None:
    habits = READERS[name]
    if habits.kind.program is not None:
        demand(habits.kind.program, shutil.which(habits.kind.program))
    folder = published(site)
    with serve(folder if serve is nginx else site) as served:
        subscriber = habits.kind(tmp_path / "subscriber")
        subscriber.subscribe(f"{served.url}feed.{form}")
        for _ in habits.answers:
            subscriber.poll()
        assert {shown.title for shown in subscriber.shown().values()} == {"Tin 2 ở Kiến An"}
        assert served.statuses(f"/feed.{form}") == habits.answers
        subscriber.close()


def test_a_site_that_moved_leads_each_address_to_its_new_one(news: Site) -> None:
    (moved,) = blocks(WEB_SERVER, "nginx")["The site moves"]
    with nginx(news.output, NGINX_SITE + moved) as served:
        for path in ("feed.rss", "keywords/giao-thong/feed.atom", "articles/?a=b"):
            answer = ask(to(served), path, Host="old.example.org")
            assert (answer.status, answer.headers["location"]) == (301, f"https://news.example.org/{path}")
        assert ask(to(served), "feed.rss", Host="news.example.org").status == 200


def test_a_feed_that_ended_is_gone(news: Site) -> None:
    with nginx(news.output, within(NGINX_SITE, *blocks(WEB_SERVER, "nginx")["A feed ends"])) as served:
        assert ask(to(served), "feeds/old-name/feed.atom").status == 410
        assert ask(to(served), "feeds/").status == 200


def test_the_notice_of_a_withdrawn_article_is_sent_as_gone_where_that_is_asked_for(site: Site) -> None:
    folder = published(site)
    page = next(folder.glob("articles/2026/10/01/*/index.html"))
    address = page.parent.relative_to(folder).as_posix() + "/"
    (site.seeds / "1.txt").unlink()
    site.run(LATER)
    with nginx(folder) as served:
        plain = ask(to(served), address)
    assert (plain.status, plain.body) == (200, page.read_bytes())
    (script,) = blocks(WEB_SERVER, "sh")["Withdrawn articles"]
    subprocess.run(script, shell=True, check=True, cwd=site.root, env={"PATH": os.environ["PATH"]})
    assert (site.root / "gone.map").read_text() == f"/{address} 1;\n"
    before, inside = blocks(WEB_SERVER, "nginx")["Withdrawn articles"]
    text = before.replace("/srv/news/gone.map", str(site.root / "gone.map")) + within(NGINX_SITE, inside)
    with nginx(folder, text) as served:
        gone = ask(to(served), address)
        others = [
            f"{path.parent.relative_to(folder)}/" for path in folder.glob("articles/*/*/*/*/index.html")
        ]
        assert {path: ask(to(served), path).status for path in others} == {
            path: 410 if path == address else 200 for path in others
        }
    assert (gone.status, gone.body) == (410, page.read_bytes())
    assert len(others) == 3


def test_behind_nginx_our_server_knows_who_asks(site: Site) -> None:
    published(site)
    (proxied,) = blocks("docs/howto/operate.md", "nginx")["Behind nginx"]
    with WebApp(site, web='proxies = ["127.0.0.1/32"]\nattempts_per_network = 1') as ours:
        text = proxied.replace("127.0.0.1:8000", f"127.0.0.1:{ours.port}")
        with nginx(site.output, text) as served:
            first = ask(to(served), "feed.atom", Accept_Encoding="gzip")
            again = ask(to(served), "feed.atom", Accept_Encoding="gzip", If_None_Match=first.headers["etag"])
            assert (first.headers["content-encoding"], again.status) == ("gzip", 304)
            assert ask(to(served), "keywords/kien-an").headers["location"] == "./kien-an/"
            assert ask(to(served), "subscribe").status == 200
            body = f"form={ours.mark()}&address=mai@example.com&digest=daily"
            statuses = []
            for forged in ("198.51.100.7", "198.51.100.8"):
                connection, form = to(served), "application/x-www-form-urlencoded"
                connection.request(
                    "POST", "/subscribe", body, {"Content-Type": form, "X-Forwarded-For": forged}
                )
                statuses.append(connection.getresponse().status)
                connection.close()
            assert statuses == [200, 429]


def test_nginx_serves_the_files_and_passes_the_rest_on(site: Site) -> None:
    folder = published(site)
    (passed,) = blocks(WEB_SERVER, "nginx")["With `publish serve`"]
    with WebApp(site, web='proxies = ["127.0.0.1/32"]') as ours:
        inside = passed.replace("127.0.0.1:8000", f"127.0.0.1:{ours.port}")
        with nginx(folder, within(NGINX_SITE, inside)) as served:
            assert ask(to(served), "feed.atom").body == (folder / "feed.atom").read_bytes()
            assert ours.statuses("/feed.atom") == []
            form = ask(to(served), "subscribe?lang=en")
            assert form.status == 200
            assert b"Subscribe by e-mail" in form.body
            assert ask(to(served), "unsubscribe/x").status == 404
            assert ours.statuses("/unsubscribe/x") == [404]
            assert ask(to(served), "subscribers.html").status == 404
            assert ours.statuses("/subscribers.html") == []


def test_the_web_server_names_the_hubs_of_feeds_that_get_news(news: Site) -> None:
    before, inside = blocks("docs/howto/websub.md", "nginx")["Let the web server say it too"]
    with nginx(news.output, before + within(NGINX_SITE, inside)) as served:
        for path in ("feed.rss", "keywords/giao-thong/feed.json"):
            answer = ask(to(served), path)
            assert answer.headers["link"] == (
                '<https://pubsubhubbub.appspot.com/>; rel="hub", '
                f'<https://news.example.org/{path}>; rel="self"'
            )
            assert answer.headers["access-control-allow-origin"] == "*"
        for path in ("", "archive/2026/09/feed.rss", "feeds.opml"):
            assert "link" not in ask(to(served), path).headers
