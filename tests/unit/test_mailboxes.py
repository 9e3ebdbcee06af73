"""Addresses: which are taken, when two are one person, and what SMTP is given."""

from __future__ import annotations

import pytest

from publisher import mailboxes
from publisher.errors import DeliveryError

LONG_DOMAIN = ".".join(["d" * 61] * 3)


@pytest.mark.parametrize(
    "address",
    [
        "reader@example.org",
        "Reader.Name+news@Example.ORG",
        "o'brien@example.org",
        "=2+5@example.org",
        "a@localhost",
        "a@3com.example",
        '"two words"@example.org',
        '"a@b"@example.org',
        r'"a\"b"@example.org',
        "độc.giả@example.org",
        "a@báo.example",
        "a@xn--bo-mia.example",
        "a@例え。テスト",
        "x" * 64 + "@example.org",
        f"{'x' * 64}@{LONG_DOMAIN}.org",  # 254 octets
    ],
)
def test_addresses_of_every_honest_form_are_taken(address: str) -> None:
    assert mailboxes.fault_in(address) == ""


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("", "is empty"),
        ("nobody", "must have something on both sides of an @"),
        ("a@", "must have something on both sides of an @"),
        ("@example.org", "must have something on both sides of an @"),
        ("x" * 65 + "@example.org", "is longer than 64 octets before the @"),
        ("ế" * 22 + "@example.org", "is longer than 64 octets before the @"),
        (f"{'x' * 64}@{LONG_DOMAIN}.orgs", "is longer than 254 octets"),
        (f"{'a' * 64}@{'ê.' * 25}example.org", "is longer than 254 octets"),  # in ASCII, not in letters
        ("a" * 308 + "@example.org", "is longer than 254 octets"),  # 320
        ("a b@example.org", "holds a space"),
        ("a\u3000b@example.org", "holds a space"),
        ("a\u1680b@example.org", "holds a space"),  # which no normalization makes a plain one
        ("a\u2028b@example.org", "holds U+2028, which nobody sees"),
        ("a.@example.org", "has a dot too many before the @"),
        ("a..b@example.org", "has a dot too many before the @"),
        ('a"b@example.org', "holds a mark before the @ that must stand in quotes"),
        ('"a@example.org', "holds a mark before the @ that must stand in quotes"),
        ('""@example.org', "holds a mark before the @ that must stand in quotes"),
        ("<a@example.org>", "holds a mark before the @ that must stand in quotes"),
        ("a(home)@example.org", "holds a comment"),
        ("a@example.org(home)", "holds a comment"),
        ("a@example.org,b@example.org", "must be one address"),
        ("a@example.org; b@example.org", "must be one address"),
        ("a@b@example.org", "must be one address"),
        ("a＠b@example.org", "must be one address"),  # its folded form would have two @
        ("@relay.example,@other.example:a@example.org", "must be one address"),
        ("a@example.org\r\nBcc: b@example.org", "holds a control character"),
        ("a\x00@example.org", "holds a control character"),
        ("a@exam\tple.org", "holds a control character"),
        ("a\u200b@example.org", "holds U+200B, which nobody sees"),
        ("a\u202egro@example.org", "holds U+202E, which nobody sees"),
        ("a\udc80@example.org", "holds U+DC80, which nobody sees"),
        ("a@[192.0.2.1]", "names a machine by its number"),
        ("a@192.0.2.1", "has a domain that cannot be"),
        ("a@-example.org", "has a domain that cannot be"),
        ("a@example..org", "has a domain that cannot be"),
        ("a@example.org.", "has a domain that cannot be"),
        ("a@exa_mple.org", "has a domain that cannot be"),
        ("a@exa mple.org", "has a domain that cannot be"),
        ("a@" + "b" * 64 + ".org", "has a domain that cannot be"),
        ("a@xn--zzzzzz.org", "has a domain that cannot be"),
        ("a@☃.example", "has a domain that cannot be"),
        ("a@gmail", "has a domain without a dot"),
    ],
)
def test_what_is_not_one_address_is_refused_with_its_reason(address: str, fault: str) -> None:
    assert mailboxes.fault_in(address) == fault


@pytest.mark.parametrize(
    ("mailbox", "name", "address"),
    [
        ("a@e.org", "", "a@e.org"),
        ("  <a@e.org> ", "", "a@e.org"),
        ("Bản tin (An) <tin@thư.vn>", "Bản tin (An)", "tin@thư.vn"),
        (r'"A, \"B\"" <a@e.org>', 'A, "B"', "a@e.org"),
        ('Họ Tên <"a<b"@e.org>', "Họ Tên", '"a<b"@e.org'),
    ],
)
def test_one_display_name_is_taken_and_kept_out_of_the_address(mailbox: str, name: str, address: str) -> None:
    assert mailboxes.fault_in_mailbox(mailbox) == ""
    assert mailboxes.parted(mailbox) == (name, address)
    assert mailboxes.key_of(mailbox) == mailboxes.key_of(address)


@pytest.mark.parametrize(
    "mailbox",
    [
        "A, B <a@e.org>",
        "a@e.org <a@e.org>",
        "A <a@e.org> <b@e.org>",
        "<a@e.org> b",
        "staff: a@e.org;",
        "A\n <a@e.org>",
        "A\u202e <a@e.org>",
        "A\u2028 <a@e.org>",
        "A <>",
        "A <a@>",
        '"A <a@e.org>',
    ],
)
def test_more_than_one_name_and_one_address_is_refused(mailbox: str) -> None:
    assert mailboxes.fault_in_mailbox(mailbox)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Reader@Example.ORG", "reader@example.org"),
        ("ĐỘC.GIẢ@example.org", "độc.giả@example.org"),
        ("dọc@example.org", "do\u0323c@example.org"),
        ("ｒｅａｄｅｒ@example.org", "reader@example.org"),
        ("a@BÁO.example", "a@xn--bo-mia.example"),
        ("a@XN--BO-MIA.example", "a@xn--bo-mia.example"),
        ('"reader"@example.org', "reader@example.org"),
        (r'"Two\ Words"@example.org', '"two words"@example.org'),
    ],
)
def test_spellings_of_one_address_have_one_key(one: str, other: str) -> None:
    assert mailboxes.key_of(one) == mailboxes.key_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a.b@gmail.com", "ab@gmail.com"),
        ("a+news@example.org", "a@example.org"),
        ("a@straße.example", "a@strasse.example"),  # IDNA2003 would deliver the one to the other
        ("do@example.org", "dọ@example.org"),
    ],
)
def test_different_addresses_have_different_keys(one: str, other: str) -> None:
    assert mailboxes.key_of(one) != mailboxes.key_of(other)


def test_smtp_is_given_the_domain_in_ascii_and_the_rest_as_it_was_written() -> None:
    assert mailboxes.on_the_wire("Reader.A@BÁO.example") == "Reader.A@xn--bo-mia.example"
    assert mailboxes.on_the_wire('"two words"@Example.org') == '"two words"@example.org'


@pytest.mark.parametrize("address", ["độc.giả@example.org", "a@☃.example"])
def test_what_a_relay_cannot_take_is_refused_for_good(address: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        mailboxes.on_the_wire(address)
    assert caught.value.code == 553
