"""Signatures, as a verifier that we did not write sees them; and keys that cannot sign."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import dkim as dkimpy
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from letters import EDITION, HTML, OTHER, PERSON, TEXT, config, contents, letter, parsed

from publisher.config import Config, Digest, Dkim
from publisher.errors import ConfigError
from publisher.mailing import SLOTS
from publisher.mailing.dkim import SIGNED, faults, records, signer_of
from publisher.mailing.note import note

BOTH = (Dkim(selector="r1", key="rsa.pem"), Dkim(selector="e1.mail", key="ed.pem", domain="mail.example.com"))


def pem(
    key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey,
    locked: KeySerializationEncryption | None = None,
) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked or NoEncryption())


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one key of each kind, good and bad."""
    folder = tmp_path_factory.mktemp("keys")
    big = rsa.generate_private_key(65537, 2048)
    p, q = 2**256 - 189, 2**255 - 19
    d = pow(65537, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(65537, p * q)
    tiny = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public)
    made = {
        "rsa": pem(big),
        "ed": pem(ed25519.Ed25519PrivateKey.generate()),
        "weak": pem(rsa.generate_private_key(65537, 1024)),
        "tiny": pem(tiny.private_key(unsafe_skip_rsa_key_validation=True)),
        "curve": pem(ec.generate_private_key(ec.SECP256R1())),
        "locked": pem(big, BestAvailableEncryption(b"x")),
        "text": b"-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n",
        "empty": b"",
    }
    for name, raw in made.items():
        (folder / f"{name}.pem").write_bytes(raw)
    return folder


signer = cache(signer_of)


@cache
def dns_of(settings: Config) -> Callable[..., bytes | None]:
    """A DNS that has what `publish check` prints."""
    known: dict[str, bytes] = {}
    for record in records(settings):
        found = re.fullmatch(r'(\S+) TXT ("[^"]{1,255}"(?: "[^"]{1,255}")*)', record)
        assert found
        known[found[1]] = "".join(re.findall('"([^"]*)"', found[2])).encode()
    return lambda name, timeout=0: known.get(name.decode())


def verified(raw: bytes, settings: Config) -> list[bool]:
    """For each signature, whether it holds."""
    message = dkimpy.DKIM(raw)
    count = len(re.findall(rb"^DKIM-Signature:", raw.partition(b"\r\n\r\n")[0], re.MULTILINE))
    result = []
    for index in range(count):
        try:
            result.append(message.verify(index, dnsfunc=dns_of(settings)))
        except dkimpy.ValidationError:
            result.append(False)
    return result


def test_both_signatures_hold_for_everybody(keys: Path) -> None:
    settings = config(*BOTH, root=keys, reply_to="desk@example.com")
    made = letter(settings, signer=signer(settings))
    for person in (PERSON, OTHER):
        raw = made.to(person)(False)
        assert verified(raw, settings) == [True, True]
        signatures = parsed(raw).get_all("DKIM-Signature")
        assert ["a=rsa-sha256" in one for one in signatures] == [True, False]
        assert ["d=mail.example.com; s=e1.mail;" in one for one in signatures] == [False, True]


def test_a_message_of_no_edition_is_signed_as_well(keys: Path) -> None:
    settings = config(*BOTH, root=keys, reply_to="desk@example.com")
    made = note(settings, "mai@example.com", "Xác nhận", ("<p>Chào  bạn</p>", "Chào  bạn"), "n", EDITION.due)
    raw = made.whole(True)
    assert raw.isascii()
    assert verified(raw, settings) == [True, True]
    assert verified(raw.replace(b"mai@example.com", b"lan@example.com"), settings) == [False, False]


@pytest.mark.parametrize("number", [0, 1], ids=["RSA", "Ed25519"])
@pytest.mark.parametrize(
    ("html", "text"),
    [
        (HTML, TEXT),
        ("<p>no slot</p>", "none"),
        (HTML, "none"),
        ("<p>no slot</p>", TEXT),
        (
            f"<pre>x\ty a  b \t c\t\n   d {SLOTS['address']}   e</pre>",
            f"  a\n\n\n  b  {SLOTS['address']}  \n\n c\n\n",
        ),
        ("", ""),
    ],
)
def test_signatures_hold_whatever_the_body(keys: Path, number: int, html: str, text: str) -> None:
    settings = config(BOTH[number], root=keys)
    raw = letter(settings, html, text, signer=signer(settings)).to(PERSON)(False)
    assert verified(raw, settings) == [True]


def test_long_folded_headers_are_signed_as_they_are_read(keys: Path) -> None:
    long = "Tin sáng Kiến An, " * 60
    settings = config(*BOTH, root=keys, sender=f'"{long}" <news@example.com>')
    person = replace(PERSON, address=f"{'a' * 64}@{'b' * 60}.example", mailto=f"{PERSON.mailto}{'c' * 300}")
    edition, digest = replace(EDITION, subject=long), Digest(name="daily", title=long)
    raw = letter(settings, edition=edition, digest=digest, signer=signer(settings)).to(person)(False)
    assert verified(raw, settings) == [True, True]
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"t7?a", b"t8?a"),
        (b"To: reader", b"To: reades"),
        (b"reader@example.org=\r\n", b"reades@example.org=\r\n"),
        (b'<p class=3D"lead">', b'<p class=3D"LEAD">'),
        (b"</html>\r\n", b"</html>\r\nx\r\n"),
        (b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b""),
        (b"Subject: =?utf-8?b?V", b"Subject: =?utf-8?b?W"),
        (b"\r\nFeedback-ID: 2", b"\r\nFeedback-ID: 3"),
        (b"; t=1", b"; t=2"),
        *(
            (b"From: ", name + b": x@evil.example\r\nFrom: ")
            for name in (b"From", b"Reply-To", b"Subject", b"To")
        ),
        *(
            (b"\r\nDate: ", b"\r\n" + name + b": x\r\nDate: ")
            for name in (b"Date", b"Message-ID", b"MIME-Version")
        ),
        *((b"\r\nPrec", b"\r\n" + name + b": x\r\nPrec") for name in (b"Content-Type", b"List-Unsubscribe")),
        *(
            (b"\r\nPrec", b"\r\n" + name + b": x\r\nPrec")
            for name in (b"List-Unsubscribe-Post", b"Feedback-ID")
        ),
        (b"\r\nMIME", b"\r\nFrom: x@evil.example\r\nMIME"),
    ],
)
def test_what_was_changed_or_added_breaks_both_signatures(keys: Path, old: bytes, new: bytes) -> None:
    settings = config(*BOTH, root=keys)
    raw = letter(settings, signer=signer(settings)).to(PERSON)(False)
    assert verified(raw, settings) == [True, True]
    assert old in raw
    assert verified(raw.replace(old, new), settings) == [False, False]


