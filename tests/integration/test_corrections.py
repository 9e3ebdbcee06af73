"""A digest with `corrections = true`: what changed after an edition had it is named in another, once."""

from __future__ import annotations

import email
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default

import pytest
from conftest import CONFIG, NOW, Site
from sinks import Sink
from test_killed import address, enrol

from publisher.cli.words import plan_as_data
from publisher.model import Subscription
from publisher.rehearsal import rehearse

DAY, READERS = timedelta(days=1), 30
SET = CONFIG.replace('schedule = "0 6 * * *"', 'schedule = "0 6 * * *"\ncorrections = true')
YESTERDAY = "17:26 23/11/2026"


@pytest.fixture
def mailed(site: Site) -> Site:
    """A site whose digest corrects, and has mailed two articles."""
    site.configure(SET)
    site.article("cầu.txt", "Cầu mới thông xe", "Cầu dài 300 mét, lo giao thông.", YESTERDAY)
    site.article("chợ.txt", "Chợ Kiến An mở cửa", "Chợ mở cửa lúc năm giờ.", YESTERDAY)
    assert site.run().counts["sent"] == 1
    return site


def edit(site: Site, length: int) -> None:
    site.article("cầu.txt", "Cầu mới thông xe", f"Cầu dài {length} mét, lo giao thông.", YESTERDAY)


def texts(message: EmailMessage) -> list[str]:
    return [str(part.get_content()) for part in message.walk() if part.get_content_maintype() == "text"]


def test_a_changed_article_is_a_correction_once_for_each_change(mailed: Site) -> None:
    edit(mailed, 350)
    first = mailed.run(NOW + DAY)
    assert (first.counts["editions"], first.counts["sent"]) == (1, 1)
    _, message = mailed.messages()
    assert message["Subject"] == "Đính chính: Tin sáng: 25 tháng 11, 2026"
    for text in texts(message):
        assert "Cầu mới thông xe" in text
        assert "Chợ" not in text
        assert "sửa lúc 11:00, 25 tháng 11, 2026" in text
    assert mailed.run(NOW + 2 * DAY).counts["editions"] == 0
    edit(mailed, 360)
    assert mailed.run(NOW + 3 * DAY).counts["sent"] == 1
    assert len(mailed.messages()) == 3


def test_without_the_setting_nothing_is_mailed_again(mailed: Site) -> None:
    mailed.configure(CONFIG)
    edit(mailed, 350)
    assert mailed.run(NOW + DAY).counts["editions"] == 0
    assert len(mailed.messages()) == 1


def test_corrections_stand_behind_what_is_new(mailed: Site) -> None:
    edit(mailed, 350)
    mailed.article("mới.txt", "Trường mới ở Kiến An", date="05:00 25/11/2026")
    mailed.run(NOW + DAY)
    _, message = mailed.messages()
    assert message["Subject"] == "Tin sáng: 25 tháng 11, 2026"
    for text in texts(message):
        new, label, old = (
            text.rindex(words) for words in ("Trường mới ở Kiến An", "Đính chính", "Cầu mới thông xe")
        )
        assert new < label < old


def test_the_page_of_the_edition_names_them(mailed: Site) -> None:
    edit(mailed, 350)
    mailed.run(NOW + DAY)
    page = (mailed.output / "digests/daily/2026-11-25/index.html").read_text(encoding="utf-8")
    assert "Đính chính" in page
    assert "Cầu mới thông xe" in page
    assert "đã được gỡ" not in page


def test_a_dry_run_says_what_the_run_then_does(mailed: Site) -> None:
    edit(mailed, 350)
    planned = plan_as_data(mailed.plan(NOW + DAY).plan, 0, ())["editions"]
    assert [len(edition["corrections"]) for edition in planned] == [1]
    mailed.run(NOW + DAY)
    with mailed.reading() as store:
        (_, edition) = store.known().editions
    assert list(edition.corrections) == planned[0]["corrections"]


def test_two_changes_within_a_second_are_two(mailed: Site) -> None:
    edit(mailed, 350)
    mailed.run(NOW + DAY)
    edit(mailed, 360)
    mailed.run(NOW + DAY)  # the same moment
    assert mailed.run(NOW + 2 * DAY).counts["sent"] == 1


def test_what_a_reader_follows_decides_which_corrections_he_gets(mailed: Site) -> None:
    mailed.change('recipients = ["desk@example.org"]', "recipients = []")
    mailed.run(NOW + timedelta(hours=1))
    enrol(mailed, 2, Subscription("daily", ("Kiến An",)), Subscription("daily", ("Giao thông",)))
    edit(mailed, 350)
    mailed.run(NOW + DAY)
    assert [message["To"] for message in mailed.messages()[1:]] == [address(1)]


def test_a_rehearsal_shows_the_correction(mailed: Site) -> None:
    edit(mailed, 350)
    with mailed.reading() as store:
        html, text, _ = rehearse(mailed.config, store, NOW + timedelta(hours=1), "daily").shown()
    assert "Cầu mới thông xe" in html
    assert "Đính chính" in text


def test_a_change_of_long_ago_corrects_nothing(mailed: Site) -> None:
    mailed.configure(CONFIG)
    edit(mailed, 350)
    mailed.run(NOW + DAY)
    mailed.configure(SET)
    assert mailed.run(NOW + 40 * DAY).counts["editions"] == 0


def test_corrections_go_before_a_backlog(mailed: Site) -> None:
    mailed.change('recipients = ["desk@example.org"]', "recipients = []")
    enrol(mailed, READERS)
    relay = 'transport = "smtp"\n\n[mail.smtp]\nhost = "127.0.0.1"\nport = 1\nconnections = 1'
    mailed.change('sender = "Tin thử <news@example.org>"', f'sender = "Tin thử <news@example.org>"\n{relay}')
    mailed.article("mới.txt", "Trường mới ở Kiến An", date="05:00 25/11/2026")
    assert mailed.run(NOW + DAY).counts["sent"] == 0  # nobody listens there
    edit(mailed, 350)
    with Sink(keep=True) as sink:
        mailed.change("port = 1", f"port = {sink.port}")
        assert mailed.run(NOW + 2 * DAY).counts["sent"] == 2 * READERS
        subjects = [
            str(email.message_from_bytes(content, policy=default)["Subject"]) for content in sink.contents
        ]
    assert (
        subjects
        == ["Đính chính: Tin sáng: 26 tháng 11, 2026"] * READERS + ["Tin sáng: 25 tháng 11, 2026"] * READERS
    )
