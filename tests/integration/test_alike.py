"""Seeds that say what others say: one article where it is the same, named where it is nearly."""

from __future__ import annotations

from datetime import timedelta

from click.testing import CliRunner
from conftest import NOW, Site
from sentences import text

from publisher.cli.run import publish
from publisher.model import Likeness

BODY = "\n\n".join(" ".join(text(1)[at : at + 3]) for at in range(0, 24, 3))
EDITED = BODY.replace(text(1)[5], "Một câu khác hẳn đứng ở đây.")


def test_the_same_text_in_another_file_is_the_same_article_and_is_said(site: Site) -> None:
    site.article("a.txt", "Bài một", BODY)
    site.write("chep/b.txt", f"Bài một\n\n\n17:26 30/05/2023\r\n\r\n{BODY}\n\n")
    outcome = site.run()
    assert outcome.counts["added"] == 1
    assert outcome.plan.alike == (Likeness("chep/b.txt", "a.txt", 1.0),)
    assert site.run(NOW + timedelta(hours=1)).plan.alike == ()


def test_a_copy_that_comes_later_changes_nothing_and_stands_in_when_the_first_goes(site: Site) -> None:
    first = site.article("a.txt", "Bài một", BODY)
    site.article("b.txt", "Bài hai", "Chữ khác.")
    site.run()
    before = site.bytes_of(site.output)
    site.write("c.txt", f"Bài một\n\n17:26 30/05/2023\n\n{BODY}")
    outcome = site.run(NOW + timedelta(hours=1))
    assert outcome.plan.alike == (Likeness("c.txt", "a.txt", 1.0),)
    first.unlink()
    assert not site.run(NOW + timedelta(hours=2)).counts["withdrawn"]
    assert site.bytes_of(site.output) == before


def test_a_seed_that_is_renamed_and_written_anew_with_other_ends_of_lines_stays_the_same_article(
    site: Site,
) -> None:
    file = site.article("a.txt", "Bài một", BODY)
    site.article("b.txt", "Bài hai", "Chữ khác.")
    site.run()
    before = site.bytes_of(site.output)
    file.unlink()
    site.write("moi.txt", f"Bài một\r\n\r\n17:26 30/05/2023\r\n\r\n{BODY}\r\n")
    outcome = site.run(NOW + timedelta(hours=1))
    assert (outcome.counts["added"], outcome.counts["withdrawn"]) == (0, 0)
    assert site.bytes_of(site.output) == before


def test_a_seed_that_was_renamed_and_edited_is_another_article_and_both_are_named(site: Site) -> None:
    file = site.article("a.txt", "Bài một", BODY)
    site.article("b.txt", "Bài hai", "Chữ khác.")
    site.run()
    file.unlink()
    site.article("moi.txt", "Bài một", EDITED)
    plan = site.plan(NOW + timedelta(hours=1)).plan
    [likeness] = plan.alike
    assert (likeness.path, likeness.other) == ("moi.txt", "a.txt")
    assert 0.85 <= likeness.share < 1
    shown = CliRunner().invoke(
        publish,
        ["-c", str(site.root / "config.toml"), "--at", (NOW + timedelta(hours=1)).isoformat(), "--dry-run"],
    )
    assert "moi.txt says about " in shown.output
    assert "of what a.txt says, and is another article" in shown.output


def test_how_much_alike_is_the_owners_choice(site: Site) -> None:
    site.change("[keywords]", "[seeds]\nalike = 0\n\n[keywords]")
    site.article("a.txt", "Bài một", BODY)
    site.article("b.txt", "Bài hai", EDITED)
    assert site.run().plan.alike == ()