def test_every_signed_field_is_listed_once_more_than_it_is_there(keys: Path) -> None:
    settings = config(BOTH[1], root=keys, web="")
    person = replace(PERSON, unsubscribe="")
    message = parsed(letter(settings, signer=signer(settings)).to(person)(False))
    listed = re.search(r"h=([^;]*);", message["DKIM-Signature"])
    assert listed
    names = [name.strip() for name in listed[1].split(":")]
    assert {name: names.count(name) for name in names} == {
        name: len(message.get_all(name, [])) + 1 for name in SIGNED
    }
    assert "reply-to" not in {name.lower() for name in message}
    assert " l=" not in message["DKIM-Signature"]
    assert f" t={int(EDITION.recorded.timestamp())};" in message["DKIM-Signature"]


def test_a_signed_message_is_the_same_each_time_and_has_seven_bits_only(keys: Path) -> None:
    settings = config(*BOTH, root=keys)
    first = letter(settings, signer=signer_of(settings)).to(PERSON)
    again = letter(settings, signer=signer_of(settings)).to(PERSON)
    assert first(False) == first(True) == again(False)
    assert first(True).isascii()
    assert contents(first(True)) == contents(letter().to(PERSON)(True))


def test_signing_changes_nothing_else(keys: Path) -> None:
    settings = config(BOTH[0], root=keys)
    raw = letter(settings, signer=signer(settings)).to(PERSON)(False)
    assert raw.endswith(b"\r\n" + letter().to(PERSON)(False))


def test_lines_of_a_signature_are_short(keys: Path) -> None:
    settings = config(*BOTH, root=keys)
    raw = letter(settings, signer=signer(settings)).to(PERSON)(False)
    assert all(len(line) <= 78 for line in raw.partition(b"From: ")[0].split(b"\r\n"))


def test_without_keys_nobody_signs() -> None:
    assert signer_of(config()) is None
    assert faults(config()) == records(config()) == []


@pytest.mark.parametrize(("sender", "domain"), [("news@Báo.example", ""), ("a@b.example", "báo.example")])
def test_a_domain_is_written_in_ascii(keys: Path, sender: str, domain: str) -> None:
    settings = config(Dkim(selector="e1", key="ed.pem", domain=domain), root=keys, sender=sender)
    (record,) = records(settings)
    assert re.fullmatch(
        r'e1\._domainkey\.xn--bo-mia\.example\. TXT "v=DKIM1; k=ed25519; p=[\w+/]{43}="', record, re.ASCII
    )


@pytest.mark.parametrize(
    ("key", "fault"),
    [
        ("missing.pem", "cannot be read: No such file or directory"),
        (".", "cannot be read: Is a directory"),
        ("locked.pem", "is encrypted, and nobody could type its password"),
        ("text.pem", "not a private key in PEM"),
        ("empty.pem", "not a private key in PEM"),
        ("curve.pem", "neither an RSA nor an Ed25519 key"),
        ("tiny.pem", "an RSA key of 511 bits, receivers take no less than 1024"),
    ],
)
def test_a_key_that_cannot_sign_is_named(keys: Path, key: str, fault: str) -> None:
    settings = config(BOTH[0], Dkim(selector="b", key=key), root=keys)
    expected = [f"mail.dkim[1].key: {key}: {fault}"]
    assert faults(settings) == expected
    with pytest.raises(ConfigError) as caught:
        signer_of(settings)
    assert list(caught.value.lines) == expected
    assert len(records(settings)) == 1


def test_every_bad_key_is_told_at_once(keys: Path) -> None:
    settings = config(Dkim(selector="a", key="x"), Dkim(selector="b", key="text.pem"), root=keys)
    assert [line.partition(": ")[0] for line in faults(settings)] == ["mail.dkim[0].key", "mail.dkim[1].key"]


def test_a_weak_key_is_told_and_still_signs(keys: Path) -> None:
    settings = config(Dkim(selector="w", key="weak.pem"), root=keys)
    assert faults(settings) == ["mail.dkim[0].key: weak.pem: an RSA key of 1024 bits, receivers want 2048"]
    raw = letter(settings, signer=signer(settings)).to(PERSON)(False)
    assert verified(raw, settings) == [True]


def test_a_missing_library_is_named_with_its_extra(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "cryptography"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cryptography", None)
    settings = config(*BOTH, root=keys)
    assert faults(settings) == ["mail.dkim: signing needs one more library: pip install 'publisher[dkim]'"]
    with pytest.raises(ConfigError, match=r"publisher\[dkim\]"):
        signer_of(settings)
    assert signer_of(config()) is None
