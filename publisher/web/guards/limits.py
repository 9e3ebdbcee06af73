"""How often somebody may do something: a bucket that drips, one for each name, in bounded memory. Pure but for that."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

ROOM = 50_000
"""Names that one limit remembers; who came longest ago is forgotten first."""
_NETWORK = 64
"""Bits of an IPv6 network: a household has one, and every address in it."""


class Limit:
    """At most `most` times in `period` for one name, evenly refilled: nobody waits longer than his share."""

    def __init__(self, most: int, period: timedelta, room: int = ROOM) -> None:
        self._most, self._each, self._room = most, period / most, room
        self._full: OrderedDict[str, datetime] = OrderedDict()

    def wait(self, name: str, now: datetime) -> timedelta:
        """How long `name` must wait; nothing where it may at once, which then counts."""
        late = self.ahead(name, now)
        full = max(self._full.pop(name, now), now)
        self._full[name] = full if late else full + self._each
        while len(self._full) > self._room:
            self._full.popitem(last=False)
        return late

    def ahead(self, name: str, now: datetime) -> timedelta:
        """How long `name` would have to wait now, which counts for nothing."""
        # What is kept is when the bucket is full again: one moment says how many drops are in it.
        full = max(self._full.get(name, now), now) + self._each
        return max(full - now - self._each * self._most, timedelta())


def network_of(client: str) -> str:
    """What one household cannot change: an IPv4 address, or the /64 of an IPv6 address; else the text as it is."""
    try:
        address = ip_address(client.partition("%")[0])
    except ValueError:
        return client
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return f"{IPv6Address(int(address) >> 128 - _NETWORK << 128 - _NETWORK)}/{_NETWORK}"
    return str(address)
