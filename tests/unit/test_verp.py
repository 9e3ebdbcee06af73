"""Codes in return paths and Message-IDs: read again whatever happened on the way, and by nobody made up."""

import pytest

from publisher.mailing import verp

SECRET = "5e" * 32
ADDRESS = "bounces@bounce.example.org"
PATH = verp.encode(SECRET, ADDRESS, 12, 3456)
CODE = PATH.partition("+")[2].partition("@")[0]


def test_a_return_path_is_the_address_with_a_code_of_small_letters_and_digits() -> None:
    local, _, domain = PATH.rpartition("@")
    assert domain == "bounce.example.org"
    assert local.startswith("bounces+")
    assert len(CODE) == verp.CODE_LENGTH
    assert CODE.isalnum()
    assert CODE.lower() == CODE


def test_the_longest_name_that_is_allowed_makes_64_octets() -> None:
    local = verp.encode(SECRET, f"{'b' * 31}@e.org", 2**32 - 1, 2**48 - 1).partition("@")[0]
    assert len(local) == 64


@pytest.mark.parametrize(
    "recipient",
    [
        PATH,
        PATH.upper(),
        f"<{PATH}>",
        f"prvs=1234567890={PATH}",
        f"SRS0=x1Yz=TT=bounce.example.org={PATH.partition('@')[0]}@forward.example.net",
        f"Bounces <{PATH}>, desk@example.org",
        f"{PATH.partition('@')[0]}@another.example.net",
    ],
)
def test_a_return_path_is_read_whatever_stands_around_it(recipient: str) -> None:
    assert verp.decode(SECRET, recipient) == (12, 3456)


@pytest.mark.parametrize("place", range(verp.CODE_LENGTH))
def test_no_letter_of_a_code_can_be_another(place: int) -> None:
    other = "b" if CODE[place] == "a" else "a"
    changed = CODE[:place] + other + CODE[place + 1 :]
    assert verp.decode(SECRET, f"bounces+{changed}@bounce.example.org") is None


def test_a_code_of_another_site_is_not_read() -> None:
    assert verp.decode("00" * 32, PATH) is None


def test_a_message_id_does_not_serve_as_a_return_path_nor_the_other_way_round() -> None:
    name = verp.message_name(SECRET, 12, 3456)
    assert verp.named_in(SECRET, f"<other@example.net> <{name}@example.org>") == (12, 3456)
    assert verp.decode(SECRET, f"bounces+{name}@bounce.example.org") is None
    assert verp.named_in(SECRET, f"<{CODE}@example.org>") is None


@pytest.mark.parametrize("numbers", [(2**32, 1), (1, 2**48), (-1, 1)])
def test_numbers_that_do_not_fit_are_refused(numbers: tuple[int, int]) -> None:
    with pytest.raises(OverflowError):
        verp.encode(SECRET, ADDRESS, *numbers)


def test_codes_that_look_alike_are_not_tried_for_ever() -> None:
    many = f"{'+'.join('a' * 32 for _ in range(8))}+{PATH}"
    assert verp.decode(SECRET, many) is None
