"""The command line as a process: what is printed where, and with which exit status."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

ROOT = Path(__file__).parents[2]
AT = "2026-11-24T11:00:00+07:00"


def publish(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "publisher", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def started(tmp_path: Path) -> Path:
    assert publish(tmp_path, "init").returncode == 0
    return tmp_path


def test_init_makes_a_site_that_publishes_at_once(started: Path) -> None:
    done = publish(started, "--at", AT)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 added" in done.stdout
    assert (started / "public/index.html").stat().st_size > 0


def test_init_says_where_it_can_make_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    done = publish(tmp_path, "init", "file/site")
    assert (done.returncode, done.stderr.splitlines()) == (
        2,
        ["file/site cannot be made: Not a directory", "hint: name another folder"],
    )


def test_init_does_not_touch_a_configuration_that_is_there(started: Path) -> None:
    done = publish(started, "init")
    assert done.returncode == 2
    assert "is there already" in done.stderr


def test_a_dry_run_prints_what_the_next_run_reports(started: Path) -> None:
    plan = json.loads(publish(started, "--dry-run", "--json", "--at", AT).stdout)
    assert sorted(path.name for path in started.iterdir()) == ["config.toml", "seeds"]
    done = json.loads(publish(started, "--json", "--at", AT).stdout)
    assert done["editions"] == plan["editions"]
    assert done["counts"]["files written"] == len(plan["files"])
    assert done["counts"]["added"] == len(plan["articles"]) == 1


def test_a_dry_run_in_words_names_feeds_and_editions(started: Path) -> None:
    text = publish(started, "--dry-run", "--at", AT).stdout
    assert "1 added, 0 updated, 0 withdrawn" in text
    assert "to 1 recipient" in text


def test_preview_writes_pages_and_mails_elsewhere(
    started: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("preview")
    assert publish(started, "--dry-run", "--at", AT, "--preview", str(folder)).returncode == 0
    assert list(folder.glob("mail/*.html"))
    assert (folder / "index.html").exists()
    assert not (started / "public").exists()


def test_the_readme_shows_what_the_first_run_prints(tmp_path: Path) -> None:
    shutil.copy(ROOT / "config.toml", tmp_path)
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    shown = (ROOT / "README.md").read_text(encoding="utf-8").split("The first run prints")[1]
    done = publish(tmp_path, "--at", "2023-06-12T06:00:00+07:00")
    assert done.stdout == shown.split("```\n")[1]


def test_a_second_run_says_that_there_was_nothing_to_do(started: Path) -> None:
    publish(started, "--at", AT)
    assert publish(started, "--at", AT).stdout == "Nothing to do.\n"


def test_a_quarantined_seed_is_named_and_the_exit_status_is_1(started: Path) -> None:
    (started / "seeds/bad.txt").write_text("Tiêu đề\n\n31/02/2023\n\nLời dẫn.\n", encoding="utf-8")
    done = publish(started, "--at", AT)
    assert done.returncode == 1
    assert "bad.txt" in done.stderr
    assert "31/02/2023" in done.stderr
    checked = publish(started, "check")
    assert checked.returncode == 1
    assert "bad.txt" in checked.stdout


def test_check_names_keys_that_cannot_sign_and_prints_what_the_dns_needs_for_the_others(
    started: Path,
) -> None:
    key = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (started / "good.pem").write_bytes(key)
    text = '[site]\ntitle = "T"\nurl = "https://e.org/"\n[mail]\nsender = "a@example.org"\n'
    for name in ("good", "bad"):
        text += f'[[mail.dkim]]\nselector = "{name}"\nkey = "{name}.pem"\n'
    (started / "config.toml").write_text(text, encoding="utf-8")
    done = publish(started, "check")
    fault = "mail.dkim[1].key: bad.pem: cannot be read: No such file or directory"
    assert done.returncode == 1
    assert fault in done.stdout.splitlines()
    assert 'good._domainkey.example.org. TXT "v=DKIM1; k=ed25519; p=' in done.stdout
    told = json.loads(publish(started, "check", "--json").stdout)
    assert fault in told["faults"]
    assert len(told["dns"]) == 1


def test_a_wrong_configuration_is_2_with_every_fault_and_no_traceback(started: Path) -> None:
    (started / "config.toml").write_text('[site]\ntitle = 3\nurl = "x"\n[mial]\n', encoding="utf-8")
    done = publish(started)
    assert done.returncode == 2
    assert "config.toml:2: site.title" in done.stderr
    assert "config.toml:3: site.url" in done.stderr
    assert "did you mean mail" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_option_is_2(started: Path) -> None:
    assert publish(started, "--nonsense").returncode == 2
    assert publish(started, "--preview", "x").returncode == 2
    assert publish(started, "--at", "yesterday").returncode == 2


@pytest.mark.parametrize("command", ["status", "keywords", "check"])
def test_looking_changes_nothing(started: Path, command: str) -> None:
    publish(started, "--at", AT)
    before = {path: path.stat().st_mtime_ns for path in started.rglob("*")}
    assert publish(started, command).returncode == 0
    assert {path: path.stat().st_mtime_ns for path in started.rglob("*")} == before


def test_preview_of_the_next_edition_is_a_page(started: Path) -> None:
    out = started / "next.html"
    done = publish(started, "preview", "daily", "--at", AT, "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert "Bài viết đầu tiên" in out.read_text(encoding="utf-8")
    assert publish(started, "preview", "weekly").returncode == 2


def test_every_command_has_help_and_a_place_in_the_readme_or_docs() -> None:
    import publisher.cli
    from publisher.cli.run import publish as group

    root = Path(publisher.cli.__file__).parents[2]
    written = (root / "README.md").read_text("utf-8")
    written += "".join(page.read_text("utf-8") for page in (root / "docs").rglob("*.md"))
    for name, command in group.commands.items():
        assert command.help, name
        assert f"publish {name}" in written, name


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['publish', '--help']\n"
        "from publisher.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'sqlalchemy', 'jinja2', 'lxml', 'pydantic', 'apscheduler', 'rich', 'babel', 'feedgen'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_reference_of_commands_is_what_the_commands_say() -> None:
    from publisher.cli.reference import markdown

    page = Path(__file__).parents[2] / "docs/reference/commands.md"
    assert page.read_text("utf-8") == markdown(), (
        "python -m publisher.cli.reference > docs/reference/commands.md"
    )


def test_a_dry_run_opens_no_socket_and_no_file_for_writing(started: Path) -> None:
    """Watched from inside the process, before and after a first run."""
    code = (
        "import os, sys\n"
        "def watch(event, arguments):\n"
        "    if event.startswith('socket.') or event in ('os.rename', 'os.remove', 'os.mkdir', 'os.truncate'):\n"
        "        print('DID', event, arguments, file=sys.stderr)\n"
        "    if event == 'open' and arguments[2] & (os.O_WRONLY | os.O_RDWR):\n"
        "        print('DID', event, arguments, file=sys.stderr)\n"
        "from publisher.cli import main\n"
        f"sys.argv = ['publish', '--dry-run', '--at', '{AT}']\n"
        "sys.addaudithook(watch)\n"
        "main()\n"
    )
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    for _ in range(2):
        command = [sys.executable, "-c", code]
        done = subprocess.run(
            command, cwd=started, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "DID" not in done.stderr
        publish(started, "--at", AT)


def test_a_backup_and_a_restore_say_what_they_did(started: Path) -> None:
    publish(started)
    made = publish(started, "db", "backup", "copy.db")
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith("copy.db: ")
    assert "Not in it: seeds, config.toml, and the output" in made.stderr
    again = publish(started, "db", "backup", "copy.db")
    assert (again.returncode, again.stderr) == (1, "copy.db: stands there already\nhint: name another file\n")
    back = publish(started, "db", "restore", "copy.db")
    assert back.returncode == 0, back.stderr
    said = back.stdout.splitlines()
    assert said[0].endswith("publisher.db is now copy.db")
    assert said[1].startswith("  it knows what happened until ")
    assert said[2].startswith("  the old one is kept as ")
    missing = publish(started, "db", "restore", "nothing.db")
    assert (missing.returncode, missing.stderr) == (
        1,
        "nothing.db: no such file\nhint: nothing was changed\n",
    )
