"""The body of a mail: one text in two forms, cut where a person's own words belong."""

from __future__ import annotations

import hashlib
import quopri
import re

import pytest
from letters import HTML, PERSON, TEXT, contents, letter, parsed

from publisher.errors import DeliveryError
from publisher.mailing import SLOTS, Body
from publisher.mailing.body import ROOM, Hole

VALUES = {
    "unsubscribe": "https://news.example.com/unsubscribe/t7?a=1&b=2",
    "preferences": "https://news.example.com/preferences/" + "p" * 200,
    "address": "reader@example.org",
}


def read_back(body: Body, values: dict[str, str] = VALUES) -> list[tuple[str, str]]:
    """HTML and text of both forms, as a mail reader has them."""
    return [
        contents(
            "\r\n".join(body.fields(form)).encode() + b"\r\n\r\n" + body.write(form, values),
        )
        for form in (False, True)
    ]


def test_both_forms_say_the_same_with_each_value_where_its_mark_was() -> None:
    html, text = HTML, TEXT.rstrip("\n")
    for slot, mark in SLOTS.items():
        html = html.replace(mark, VALUES[slot].replace("&", "&amp;"))
        text = text.replace(mark, VALUES[slot])
    body = Body.compose(HTML, TEXT)
    assert read_back(body) == [(html.rstrip("\n"), text)] * 2
    assert body.texts(VALUES) == (html.rstrip("\n"), text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("a", "b"),
        ("a ", " b"),
        ("\n", "\n"),
        ("a\n", "\nb"),
        ("a" * 75, "b" * 76),
        ("a" * 76, "b" * 77),
        ("ế" * 30, "."),
        ("a\n.", ".\n."),
        ("." * 80, "." * 80),
        (SLOTS["address"], SLOTS["address"]),
        ("a\nFrom ", "x\nFrom b"),
    ],
)
@pytest.mark.parametrize(
    "value",
    ["", "a", ".", "..", "From a", "a b ", "ế" * 60, "=", "a" * 75, "a" * 76, "a" * 75 + ".b", "." * 300],
)
def test_a_value_fits_between_whatever_is_beside_it(before: str, after: str, value: str) -> None:
    text = f"{before}{SLOTS['unsubscribe']}{after}|"
    values = {"unsubscribe": value, "address": "x@y"}
    expected = text.replace(SLOTS["unsubscribe"], value).replace(SLOTS["address"], "x@y")
    body = Body.compose(f"<p>{text}</p>", text)
    for html, plain in read_back(body, values):
        assert plain == expected
        assert html == f"<p>{expected}</p>"
    for line in body.write(False, values).split(b"\r\n"):
        assert len(line) <= 76
        assert not line.startswith((b".", b"From "))
        assert not line.endswith((b" ", b"\t"))


def test_a_text_that_ends_with_a_slot_ends_with_its_value() -> None:
    """Encoded text must not end in a soft line break (RFC 2045, section 6.7)."""
    raw = Body.compose(f"<p>{SLOTS['address']}", SLOTS["address"]).write(False, VALUES)
    assert raw.count(VALUES["address"].encode() + b"\r\n--") == 2


@pytest.mark.parametrize(
    "value", ["a\r\nb", "a\nb", "a\x00", "a\x9b", "\ud800", "a\tb", "x" * (ROOM + 1), "ế" * ROOM]
)
def test_a_value_that_would_break_a_line_is_refused(value: str) -> None:
    with pytest.raises(DeliveryError, match="cannot stand in a mail"):
        Body.compose(HTML, TEXT).write(True, {**VALUES, "address": value})


def test_a_value_with_markup_is_text_in_html() -> None:
    value = '"<b>"&\'@example.org'
    html, text = Body.compose(HTML, TEXT).texts({**VALUES, "address": value})
    assert value in text
    assert "&quot;&lt;b&gt;&quot;&amp;&#x27;@example.org" in html


def test_texts_become_canonical() -> None:
    body = Body.compose(
        "<p>\ufdd0\x00a\x85 \t\r\n\r\nb\rc\ufffe</p>\n\n", "a\ud800  \r\n\tb\x1b[0m\x7f \n \n"
    )
    assert body.html == "<p>a\n\nb\nc</p>"
    assert body.text == "a\n\tb[0m"


def test_only_whole_marks_are_slots() -> None:
    body = Body.compose("x\ufdd0unsubscribe y\ufdd1", "x unsubscribe \ufdd0other\ufdd1")
    assert body.texts({}) == ("xunsubscribe y", "x unsubscribe other")


def test_long_lines_of_html_are_broken_where_that_means_the_same() -> None:
    row = '<td class="a b" style="margin: 0 1px"><p >Kiến An  hôm nay</p><!-- a b --></td> '
    body = Body.compose(f"<tr>{row * 60}</tr>\n<pre>{'a b ' * 9}</pre>", "x")
    assert body.html.split() == f"<tr>{row * 60}</tr>\n<pre>{'a b ' * 9}</pre>".split()
    assert all(len(line.encode()) <= 998 for line in body.html.split("\n"))
    assert body.html.count('"a b" ') + body.html.count('"a b"\n') == 60
    assert body.html.count("<!-- a b -->") == body.html.count('"margin: 0 1px"') == 60
    assert "Content-Transfer-Encoding: 8bit" in body.fields(True)


