"""What feeds say in titles, names and summaries: nothing that anybody takes for markup."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from publisher.render.feeds.words import marked, name_of, plain


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Dự án <b>nghìn tỷ</b>", "Dự án ‹b›nghìn tỷ‹/b›"),
        ("<nghìn tỷ> & 5 < 6 > 3", "<nghìn tỷ> & 5 < 6 > 3"),
        ('<A HREF="x">b</A ><br/>', '‹A HREF="x"›b‹/A ›‹br/›'),
        ("<script>alert(1)</script>", "‹script›alert(1)‹/script›"),
        ("hỏng \ufffd", "hỏng □"),
        ("S&P500", "S&P500"),
    ],
)
def test_tags_become_angle_quotes_and_lost_letters_boxes(text: str, said: str) -> None:
    assert plain(text) == said


@given(st.text("<>/&ab !?\"'", max_size=30))
def test_no_tag_is_left(text: str) -> None:
    assert not re.search(r"</?[ab](?:[ /][^<>]*)?>", plain(text))


@pytest.mark.parametrize(
    ("author", "name"),
    [("Lan <lan@example.org>", "Lan"), ("lan@example.org", "lan@example.org"), ("Lan & Mai", "Lan & Mai")],
)
def test_an_author_has_no_address(author: str, name: str) -> None:
    assert name_of(author) == name


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=30)
)
def test_marked_words_read_back_and_hold_only_hexadecimal_references(text: str) -> None:
    found = marked(text)
    assert "&amp;" not in found
    assert "&lt;" not in found
    assert etree.fromstring(f'<a b="{found}">{found}</a>').text == (text or None)
