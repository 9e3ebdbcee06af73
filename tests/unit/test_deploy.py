"""What is copied onto servers: units that systemd takes, and a recipe for containers that holds what it promises."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import demand

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs/deploy"
ANALYZE = shutil.which("systemd-analyze")
PUBLISH = Path(sys.executable).with_name("publish")
SERVICES = ["publisher.service", "publisher-once.service", "publisher-worker.service"]


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units, with the command where it is here."""
    demand("systemd-analyze", ANALYZE)
    for file in DEPLOY.glob("publisher*"):
        text = file.read_text(encoding="utf-8")
        (tmp_path / file.name).write_text(
            text.replace("/opt/publisher/bin/publish", str(PUBLISH)), encoding="utf-8"
        )
    return tmp_path


def analyze(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("unit", [*SERVICES, "publisher-once.timer"])
def test_systemd_has_nothing_to_say_against_a_unit(units: Path, unit: str) -> None:
    done = analyze(units, "verify", f"./{unit}")
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("unit", SERVICES)
def test_a_service_is_exposed_to_little(units: Path, unit: str) -> None:
    done = analyze(units, "security", "--offline=true", "--threshold=15", f"./{unit}")
    assert done.returncode == 0, done.stdout


def settings(unit: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in (DEPLOY / unit).read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def test_the_service_waits_longer_than_the_program_takes_to_stop_and_looks_whether_it_lives() -> None:
    service = settings("publisher.service")
    assert (service["Type"], service["NotifyAccess"]) == (["notify"], ["main"])
    assert service["WatchdogSec"] == ["2min"]
    assert service["TimeoutStopSec"] == ["20s"]
    assert service["Restart"] == ["always"]


def test_all_services_are_hardened_alike() -> None:
    def hardening(unit: str) -> str:
        text = (DEPLOY / unit).read_text(encoding="utf-8")
        return text[text.index("# It writes below") :].partition("[Install]")[0].strip()

    assert len({hardening(unit) for unit in SERVICES}) == 1


def test_credentials_have_the_names_that_the_configuration_asks_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """systemd.exec(5): each file of a folder becomes a credential, its name behind the given one and a `_`."""
    from publisher.config import Console, Database, Imap, Notices, Output, Smtp, Web
    from publisher.credentials import secret

    (given,) = settings("publisher.service")["LoadCredential"]
    name, _, folder = given.partition(":")
    assert folder == "/etc/publisher/credentials"
    page = (ROOT / "docs/howto/operate.md").read_text(encoding="utf-8")
    wanted = {
        Smtp.password_env,
        Imap.password_env,
        Console.password_env,
        Web.metrics_env,
        Notices.webhook_env,
        Database.password_env,
        Output.secret_key_env,
    }
    assert set(re.findall(r"^\| `(PUBLISHER_\w+)` \|", page, re.MULTILINE)) == wanted
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    for each in wanted:
        file = each.removeprefix(f"{name}_")
        assert each == f"{name}_{file}"
        (tmp_path / f"{name}_{file}").write_text(f"secret of {file}\n", encoding="utf-8")
        monkeypatch.delenv(each, raising=False)
        assert secret(each) == f"secret of {file}"


def test_a_run_needs_no_memory_that_is_written_and_executed(tmp_path: Path) -> None:
    """What `MemoryDenyWriteExecute` forbids, as the kernel does it (prctl(2), PR_SET_MDWE)."""
    program = (
        "import ctypes, sys\n"
        "if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0): sys.exit(77)\n"
        "from publisher.cli import main\n"
        "sys.argv = ['publish', 'check']\n"
        "main()\n"
    )
    shutil.copy(ROOT / "config.toml", tmp_path)
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode == 77:
        pytest.skip("the kernel cannot forbid it")
    assert done.returncode == 0, done.stderr


def test_the_linter_has_nothing_to_say_against_the_recipe() -> None:
    linter = Path(sys.executable).with_name("hadolint")
    demand("hadolint", str(linter) if linter.exists() else None)
    done = subprocess.run([linter, DEPLOY / "Containerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


RECIPE = (DEPLOY / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")


def instructions(name: str) -> list[str]:
    return [line.partition(" ")[2].strip() for line in RECIPE.splitlines() if line.startswith(f"{name} ")]


def test_the_recipe_copies_what_there_is_and_what_is_not_kept_out() -> None:
    let_in = [
        line.removeprefix("!")
        for line in (ROOT / ".containerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    ]
    copied = [
        word for line in instructions("COPY") if "--from" not in line for word in shlex.split(line)[:-1]
    ]
    for path in copied:
        assert (ROOT / path).exists(), path
        assert any(path == each or path.startswith(f"{each}/") for each in let_in), path


def test_the_image_runs_as_nobody_special_and_installs_by_hash() -> None:
    assert instructions("USER") == ["10001"]
    assert "--require-hashes" in instructions("RUN")[0]
    assert len({line.split()[0] for line in instructions("FROM")}) == 1
    assert instructions("ENTRYPOINT") == ['["publish"]']
    assert instructions("CMD") == ['["serve", "--host", "0.0.0.0"]']


def test_the_question_whether_the_container_is_well_fails_where_nobody_answers() -> None:
    (check,) = instructions("HEALTHCHECK")
    command = [sys.executable, *eval_list(check.partition("CMD ")[2])[1:]]
    command[-1] = command[-1].replace(":8000/", ":9/")
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1


def eval_list(text: str) -> list[str]:
    import json

    return [str(word) for word in json.loads(text)]
