"""Topics that were made ready and are kept from run to run."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from publisher import pipeline
from publisher.config import Topic
from publisher.config.load import load
from publisher.keywords import Matcher, kept
from publisher.store import Store

TOPICS = (Topic(name="An ninh trật tự", any=("ANTT", "an ninh")), Topic(name="Giáo dục"))
TEXT = "Công an bảo đảm ANTT; an ninh mạng; giáo dục"


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "WORTH_IT", 2)


def test_a_file_that_is_not_what_was_kept_is_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "site.topics"
    hits = Matcher(TOPICS, True, file, keep=True).match("", TEXT)
    whole = file.read_bytes()
    digest, _, content = whole.partition(b"\n")
    others = [b"", b"\n", whole[:-1], whole[:99], digest + b"\n[]", content, whole + b" "]
    for other in others:
        file.write_bytes(other)
        assert Matcher(TOPICS, True, file, keep=True).match("", TEXT) == hits
        assert file.read_bytes() == whole


def test_other_phrases_and_another_folding_have_files_of_their_own_making(tmp_path: Path) -> None:
    file = tmp_path / "site.topics"
    made = set[bytes]()
    for topics, fold in ((TOPICS, True), (TOPICS, False), (TOPICS[::-1], True)):
        Matcher(topics, fold, file, keep=True).match("", TEXT)
        made.add(file.read_bytes())
    assert len(made) == 3


def test_few_topics_are_not_kept_and_a_folder_that_cannot_be_written_harms_nothing(tmp_path: Path) -> None:
    Matcher(TOPICS[:1], True, tmp_path / "few", keep=True).match("", TEXT)
    (tmp_path / "file").write_text("")
    hits = Matcher(TOPICS, True, tmp_path / "file" / "site.topics", keep=True).match("", TEXT)
    assert [hit.label for hit in hits] == ["An ninh trật tự", "Giáo dục"]
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_a_run_keeps_them_beside_the_database_and_a_dry_run_does_not(tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "a.txt").write_text(f"Tựa đề\n\n17:26 30/05/2023\n\n{TEXT}\n", encoding="utf-8")
    (tmp_path / "config.toml").write_text(
        '[site]\nurl = "https://example.net/"\ntitle = "Tin"\n[mail]\nsender = "a@example.net"\n'
        '[[keywords.topic]]\nname = "An ninh"\n[[keywords.topic]]\nname = "Giáo dục"\n',
        encoding="utf-8",
    )
    config, now = load(tmp_path / "config.toml"), datetime(2026, 11, 1, tzinfo=UTC)
    with Store.read_only(config.database_at) as store:
        pipeline.plan_run(config, store, now)
    assert not config.topics_file.exists()
    pipeline.run(config, lambda: now)
    assert config.topics_file == tmp_path / "data" / "publisher.topics"
    assert config.topics_file.is_file()
