"""What systemd is told (sd_notify(3)): ready, alive, about to stop. Elsewhere nobody is told."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping


class Notifier:
    """Speaks to the socket that the environment names, if it names one."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        theirs = environment.get("WATCHDOG_PID", "") in ("", str(os.getpid()))
        microseconds = environment.get("WATCHDOG_USEC", "") if theirs else ""
        self.interval = int(microseconds) / 2_000_000 if microseconds.isdecimal() else None
        """Seconds between two signs of life: half of what the watchdog waits; none where there is no watchdog."""

    def tell(self, *lines: str) -> None:
        """Send assignments such as ``READY=1``. A manager that does not listen stops nothing."""
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            try:
                line.sendto("\n".join(lines).encode(), address)
            except OSError:
                return
