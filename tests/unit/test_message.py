"""One message: its headers whole and unfolded where they must be, its text unable to become a header."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from email.header import decode_header, make_header
from typing import Any

import pytest
from letters import (
    DIGEST,
    EDITION,
    HTML,
    OTHER,
    PERSON,
    TEXT,
    config,
    contents,
    fields,
    letter,
    name,
    named,
    parsed,
    sender,
)

from publisher.config import Digest
from publisher.errors import DeliveryError
from publisher.mailing import Body, Letter, Person, unsubscribe_url
from publisher.mailing.headers import one_line

NASTY = {
    "a header in it": "x\r\nBcc: victim@example.org\r\n\r\n<p>body</p>",
    "a bare line feed": "x\nBcc: victim@example.org",
    "a bare carriage return": "x\rBcc: victim@example.org",
    "NUL": "a\x00b",
    "C1": "a\x85b\x9bc",
    "line separators": "a\u2028Bcc: b\u2029c\x0b\x0cd",
    "marks that turn text": "abc\u202egnp.exe\u2066",
    "marks of direction": "\u200fشبكة\u200e abc",
    "a thousand letters": "Kiến" * 250,
    "a thousand plain letters": "word" * 250,
    "a thousand plain words": "word " * 250,
    "emoji": "👩‍👩‍👧‍👦 tin 🇻🇳 " * 20,
    "combining marks": "Kiê\u0301n An " * 20,
    "a name that looks like an encoded word": "=?utf-8?q?a?=",
    "an encoded word": "=?utf-8?q?Bcc=3A?= <x@example.org>",
    "specials": 'A, B; C: "D" \\ (E) <f@g> [h].',
    "many specials": "A, B. C; " * 60,
    "lone surrogates": "a\ud800b\udfff",
    "noncharacters": "a\ufdd0b\uffff",
    "blanks": " a \t  b\u00a0\u3000c ",
}


@pytest.fixture(params=[False, True], ids=["seven bits", "8bit"])
def eightbit(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def test_a_message_parses_strictly_and_says_what_it_was_made_of(eightbit: bool) -> None:
    raw = letter(config(reply_to="desk@example.com")).to(PERSON)(eightbit)
    message = parsed(raw)
    assert message["From"].addresses[0].display_name == "Bản tin Kiến An"
    assert message["From"].addresses[0].addr_spec == "news@example.com"
    assert message["To"].addresses[0].addr_spec == PERSON.address
    assert message["Reply-To"].addresses[0].addr_spec == "desk@example.com"
    assert message["Subject"] == EDITION.subject
    assert message["Date"].datetime == EDITION.recorded
    assert message["Date"].datetime.utcoffset() == timedelta(hours=7)
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]


def test_the_fields_stand_in_one_order() -> None:
    raw = letter(config(reply_to="desk@example.com")).to(PERSON)(True)
    assert [line.partition(":")[0] for line in fields(raw) if line[0] != " "] == [
        *("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "List-Id"),
        *("List-Unsubscribe", "List-Unsubscribe-Post", "Archived-At", "Auto-Submitted", "Precedence"),
        *("Feedback-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"),
    ]


def test_machine_read_headers_are_never_encoded_however_long_they_are() -> None:
    domain = "a-rather-long-name-of-a-domain-which-goes-on-and-on.and-on-and-on-and-on.example.com"
    settings = config(sender=f"Tin <news@{domain}>")
    person = replace(PERSON, mailto=unsubscribe_url(f"news@{domain}", "t" * 200))
    raw = letter(settings).to(person)(False).decode("ascii")
    assert f"\r\nMessage-ID: <{name(7)}@{domain}>\r\n" in raw
    assert f"\r\nList-Unsubscribe: <{person.unsubscribe}>,\r\n <{person.mailto}>\r\n" in raw
    assert f"<daily.{domain}>\r\n" in raw
    assert f"From: Tin\r\n <news@{domain}>\r\n" in raw
    assert fields(letter(config(sender=f"news@{domain}")).to(PERSON)(False))[0] == f"From: news@{domain}"
    assert "\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    assert "\r\nArchived-At: <https://news.example.com/digests/daily/2026-11-24/>\r\n" in raw
    assert "\r\nAuto-Submitted: auto-generated\r\nPrecedence: bulk\r\n" in raw


def test_the_name_of_the_list_reads_back() -> None:
    title = "Tin sáng Kiến An, số ra mỗi ngày cho bạn đọc gần xa và cho cả những người khác nữa"
    message = parsed(letter(digest=Digest(name="daily", title=title)).to(PERSON)(False))
    assert str(make_header(decode_header(message["List-Id"]))) == f"{title} <daily.example.com>"


@pytest.mark.parametrize("nasty", NASTY.values(), ids=NASTY)
@pytest.mark.parametrize("where", ["subject", "title", "name", "texts"])
def test_nothing_that_a_text_holds_becomes_a_header_or_breaks_one(
    where: str, nasty: str, eightbit: bool
) -> None:
    settings = config(sender=sender(one_line(nasty)))
    made = {
        "subject": letter(edition=replace(EDITION, subject=nasty)),
        "title": letter(digest=Digest(name="daily", title=nasty)),
        "name": letter(settings),
        "texts": letter(html=f"<p>{nasty}</p>{HTML}", text=nasty + TEXT),
    }[where]
    raw = made.to(PERSON)(eightbit)
    message = parsed(raw)
    coding = {"Content-Transfer-Encoding"}  # a line too long for 8bit is in seven bits
    assert {*message.keys()} - coding == {*parsed(letter().to(PERSON)(False)).keys()}
    assert all(len(line) <= 78 or " " not in line.strip().partition(": ")[2] for line in fields(raw))
    assert max(map(len, fields(raw))) <= 998
    if where == "subject":
        assert message["Subject"] == one_line(nasty)
    if where == "title":
        assert named(raw, "List-Id") == (one_line(nasty), "daily.example.com")
    if where == "name":
        assert named(raw, "From") == (one_line(nasty), "news@example.com")


def test_each_encoded_word_holds_whole_characters() -> None:
    title = "Kiến An 会议 👩‍👩‍👧‍👦 " * 30
    raw = letter(edition=replace(EDITION, subject=title)).to(PERSON)(False)
    words = re.findall(r"=\?utf-8\?[bq]\?[^?]*\?=", "".join(fields(raw)))
    assert len(words) > 20
    assert max(map(len, words)) <= 75
    for word in words:
        assert "\N{REPLACEMENT CHARACTER}" not in str(make_header(decode_header(word)))


def test_a_subject_of_blanks_gives_way_to_the_title() -> None:
    assert (
        parsed(letter(edition=replace(EDITION, subject=" \t ")).to(PERSON)(False))["Subject"] == DIGEST.title
    )


@pytest.mark.parametrize(
    "address",
    [
        *("", "a", "a@", "@b.org", "a b@c.org", "a@b.org\r\nBcc: c@d.org", "a@b.org, c@d.org", "a@b.org\x00"),
        *(
            "<a@b.org>",
            "đ@b.org",
            "a@báo.example",
            "a..b@c.org",
            '"a\r\n"@b.org',
            "a@b c",
            f"{'a' * 250}@b.org",
        ),
    ],
)
def test_an_address_that_cannot_stand_in_a_header_is_refused(address: str) -> None:
    with pytest.raises(DeliveryError, match="not an address") as caught:
        letter().to(replace(PERSON, address=address))
    assert caught.value.code == 553


@pytest.mark.parametrize(
    "address", ["o'neil+news@b.example", '"a b@<c>, d\\"e"@f.example', f"{'a' * 64}@b.org"]
)
def test_an_address_of_every_honest_form_is_taken(address: str, eightbit: bool) -> None:
    raw = letter().to(replace(PERSON, address=address))(eightbit)
    assert parsed(raw)["To"].addresses[0].addr_spec == address
    html, text = contents(raw)
    assert address in text
    assert (
        address.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&quot;")
        .replace("'", "&#x27;")
        in html
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"unsubscribe": "https://e.org/\r\nBcc: a@b.org"},
        {"unsubscribe": "https://e.org/>,<https://evil.example/"},
        {"unsubscribe": "https://e.org/a b"},
        {"unsubscribe": "javascript:alert(1)"},
        {"unsubscribe": "http://e.org/t7"},
        {"unsubscribe": ""},
        {"mailto": "mailto:a@b.org\n"},
        {"mailto": "a@b.org"},
    ],
)
def test_an_address_to_unsubscribe_is_one(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="to unsubscribe"):
        letter().to(replace(PERSON, **wrong))


def test_without_a_web_server_readers_leave_by_mail() -> None:
    person = Person(7, PERSON.address, PERSON.mailto)
    raw = letter(config(web="")).to(person)(False)
    assert parsed(raw)["List-Unsubscribe"] == f"<{PERSON.mailto}>"
    assert "List-Unsubscribe-Post" not in parsed(raw)
    assert f"danh sách:\n{PERSON.mailto}\n" in contents(raw)[1]


def test_nobody_gets_a_message_without_a_way_to_leave() -> None:
    with pytest.raises(ValueError, match="to unsubscribe"):
        letter(config(web="")).to(replace(PERSON, unsubscribe="", mailto=""))


def test_one_click_needs_https() -> None:
    person = replace(PERSON, unsubscribe="http://localhost/unsubscribe/t7")
    message = parsed(letter(config(web="http://localhost/")).to(person)(False))
    assert message["List-Unsubscribe"] == f"<{person.unsubscribe}>, <{PERSON.mailto}>"
    assert "List-Unsubscribe-Post" not in message


def test_a_site_without_pages_has_none_to_show_in_a_browser() -> None:
    assert "Archived-At" not in parsed(letter(config(base="feeds")).to(PERSON)(False))


@pytest.mark.parametrize(
    ("mail", "expected"),
    [
        ({}, "2026-11-24:daily:news.example.com:examplecom"),
        ({"site": "http://[2001:db8::1]:8000/"}, "2026-11-24:daily:2001-db8--1:examplecom"),
        ({"feedback_id": "KienAn7"}, "2026-11-24:daily:news.example.com:KienAn7"),
        ({"sender": "a@b.vn"}, "2026-11-24:daily:news.example.com:bvn2ac5ccd28987"),
        ({"sender": "a@a-rather-long-name.example"}, "2026-11-24:daily:news.example.com:aratherlongname"),
    ],
)
def test_complaints_are_counted_by_edition_digest_site_and_sender(
    mail: dict[str, Any], expected: str
) -> None:
    assert parsed(letter(config(**mail)).to(PERSON)(False))["Feedback-ID"] == expected


def test_a_foreign_domain_is_written_in_ascii() -> None:
    raw = letter(config(sender="news@báo.example", reply_to="a@BÁO.example")).to(PERSON)(False)
    assert b"From: news@xn--bo-mia.example\r\n" in raw
    assert b"\r\nReply-To: a@xn--bo-mia.example\r\n" in raw
    assert b"@xn--bo-mia.example>\r\nList-Id: " in raw


def test_a_sender_with_quotes_keeps_them_once() -> None:
    message = parsed(letter(config(sender='Tin <"a \\"b"@example.com>')).to(PERSON)(False))
    assert message["From"].addresses[0].username == 'a "b'


def test_the_same_message_has_the_same_bytes_also_after_a_restart(eightbit: bool) -> None:
    body = Body.compose(HTML, TEXT)
    first, again = (
        Letter(config(), DIGEST, EDITION, made, name, subject="Tin").to(PERSON)(eightbit)
        for made in (body, Body.loads(body.dumps()))
    )
    assert again == first


def test_two_people_differ_only_in_their_own_words(eightbit: bool) -> None:
    made = letter()
    one, two = made.to(PERSON)(eightbit), made.to(OTHER)(eightbit)
    for own, others in (
        (made.name(7), made.name(8)),
        (PERSON.address, OTHER.address),
        ("t7", "t8"),
        ("p7", "p8"),
    ):
        assert own.encode() in one
        one = one.replace(own.encode(), others.encode())
    assert one == two


def test_the_name_of_a_message_is_its_message_id() -> None:
    made = letter(config(sender="Tin <news@báo.example>"))
    assert made.name(7) == f"{name(7)}@xn--bo-mia.example"
    assert parsed(made.to(PERSON)(False))["Message-ID"] == f"<{made.name(7)}>"


def test_a_subject_may_be_of_another_language_than_the_edition() -> None:
    made = Letter(config(), DIGEST, EDITION, Body.compose(HTML, TEXT), name, subject="News of today")
    assert parsed(made.to(PERSON)(False))["Subject"] == "News of today"


@pytest.mark.parametrize("eightbit", [True, False])
def test_what_messages_share_is_the_same_object_in_each(eightbit: bool) -> None:
    made = letter()
    one, two = (made.pieces_to(person)(eightbit) for person in (PERSON, OTHER))
    shared = {id(piece) for piece in one} & {id(piece) for piece in two}
    assert sum(len(piece) for piece in one if id(piece) not in shared) < 1000
    assert b"".join(one) == made.to(PERSON)(eightbit)
