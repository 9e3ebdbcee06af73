"""A real IMAP server (Dovecot) on a free port of this machine, with mailboxes in a folder of its own."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
import trustme

DOVECOT = shutil.which("dovecot", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
"""Debian keeps it where people who are not root do not look."""

# For root it keeps to Debian's own users, since it lets nobody read mail as root; for anybody else all of it
# runs as that one.
CONFIG = """\
protocols = imap
listen = 127.0.0.1
base_dir = {own}/run
state_dir = {own}/state
log_path = {own}/log
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
mail_location = maildir:{own}/mail/%u
mail_uid = {mail}
mail_gid = {group}
first_valid_uid = 0
first_valid_gid = 0
ssl = yes
ssl_cert = <{own}/cert.pem
ssl_key = <{own}/key.pem
disable_plaintext_auth = yes
auth_mechanisms = {mechanisms}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={mail} gid={group} home={own}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
auth_failure_delay = 0
service anvil {{
  chroot =
  # Nobody waits because a test before gave a wrong password.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""


class MailServer:
    """Serves a mailbox under any name to whoever knows the password, between `with` and its end.

    `port` begins in the clear, and takes no password before STARTTLS; `tls_port` is TLS at once.
    `authority` is a file with the certificate to trust.
    """

    def __init__(self, password: str = "khoá-bí-mật", mechanisms: str = "plain login") -> None:
        assert DOVECOT is not None, "dovecot is not installed"
        self._own = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self._own.chmod(0o755)
        self._mail = self._own / "mail"
        self.password = password
        authority = trustme.CA()
        certificate = authority.issue_cert("localhost")
        certificate.cert_chain_pems[0].write_to_path(self._own / "cert.pem")
        certificate.private_key_pem.write_to_path(self._own / "key.pem")
        self.authority = self._own / "authority.pem"
        authority.cert_pem.write_to_path(self.authority)
        root = os.geteuid() == 0
        me = pwd.getpwuid(os.geteuid()).pw_name
        self._reader = pwd.getpwnam("dovecot" if root else me)
        self.port, self.tls_port = _free_ports()
        text = CONFIG.format(
            own=self._own,
            internal=self._reader.pw_name,
            login="dovenull" if root else me,
            mail=self._reader.pw_uid,
            group=grp.getgrgid(self._reader.pw_gid).gr_name,
            mechanisms=mechanisms,
            password=password,
            port=self.port,
            tls_port=self.tls_port,
        )
        (self._own / "dovecot.conf").write_text(text, encoding="utf-8")

    def __enter__(self) -> Self:
        self._mail.mkdir()
        self._hand_over()
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self._own)

    def start(self) -> None:
        """Start the server and wait until it greets."""
        self._process = subprocess.Popen([str(DOVECOT), "-F", "-c", str(self._own / "dovecot.conf")])
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 5) as line:
                    if line.recv(4) == b"* OK":
                        return
            except OSError:
                time.sleep(0.05)
        self.stop()
        raise AssertionError(f"dovecot does not answer: {self.errors}")

    def stop(self) -> None:
        """End the server, and with it every connection."""
        processes = [psutil.Process(self._process.pid)] if self._process.poll() is None else []
        processes += [child for process in processes for child in process.children(recursive=True)]
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        # Those who serve a connection live on as long as it does.
        for process in psutil.wait_procs(processes, 0.2)[1]:
            process.kill()
        psutil.wait_procs(processes, 10)

    def place(self, user: str, folder: str = "") -> Path:
        """The Maildir of a user, or of a folder of his, by the name that it has on the disk."""
        return self._mail / user / (f".{folder}" if folder else "")

    def put(self, user: str, name: str, raw: bytes, folder: str = "") -> None:
        """Put a message into a mailbox, or into a folder of it."""
        for place in (self.place(user), self.place(user, folder)):
            for part in ("new", "cur", "tmp"):
                (place / part).mkdir(parents=True, exist_ok=True)
        (self.place(user, folder) / "new" / name).write_bytes(raw)
        self._hand_over()

    def flags(self, user: str) -> dict[str, str]:
        """The messages of an inbox by name, each with its flags as the disk has them."""
        files = [file for part in ("new", "cur") for file in (self.place(user) / part).iterdir()]
        parts = (file.name.partition(":2,") for file in files)
        return {name.partition(",")[0]: flags for name, _, flags in parts}

    @property
    def errors(self) -> str:
        """What the server logged."""
        log = self._own / "log"
        return log.read_text(encoding="utf-8") if log.exists() else ""

    def _hand_over(self) -> None:
        if os.geteuid() == 0:
            for path in (self._mail, *self._mail.rglob("*")):
                os.chown(path, self._reader.pw_uid, self._reader.pw_gid)


def _free_ports() -> tuple[int, int]:
    """Two free ports; Dovecot takes neither a port 0 nor a socket that is bound already."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return int(one.getsockname()[1]), int(other.getsockname()[1])
