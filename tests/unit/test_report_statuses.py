"""Which status codes say that an address takes no mail for good."""

import pytest

from publisher.mailing.reports import code_in, is_for_good
from publisher.mailing.reports.statuses import most_specific

FOR_GOOD = [
    ("5.1.1", "550 5.1.1 no such user"),
    ("5.1.0", ""),
    ("5.1.2", "no such domain"),
    ("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound"),
    ("5.2.1", "550 5.2.1 the account is disabled"),
    ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied"),
    ("5.4.4", "unrouteable"),
    ("5.5.0", "550 5.5.0 Requested action not taken: mailbox unavailable"),
    ("5.0.0", "550 no such user here"),
    ("5.0.0", "550 5.1.1 no such user here"),
    ("5.0.0", ""),
    ("", "550 unknown user"),
]
NOT_NOW = [
    ("5.7.1", "550 5.7.1 blocked by policy"),
    ("5.7.26", "550 5.7.26 not authenticated"),
    ("5.3.4", "552 5.3.4 message too big"),
    ("5.3.0", "unknown mailer error"),
    ("5.2.2", "552 5.2.2 mailbox full"),
    ("5.2.3", "too long for the mailbox"),
    ("5.1.8", "bad sender"),
    ("5.4.6", "routing loop"),
    ("5.4.7", "delivery time expired"),
    ("5.5.2", "syntax"),
    ("5.6.1", "media not supported"),
    ("4.4.1", "connection timed out"),
    ("4.2.1", "450 4.2.1 busy"),
    ("2.0.0", ""),
    ("5.0.0", "552 over quota"),
    ("5.0.0", "554 refused"),
    ("5.0.0", "550 5.7.1 policy"),
    ("5.0.0", "450 not now"),
    ("", "554 5.7.1 spam"),
    ("", "it did not work"),
    ("", ""),
]


@pytest.mark.parametrize(("status", "diagnostic"), FOR_GOOD)
def test_the_address_takes_no_mail(status: str, diagnostic: str) -> None:
    assert is_for_good(status, diagnostic)


@pytest.mark.parametrize(("status", "diagnostic"), NOT_NOW)
def test_the_address_may_take_mail_another_time(status: str, diagnostic: str) -> None:
    assert not is_for_good(status, diagnostic)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("550 5.1.1 no such user", "5.1.1"),
        ("(#5.1.1)", "5.1.1"),
        ("host 192.5.1.1 said no", ""),
        ("5.1.1.1", ""),
        ("version 15.1.1", ""),
        ("6.1.1", ""),
        ("see 5.1.10.", "5.1.10"),
    ],
)
def test_a_code_is_found_among_words_and_addresses_of_machines(text: str, code: str) -> None:
    assert code_in(text) == code


def test_the_reporters_own_status_counts_where_it_says_more() -> None:
    assert most_specific("5.2.1", "550 5.1.1 x") == "5.2.1"
    assert most_specific("5.0.0", "550 5.1.1 x") == "5.1.1"
    assert most_specific("5.0.0", "550 x") == "5.0.0"
