"""Whatever texts, names and addresses hold, a message parses, says the same, and is signed as it is read."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape

import dkim as dkimpy
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from letters import EDITION, HTML, PERSON, TEXT, contents, fields, letter, parsed

from publisher.config import Digest
from publisher.mailing import SLOTS, Body
from publisher.mailing.dkim import Key, Signer
from publisher.mailing.headers import one_line

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="
KEY = Key("example.com", "s", "ed25519", PUBLIC, 256, PRIVATE.sign)

NAMES = parsed(letter().to(PERSON)(False)).keys()

PIECES = st.sampled_from(
    [
        *SLOTS.values(),
        *(
            "\n",
            "\r\n",
            "\r",
            " ",
            "  ",
            "\t",
            ".",
            "..",
            "From ",
            "=",
            "=20",
            "=\n",
            "--",
            "--=_",
            "\u2028",
            "\x85",
        ),
        *(
            "Kiến An",
            "a" * 74,
            "a" * 75,
            "ế" * 25,
            "\N{FAMILY}",
            "<p>",
            "</p>",
            '<a href="',
            "\" title='",
            "<!--",
            "-->",
        ),
        *("<style>", "</style>", "<pre>", "</pre>", "x " * 600, "ế" * 400),
    ]
)
TEXTS = st.lists(PIECES | st.text(st.characters(), max_size=20), max_size=30).map("".join)
VALUES = st.fixed_dictionaries(
    {slot: st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=120) for slot in SLOTS}
)


@given(TEXTS, TEXTS, VALUES)
def test_both_forms_say_what_both_texts_say(html: str, text: str, values: dict[str, str]) -> None:
    body = Body.compose(html, text)
    for form in (False, True):
        head = "\r\n".join(body.fields(form)).encode()
        raw = body.write(form, values)
        assert contents(head + b"\r\n\r\n" + raw) == body.texts(values)
        lines = raw.split(b"\r\n")
        assert not any(b"\n" in line or b"\r" in line for line in lines)
        assert all(len(line) <= 998 for line in lines)
        if not form:
            assert raw.isascii()
            assert all(len(line) <= 76 and not line.startswith((b".", b"From ")) for line in lines)
            assert not any(line.endswith((b" ", b"\t")) for line in lines)


@given(TEXTS, TEXTS, VALUES)
def test_texts_keep_all_that_people_see(html: str, text: str, values: dict[str, str]) -> None:
    shown, plain = Body.compose(html, text).texts(values)
    for slot, mark in SLOTS.items():
        html = html.replace(mark, escape(values[slot]))
        text = text.replace(mark, values[slot])
    unseen = r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef]|[^\x00-\U0010ffff]"
    noncharacters = {chr(plane | end) for plane in range(0, 0x110000, 0x10000) for end in (0xFFFE, 0xFFFF)}
    for before, after in ((html, shown), (text, plain)):
        kept = "".join(letter for letter in re.sub(unseen, "", before) if letter not in noncharacters)
        assert re.sub(r"\s", "", after) == kept


@given(TEXTS, TEXTS)
def test_composing_again_and_storing_change_nothing(html: str, text: str) -> None:
    body = Body.compose(html, text)
    assert Body.compose(body.html, body.text) == Body.loads(body.dumps()) == body


@settings(deadline=None)  # Python's parser is slow with long headers
@given(TEXTS, TEXTS)
def test_headers_hold_any_text(subject: str, title: str) -> None:
    edition, digest = replace(EDITION, subject=subject), Digest(name="daily", title=title)
    raw = letter(edition=edition, digest=digest).to(PERSON)(False)
    message = parsed(raw)
    assert message["Subject"] == (one_line(subject) or one_line(title))
    assert message.keys() == NAMES
    assert all(len(line) <= 78 or " " not in line.strip().partition(": ")[2] for line in fields(raw))


@settings(deadline=None)  # so is the verifier
@given(TEXTS, TEXTS)
def test_signatures_hold_over_any_text(html: str, text: str) -> None:
    made = letter(html=HTML + html, text=TEXT + text, signer=Signer((KEY,)))
    raw = made.to(PERSON)(False)
    assert dkimpy.verify(raw, dnsfunc=lambda *_, **__: f"v=DKIM1; k=ed25519; p={PUBLIC}".encode())
