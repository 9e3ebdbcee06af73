"""RESULTS.md keeps what was measured before, and replaces what is measured anew."""

from __future__ import annotations

from pathlib import Path

from benchmarks import results


def test_a_section_replaces_itself_and_keeps_the_others_in_order(tmp_path: Path) -> None:
    file = tmp_path / "RESULTS.md"
    order = ("startup", "feeds", "web")
    results.put("web", "## Web\n\n1 a second", order, file)
    results.put("startup", "## Start-up\n\n2 ms", order, file)
    results.put("web", "## Web\n\n3 a second", order, file)
    text = file.read_text(encoding="utf-8")
    assert [*results.known(file)] == ["startup", "web"]
    assert text.index("2 ms") < text.index("3 a second")
    assert "1 a second" not in text
    assert text.count("processors") == 2
