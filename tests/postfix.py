"""A private Postfix for tests: its own configuration, queue, port and mailbox, in a folder of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MAIN = """\
compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
myhostname = relay.example.org
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
mydestination =
relayhost =
alias_maps =
virtual_mailbox_domains = example.org
virtual_mailbox_base = {root}/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
smtpd_peername_lookup = no
smtpd_recipient_restrictions = check_recipient_access inline:{{gone@example.org=REJECT}}, permit_mynetworks, reject
smtpd_client_connection_rate_limit = 0
smtpd_tls_security_level = none
maillog_file = {root}/log
maillog_file_prefixes = {root}
default_transport = error:no way out
in_flow_delay = 0
"""
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 1 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
discard unix - - n - - discard
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""
AVAILABLE = (
    os.getuid() == 0
    and shutil.which("postfix", path=os.environ["PATH"] + os.pathsep + "/usr/sbin") is not None
)


@dataclass(frozen=True)
class Postfix:
    """Where it listens, and where its files are."""

    port: int
    root: Path

    @property
    def mail(self) -> list[str]:
        """What arrived in the mailbox."""
        return [file.read_text("utf-8") for file in (self.root / "mail" / "all" / "new").glob("*")]

    def wait_for(self, count: int) -> list[str]:
        """What arrived, as soon as it is so many."""
        patience = time.monotonic() + 60
        while len(self.mail) < count and time.monotonic() < patience:
            time.sleep(0.05)
        return self.mail


@contextmanager
def postfix(settings: str = "") -> Iterator[Postfix]:
    """Run one as long as the block lasts; `settings` are lines that come behind its own in main.cf."""
    nobody = pwd.getpwnam("nobody")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    root = Path(tempfile.mkdtemp(prefix="postfix-"))
    try:
        root.chmod(0o755)
        for name in ("etc", "queue", "data", "mail"):
            (root / name).mkdir()
        shutil.chown(root / "data", "postfix")
        shutil.chown(root / "mail", nobody.pw_uid, nobody.pw_gid)
        main = MAIN.format(root=root, uid=nobody.pw_uid, gid=nobody.pw_gid) + settings
        (root / "etc" / "main.cf").write_text(main)
        (root / "etc" / "master.cf").write_text(MASTER.format(port=port))
        command = ["/usr/sbin/postfix", "-c", str(root / "etc")]
        subprocess.run([*command, "start"], check=True, capture_output=True)
        try:
            yield Postfix(port, root)
        finally:
            subprocess.run([*command, "stop"], check=True, capture_output=True)
    finally:
        shutil.rmtree(root)
