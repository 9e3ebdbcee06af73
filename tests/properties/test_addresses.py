"""Addresses: whatever is taken is one address, in every form that is made of it."""

from __future__ import annotations

from contextlib import suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from hypothesis import example, given
from hypothesis import strategies as st

from publisher import mailboxes
from publisher.errors import DeliveryError

LOCALS = st.text("abcXYZ019.+=-_'\"\\ @,;<>()\t\r\n\u200bếß＠ﬁİ․", min_size=1, max_size=12)
DOMAINS = st.text("abcXYZ019.-_ếßİ。\u00ad@(), ", min_size=1, max_size=12).map(lambda text: f"{text}.org")
ADDRESSES = st.one_of(st.text(max_size=30), st.builds("{}@{}".format, LOCALS, DOMAINS))


@given(ADDRESSES)
@example("a\u2024b@e.org")
@example("İ@e.org")
def test_a_key_is_an_address_with_itself_as_key(address: str) -> None:
    if not mailboxes.fault_in(address):
        key = mailboxes.key_of(address)
        assert mailboxes.key_of(key) == key
        assert key.rpartition("@")[2].isascii()
        assert key.count("\n") == 0


@given(ADDRESSES)
def test_what_smtp_is_given_is_short_ascii_without_controls(address: str) -> None:
    if not mailboxes.fault_in(address):
        with suppress(DeliveryError):
            wire = mailboxes.on_the_wire(address)
            assert wire.isascii() and wire.isprintable() and len(wire) <= 254


@given(ADDRESSES.filter(str.isascii))
def test_the_email_package_reads_the_same_address_back(address: str) -> None:
    if not mailboxes.fault_in(address):
        message = EmailMessage(policy=SMTP)
        message["To"] = Address(addr_spec=address)
        (found,) = message["To"].addresses
        assert mailboxes.key_of(found.addr_spec) == mailboxes.key_of(address)
        assert b"\r\n" not in message.as_bytes().removesuffix(b"\r\n\r\n").replace(b"\r\n ", b"")


@given(st.text(max_size=30), ADDRESSES)
def test_a_name_before_an_address_changes_nothing(name: str, address: str) -> None:
    if not mailboxes.fault_in(address) and not mailboxes.fault_in_mailbox(f"{name} <{address}>"):
        assert mailboxes.parted(f"{name} <{address}>")[1] == address
