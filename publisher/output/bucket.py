"""Documents as objects of a bucket (the S3 API), each put whole. The only door to obstore.

One list of the objects tells a run what stands where (1,000 of them a request); an object is known by its size and
its entity tag. Keys and region come from the environment, as every tool for S3 takes them: ``AWS_ACCESS_KEY_ID``,
``AWS_SECRET_ACCESS_KEY``, ``AWS_REGION``, or the machine's own role.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import cached_property
from hashlib import blake2b, md5
from typing import TYPE_CHECKING, Any, TypeVar

from publisher import addresses
from publisher.errors import OutputError
from publisher.kinds import kind_of
from publisher.states import State

if TYPE_CHECKING:
    from obstore.store import S3Store

Given = TypeVar("Given")
Made = TypeVar("Made")

_AT_ONCE = 16
"""Requests under way: each waits for the network most of its time."""
_SECONDS = 30
"""A request is given up after so long, and tried again for twice that."""


class Bucket:
    """A bucket and the beginning of the names in it, as ``s3://BUCKET/PREFIX``.

    `endpoint` is the address of a service that is not Amazon's; current feeds keep for `feeds_keep` seconds.
    """

    at_once = _AT_ONCE

    def __init__(self, url: str, endpoint: str, region: str, feeds_keep: int) -> None:
        self._url, self._endpoint, self._region, self._keep = url, endpoint, region, feeds_keep
        self._seen: dict[str, State | None] = {}

    def state(self, path: str, siblings: Collection[str] = ()) -> State | None:
        """Size in bytes and the number of the entity tag of what stands at `path`."""
        name = addresses.file_of(path)
        return self._seen[name] if name in self._seen else self._listed.get(name)

    def amiss(self, documents: Mapping[str, State], siblings: Collection[str]) -> bool:
        """Whether any of the documents is not in place."""
        return any(self.state(path) != state for path, state in documents.items())

    def put(self, path: str, content: bytes, siblings: Collection[str] = ()) -> bool:
        """Put `content` in place with its type and for how long it keeps; false where it stood there already."""
        import obstore

        name = addresses.file_of(path)
        stands = self._head(name)
        if stands and stands == (
            len(content),
            _number(f'"{md5(content, usedforsecurity=False).hexdigest()}"'),
        ):
            self._seen[name] = stands
            return False
        kind = kind_of(name, self._keep)
        attributes: Any = {"Content-Type": kind.type, "Cache-Control": f"public, max-age={kind.keeps}"}
        with self._asked(name):
            result = obstore.put(self._store, name, content, attributes=attributes, use_multipart=False)
        self._seen[name] = (len(content), _number(result["e_tag"] or ""))
        return True

    def remove(self, path: str) -> bool:
        """Take an object away; whether there was one."""
        import obstore

        name = addresses.file_of(path)
        stood = self._head(name) is not None
        with self._asked(name):
            obstore.delete(self._store, name)
        self._seen[name] = None
        return stood

    def remove_siblings(self, path: str, keep: Collection[str] = ()) -> None:
        """Nothing: there are none."""

    def sweep(self) -> None:
        """Nothing: an object is whole or not there."""

    def leave_sign(self) -> str:
        """Nothing: a bucket is the same from everywhere."""
        return ""

    def has_sign(self, sign: str) -> bool:
        """Always."""
        return True

    def each(self, do: Callable[[Given], Made], some: Iterable[Given]) -> Iterator[Made]:
        """Do it for several at once."""
        yield from self._threads.map(do, some)

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(_AT_ONCE, "bucket")

    @cached_property
    def _listed(self) -> Mapping[str, State]:
        import obstore

        with self._asked("the list"):
            return {
                item["path"]: (item["size"], _number(item["e_tag"] or ""))
                for some in obstore.list(self._store)
                for item in some
            }

    def _head(self, name: str) -> State | None:
        import obstore

        with self._asked(name), suppress(FileNotFoundError):
            found = obstore.head(self._store, name)
            return found["size"], _number(found["e_tag"] or "")
        return None

    @cached_property
    def _store(self) -> S3Store:
        try:
            from obstore.store import S3Store
        except ModuleNotFoundError:
            fault = "output.path: a bucket needs the extra s3 (obstore)"
            raise OutputError(fault, hint="pip install 'publisher[s3]'") from None
        options: dict[str, Any] = {}
        if self._endpoint:
            options |= {"endpoint": self._endpoint, "virtual_hosted_style_request": False}
        if self._region:
            options["region"] = self._region
        with self._asked("the bucket"):
            return S3Store.from_url(
                self._url,
                client_options={
                    "timeout": f"{_SECONDS}s",
                    "connect_timeout": "10s",
                    "allow_http": self._endpoint.startswith("http:"),
                },
                retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=2 * _SECONDS)},
                **options,
            )

    @contextmanager
    def _asked(self, what: str) -> Iterator[None]:
        """What the bucket refuses, or does not answer, is no bug."""
        from obstore.exceptions import BaseError

        try:
            yield
        except (BaseError, OSError) as error:
            raise OutputError(f"{self._url}: {what}: {_first(error)}", hint=_HINT) from None


_HINT = (
    "see that the bucket is there, that AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY may write it, and that"
    " [output] endpoint and region are right; the next run goes on where this one stopped"
)


def _first(error: BaseException) -> str:
    """What happened, without what libraries add to it for those who know them."""
    return " ".join(str(error).split("\n\nDebug source")[0].split())[:300]


def _number(tag: str) -> int:
    """An entity tag as a number of 56 bits."""
    return int.from_bytes(blake2b(tag.encode(), digest_size=7).digest())