@pytest.mark.parametrize("pad", range(6))
def test_a_line_broken_between_two_blanks_ends_in_none(pad: int) -> None:
    html = f"<p>{'x' * pad}{'abcd  ' * 400}</p>"
    lines = Body.compose(html, "x").html.split("\n")
    assert len(lines) > 2
    assert not any(line.endswith(" ") for line in lines[:-1])


@pytest.mark.parametrize(
    "html",
    [
        f"<pre>{'a b ' * 300}</pre>",
        f"<style>{'a { b: c } ' * 100}</style>",
        f"<!-- {'a b ' * 300} -->",
        f'<p title="{"a b " * 300}">x</p>',
        f"<p>{'ế' * 333}</p>",
        f"<{'a' * 999}",
    ],
)
def test_what_cannot_be_broken_is_in_seven_bits_in_either_form(html: str) -> None:
    body = Body.compose(html, "Kiến An")
    raw = body.write(True, {})
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert "Kiến An".encode() in raw  # the text part is not concerned
    assert "Content-Transfer-Encoding: 8bit" in body.fields(True)
    assert Body.compose(html, html).fields(True) == Body.compose(html, html).fields(False)
    assert read_back(body) == [(html, "Kiến An")] * 2


def test_slots_on_one_line_leave_room_for_each_other() -> None:
    body = Body.compose("<p>" + f'<a href="{SLOTS["preferences"]}">x</a> ' * 9 + "</p>", "x")
    raw = body.write(True, {"preferences": "https://e.org/" + "p" * (ROOM - 14)})
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert "Content-Transfer-Encoding: 8bit" in body.fields(True)


def test_seven_bits_are_seven_bits_in_short_lines() -> None:
    raw = letter(html="<p>" + "Kiến An " * 500 + "</p>\n.b\n..\nFrom c", text="\n." * 80).to(PERSON)(False)
    body = raw.partition(b"\r\n\r\n")[2]
    assert raw.isascii()
    assert all(len(line) <= 76 and not line.startswith((b".", b"From ")) for line in body.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")


def test_8bit_says_so_and_is_smaller() -> None:
    made = letter(html="<p>" + "Kiến An " * 100 + "</p>", text="x").to(PERSON)
    message = parsed(made(True))
    assert message["Content-Transfer-Encoding"] == "8bit"
    assert [part["Content-Transfer-Encoding"] for part in message.iter_parts()] == ["8bit", "8bit"]
    assert "Content-Transfer-Encoding" not in parsed(made(False))
    assert len(made(True)) < len(made(False))


def test_a_body_comes_back_as_it_was() -> None:
    body = Body.compose(HTML, TEXT)
    again = Body.loads(body.dumps())
    assert again == body
    for form in (False, True):
        assert again.fields(form) == body.fields(form)
        assert again.write(form, VALUES) == body.write(form, VALUES)
    assert len(Body.compose(HTML * 50, TEXT).dumps()) < len(HTML) * 5


def test_a_blob_of_another_version_is_refused() -> None:
    blob = Body.compose(HTML, TEXT).dumps()
    with pytest.raises(ValueError, match="another version"):
        Body.loads(b"\x02" + blob[1:])


def test_the_same_version_writes_the_same_bytes() -> None:
    """Who changes the bytes must change the version of `dumps` too: a repeat would differ from its first copy."""
    body = Body.compose(HTML + f"<p>{'Kiến An. ' * 200}</p>", TEXT)
    digests = [hashlib.sha256(body.write(form, VALUES)).hexdigest()[:16] for form in (False, True)]
    assert digests == ["e288feac4f6894a9", "995083336fcc5ffd"]
    assert body.dumps()[0] == 1


def test_the_boundary_is_the_content_s_and_in_no_part() -> None:
    one, two = Body.compose(HTML, TEXT), Body.compose(HTML, TEXT + "x")
    boundaries = [re.search(r'boundary="([^"]+)"', " ".join(body.fields(False))) for body in (one, two)]
    assert boundaries[0]
    assert boundaries[1]
    assert boundaries[0][1] != boundaries[1][1]
    assert one.write(True, VALUES).count(boundaries[0][1].encode()) == 3


def test_pieces_begin_and_end_with_lines_and_are_cut_at_each_slot() -> None:
    body = Body.compose(HTML, TEXT)
    for form in (False, True):
        pieces = body.pieces(form)
        assert [piece.slot for piece in pieces if isinstance(piece, Hole)] == [
            *("unsubscribe", "preferences", "address"),
            *("unsubscribe", "address", "preferences"),
        ]
        assert isinstance(pieces[-1], bytes)
        assert pieces[-1].endswith(b"--\r\n")


def test_another_decoder_reads_the_same() -> None:
    text = "Kiến An = .\n.x " + "ế" * 100
    raw = Body.compose("x", text).write(False, {})
    part = raw.split(b"\r\n\r\n")[1].partition(b"\r\n--")[0]
    assert quopri.decodestring(part).decode().replace("\r\n", "\n") == text
