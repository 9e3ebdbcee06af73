"""What a command does not use is not loaded: most runs have nothing to do and should be over at once."""

from __future__ import annotations

import subprocess
import sys

import pytest
from conftest import NOW, Site

PROGRAM = """
import sys
from publisher.cli import main
sys.argv = ["publish", *sys.argv[1:]]
try:
    main()
finally:
    print("\\n".join(sorted({name for name in sys.modules})), file=sys.stderr)
"""
MAKING = {
    "feedgen",
    "lxml",
    "markdown_it",
    "css_inline",
    "cryptography",
    "urllib3",
    "publisher.mailing",
    "obstore",
}
SERVING = {"apscheduler", "starlette", "uvicorn", "watchfiles", "prometheus_client", "publisher.web"}
STORE = {"sqlalchemy", "alembic", "pydantic", "jinja2", "publisher.config", "publisher.pipeline"}


def loaded(*words: str) -> set[str]:
    """The modules that are there when the command ends."""
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words], capture_output=True, text=True, check=False, timeout=60
    )
    assert run.returncode == 0, run.stderr[-500:]
    return set(run.stderr.splitlines())


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["subscribers", "--help"]])
def test_help_and_version_load_click_alone(words: list[str]) -> None:
    found = loaded(*words)
    assert "click" in found
    assert found & (MAKING | SERVING | STORE) == set()


def test_a_run_with_nothing_to_do_is_over_without_what_decides(site: Site) -> None:
    site.article("a.txt", "Bài một")
    site.run()
    found = loaded("-c", str(site.root / "config.toml"), "--at", NOW.isoformat())
    assert "sqlite3" in found
    assert found & (MAKING | SERVING | STORE - {"pydantic", "publisher.config"}) == set()


@pytest.mark.parametrize("more", [["--json"], ["--dry-run"]])
def test_a_run_with_nothing_to_do_loads_nothing_that_makes_or_serves(site: Site, more: list[str]) -> None:
    site.article("a.txt", "Bài một")
    site.run()
    found = loaded("-c", str(site.root / "config.toml"), "--at", NOW.isoformat(), *more)
    assert "sqlalchemy" in found
    assert found & (MAKING | SERVING | {"alembic"}) == set()


def test_an_output_folder_needs_no_library_for_buckets(site: Site) -> None:
    site.article("a.txt", "Bài một")
    assert "obstore" not in loaded("-c", str(site.root / "config.toml"), "--at", NOW.isoformat())
