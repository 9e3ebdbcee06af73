"""A site with some weeks behind it, and its console served on a free port of this machine.

Runs, readers, deliveries and reports are real; only the clock is set, and what a relay would have answered.
"""

from __future__ import annotations

import re
import shutil
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn
from conftest import Site as Folder
from httpx import Client, Response

from publisher.config import Config
from publisher.mailboxes import key_of
from publisher.model import DeliveryState, Fetcher, Subscriber, SubscriberState, Subscription
from publisher.pipeline import run
from publisher.render.templates import Templates
from publisher.stopping import Stop
from publisher.store import Store
from publisher.web import Site, application
from publisher.web.site import Progress

PASSWORD = "đèn đỏ thì dừng"
NOW = datetime(2026, 11, 24, 4, 20, tzinfo=UTC)
"""11:20 in Hải Phòng."""
DAYS = 14
READERS = 48

CONFIG = """\
[site]
title = "Bản tin Kiến An"
url = "https://news.example.org/"
description = "Tin tức quận Kiến An"

[seeds]
path = "seeds"

[keywords]
found = 3

[[keywords.topic]]
name = "Giao thông"
any = ["giao thông", "đường bộ"]

[[keywords.topic]]
name = "Giáo dục"
any = ["trường học", "giáo viên", "học sinh"]

[[feed]]
name = "duong-sa"
title = "Đường sá và công trình"
keywords = ["Giao thông"]

[[digest]]
name = "daily"
title = "Tin sáng Kiến An"
schedule = "0 6 * * *"

[[digest]]
name = "weekly"
title = "Tuần qua ở Kiến An"
schedule = "30 17 * * fri"

[mail]
sender = "Bản tin Kiến An <news@example.org>"
"""

NEWS = (
    (
        "Thông xe tuyến đường bộ nối Trường Chinh với Lê Duẩn",
        "Giao thông",
        "Sở Xây dựng mở tuyến đường mới dài 1,2 km.",
    ),
    (
        "Quận Kiến An trao thưởng 120 học sinh giỏi",
        "Giáo dục",
        "Lễ trao thưởng diễn ra tại trường học ở phường Bắc Sơn.",
    ),
    (
        "ANTT: ra quân bảo đảm trật tự dịp cuối năm",
        "ANTT",
        "Lực lượng công an tuần tra ban đêm ở mười phường.",
    ),
    (
        "Mưa lớn, nhiều tuyến phố ngập nửa bánh xe",
        "Thời tiết",
        "Máy bơm được huy động suốt đêm ở ngã tư Quán Trữ.",
    ),
    (
        "Trạm y tế phường Ngọc Sơn tiêm phòng cúm miễn phí",
        "Y tế",
        "Người trên 60 tuổi được ưu tiên trong hai tuần đầu.",
    ),
    (
        "Phiên chợ nông sản sạch mở cửa mỗi sáng thứ Bảy",
        "Kinh tế",
        "Bốn mươi hộ dân đăng ký bán rau, trứng và mật ong.",
    ),
    (
        "Giữ gìn an ninh trật tự ở khu dân cư kiểu mẫu",
        "An ninh trật tự",
        "Tổ dân phố lắp thêm camera ở các ngõ nhỏ.",
    ),
    (
        "Khởi công sửa chữa cầu Niệm trước Tết",
        "Giao thông",
        "Giao thông qua cầu được phân luồng trong ba tháng.",
    ),
)


def filled(root: Path) -> Folder:
    """A site that ran every morning for two weeks; the edition of this morning is held."""
    folder = Folder(root)
    folder.configure(CONFIG)
    store = Store.open(folder.config.database_file)
    start = NOW.replace(hour=23, minute=30) - timedelta(days=DAYS)
    for day in range(DAYS):
        now = start + timedelta(days=day)
        _write(folder, day, now)
        _join(store, day, now)
        if day == DAYS - 1:
            store.hold_next("daily", "held in the console")
        outcome = run(folder.config, lambda now=now: now)
        assert all(
            "quarantine" in line or "thong-bao" in line or "trong" in line for line in outcome.failures
        )
    folder.article(
        "moi.txt",
        "Khánh thành thư viện thiếu nhi phường Lãm Hà",
        "Thư viện mở cửa cả ngày Chủ nhật, có ba nghìn đầu sách.\n\nTừ khóa: Giáo dục",
        "08:15 24/11/2026",
    )
    _mishaps(store)
    return folder


def copied(folder: Folder, root: Path) -> Folder:
    """The same site in another place, to change."""
    copy = Folder(root)
    shutil.copytree(folder.root, root, dirs_exist_ok=True)
    return copy


def _write(folder: Folder, day: int, now: datetime) -> None:
    for number in range(1 + day * 5 % 4):
        title, keyword, body = NEWS[(day * 3 + number) % len(NEWS)]
        moment = now.astimezone(folder.config.zone) - timedelta(hours=2 + 3 * number)
        text = f"{title}\n\n{moment:%H:%M %d/%m/%Y}\n\n{body}\n\nTừ khóa: {keyword}\n"
        folder.write(f"{day:02}-{number}.txt", text)
    if day == DAYS - 1:
        folder.write("11/thong-bao-chua-co-ngay.txt", "Thông báo\n\nBài này quên ghi ngày đăng.\n")
        folder.write("11/trong.txt", "")


