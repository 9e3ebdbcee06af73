"""Ids: made of names, the same on every machine, and never of what may change."""

from __future__ import annotations

from uuid import UUID

import pytest

from publisher.planning.identity import Names, site_identity


def test_an_id_is_a_uuid_made_of_the_site_and_a_name() -> None:
    """RFC 9562, section 5.5, and RFC 4287, section 4.2.6: an absolute IRI, in one spelling only."""
    made = Names("news.example.org").urn("seed", "Tin/Một.md")
    assert made == "urn:uuid:dacd2786-bd5c-5b32-9e7c-1a3d1ad47523"
    assert made == made.lower()
    assert UUID(made).version == 5


def test_sites_kinds_and_names_tell_ids_apart() -> None:
    ids = {
        Names(site).urn(kind, name)
        for site in ("news.example.org", "tin.example.vn")
        for kind in ("seed", "feed")
        for name in ("a", "b")
    }
    assert len(ids) == 8


@pytest.mark.parametrize(
    ("configured", "remembered", "identity"),
    [
        ("", "", "new.example.org"),
        ("", "old.example.org", "old.example.org"),
        ("kien-an", "", "kien-an"),
        ("kien-an", "old.example.org", "kien-an"),
    ],
)
def test_a_site_keeps_its_identity_when_it_moves(configured: str, remembered: str, identity: str) -> None:
    assert site_identity(configured, remembered, "https://new.example.org:8443/tin/") == identity
