"""What else sends mail: commands for whole processes that send ready-made messages; smtplib's threads are here.

`python -m benchmarks.peers PORT MESSAGES CONNECTIONS FILE` sends by smtplib, one thread for each connection.
"""

from __future__ import annotations

import json
import shutil
import smtplib
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from pathlib import Path
from random import Random
from threading import Thread

from benchmarks.corpus import Corpus
from benchmarks.process import HERE, python

SIZE = 30_000
"""Octets of a message, nearly."""
NODEMAILER = "nodemailer@10"
_SOURCE = "smtp-source"


@dataclass(frozen=True, slots=True)
class Peer:
    """A sender: its command for a port and a number of messages; none where it is not here, and then why."""

    label: str
    messages: int
    command: Callable[[int, int, int], list[str]] | None = None
    absence: str = ""


def peers(folder: Path, nodemailer: int, source: int, smtplib_: int) -> dict[str, Peer]:
    """The senders, each with how many messages it is given; what they need is put into `folder`."""
    folder.mkdir(parents=True)
    file = folder / "message.eml"
    file.write_bytes(message())
    return {
        "nodemailer": _nodemailer(folder, file, nodemailer),
        "smtp-source": _source(source),
        "smtplib": Peer(
            "smtplib, a thread for each connection",
            smtplib_,
            lambda port, messages, connections: python(
                "benchmarks.peers", str(port), str(messages), str(connections), file
            ),
        ),
    }


def message() -> bytes:
    """A two-part message of the size, as 8bit."""
    made = EmailMessage(policy=SMTP.clone(cte_type="8bit", max_line_length=900))
    made["From"], made["To"], made["Subject"] = "news@example.org", "reader@example.org", "Tin sáng"
    made["Message-ID"] = "<ready-made@example.org>"
    body = Corpus.of(10).article(Random(0).randrange(1000))
    lines = [line for line in body.splitlines() if line]
    text = "\n".join(lines)
    while len(text.encode()) < SIZE // 2 - 700:
        text += "\n" + "\n".join(lines)
    text = text.encode()[: SIZE // 2 - 700].decode(errors="ignore")
    lines = [line[at : at + 300] for line in text.splitlines() for at in range(0, len(line), 300)]
    made.set_content("\n".join(lines), cte="8bit")
    made.add_alternative("".join(f"<p>{escape(line)}\n" for line in lines), subtype="html", cte="8bit")
    return made.as_bytes()


def send(port: int, messages: int, connections: int, file: Path) -> None:
    """Send by smtplib, each thread over one connection."""
    content = file.read_bytes()

    def work(first: int) -> None:
        with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost") as smtp:
            for number in range(first, messages, connections):
                to = f"reader{number}@example.org"
                smtp.sendmail("news@example.org", [to], content, ["BODY=8BITMIME"])

    threads = [Thread(target=work, args=(first,)) for first in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _nodemailer(folder: Path, file: Path, messages: int) -> Peer:
    label = "nodemailer's pool, ready-made messages"
    npm, node = shutil.which("npm"), shutil.which("node")
    if not npm or not node:
        return Peer(label, messages, absence="npm is not here")
    install = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), NODEMAILER]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    if done.returncode:
        return Peer(label, messages, absence="npm could not install it")
    package = json.loads((folder / "node_modules/nodemailer/package.json").read_text(encoding="utf-8"))

    def command(port: int, number: int, connections: int) -> list[str]:
        script = HERE / "peers.mjs"
        return [node, str(script), str(folder), str(port), str(number), str(connections), str(file)]

    return Peer(f"nodemailer {package['version']}, its pool, ready-made messages", messages, command)


def _source(messages: int) -> Peer:
    label = f"Postfix's {_SOURCE} -d"
    found = shutil.which(_SOURCE) or shutil.which(_SOURCE, path="/usr/sbin")
    if not found:
        return Peer(label, messages, absence=f"{_SOURCE} is not here")

    def command(port: int, number: int, connections: int) -> list[str]:
        amount = ["-s", str(connections), "-m", str(number), "-l", str(SIZE)]
        ends = ["-f", "news@example.org", "-t", "reader@example.org", f"127.0.0.1:{port}"]
        return [found, "-d", *amount, *ends]

    return Peer(label, messages, command)


if __name__ == "__main__":
    port_, messages_, connections_ = map(int, sys.argv[1:4])
    send(port_, messages_, connections_, Path(sys.argv[4]))