def _join(store: Store, day: int, now: datetime) -> None:
    for number in range(day * 4 % 7 + (READERS // DAYS)):
        address = f"doc-gia-{day}-{number}@example.{'org' if number % 2 else 'net'}"
        wishes = (Subscription("daily", ("Giao thông",) if number % 5 == 4 else ()),)
        person = Subscriber(0, address, key_of(address), SubscriberState.ACTIVE, subscriptions=wishes)
        store.admit([person], "import:readers.csv", now)
    if day > 4:
        store.unsubscribe(day * 2, "", "link", now)


def _mishaps(store: Store) -> None:
    """What relays and reports say of some deliveries of some editions."""
    failed, uncertain = DeliveryState.FAILED, DeliveryState.UNCERTAIN
    fates = {
        (2, 1): (failed, "hard bounce: 550 5.1.1 unknown user"),
        (2, 2): (DeliveryState.SENT, "complaint: abuse"),
        (1, 1): (failed, "550 5.7.1 rejected by policy"),
        (1, 2): (failed, "hard bounce: 550 5.1.1 no such mailbox here"),
        (1, 3): (uncertain, "the connection broke before the last reply"),
        (1, 4): (failed, "soft bounce: 452 4.2.2 mailbox full"),
    }
    newest = [each for each in store.editions(10) if each.digest == "daily" and not each.held]
    for (back, place), (state, reason) in fates.items():
        edition = newest[back - 1]
        mine = [each for each in store.deliveries(5_000) if each.number == edition.number]
        store.learn(replace(mine[place * 7], state=state, reason=reason))
    services = [
        ("feed.atom", "Feedly", 214),
        ("feed.rss", "Inoreader", 96),
        ("feed.atom", "NewsBlur Feed Fetcher", 17),
    ]
    services += [("keywords/giao-thong/feed.atom", "Feedly", 41), ("digests/daily/feed.atom", "Feedbin", 8)]
    day = NOW.replace(hour=0, minute=0)
    store.record_fetchers([Fetcher(feed, name, number, day) for feed, name, number in services], day)


@dataclass(frozen=True)
class Doing:
    """What a run does, as a test says it."""

    stage: str
    done: int
    total: int
    since: datetime


@dataclass
class Console:
    """A console that is served. `progress` is what it tells, `woken` how often a run was asked for."""

    folder: Folder
    site: Site = field(init=False)
    url: str = ""
    now: datetime = NOW
    doing: Progress | None = None
    woken: int = 0
    stop: Stop = field(default_factory=Stop)

    def __post_init__(self) -> None:
        self.site = self.made()

    def made(
        self, wake: Callable[[], None] | None = None, progress: Callable[[], Progress | None] | None = None
    ) -> Site:
        """What pages are given."""
        config: Config = self.folder.config
        store, zone = Store.open(config.database_file), config.zone
        return Site(
            config,
            store,
            Templates(config.templates_folder, config.site.language, zone),
            lambda: self.now,
            wake or self._wake,
            progress or (lambda: self.doing),
            store.secret(),
            self.stop,
        )

    def _wake(self) -> None:
        self.woken += 1


@contextmanager
def served(console: Console) -> Iterator[Console]:
    """Serve it meanwhile; the password is in the environment already."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=128)
    port = listening.getsockname()[1]
    options = uvicorn.Config(
        application(console.site), log_config=None, server_header=False, proxy_headers=False, access_log=False
    )
    server = uvicorn.Server(options)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    console.url = f"http://127.0.0.1:{port}/console/"
    try:
        yield console
    finally:
        console.stop.ask()
        server.should_exit = True
        thread.join(15)
        listening.close()
        assert not thread.is_alive(), "the server does not stop"


FORM = re.compile(r'name="form" value="([0-9a-f]{64})"')


def client_of(console: Console, **options: Any) -> Client:
    """A browser without a screen, at the console."""
    return Client(base_url=console.url, timeout=30, **options)


def sign_in(client: Client, password: str = PASSWORD, **fields: str) -> Response:
    """Give the password."""
    return client.post("sign-in", data={"password": password, **fields})


def follow(client: Client, answer: Response) -> Response:
    """Where an answer leads to, or itself."""
    return client.send(answer.next_request) if answer.next_request else answer


def press(client: Client, path: str, page: str = "", **fields: str) -> Response:
    """Send a form of a page as a browser would, and load where it leads to."""
    form = FORM.search(client.get(page).text)
    assert form
    answer = client.post(path, data={"form": form[1], **fields})
    return follow(client, answer)


def facts(folder: Folder) -> dict[str, object]:
    """All that the database holds, but for sessions."""
    connection = sqlite3.connect(folder.config.database_file)
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {
        name: connection.execute(f'SELECT * FROM "{name}"').fetchall()
        for name in tables
        if name not in ("session", "sqlite_sequence")
    }
    connection.close()
    return found


def plain(text: str) -> str:
    """What is read of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())
