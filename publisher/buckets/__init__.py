"""Buckets (the S3 API): for seeds, and for documents. The only door to obstore.

What the configuration leaves open comes from the environment, as every tool for S3 takes it:
``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``, ``AWS_REGION``, or the machine's own role.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from publisher.buckets.refusals import refusal
from publisher.credentials import secret
from publisher.errors import BucketError

if TYPE_CHECKING:
    from obstore.store import S3Credential, S3Store

__all__ = ["AT_ONCE", "Bucket", "Place", "Thing", "number_of"]

Given = TypeVar("Given")
Made = TypeVar("Made")

AT_ONCE = 16
"""Requests under way: each waits for the network most of its time."""
_SECONDS = 30
"""A request is given up after so long, and tried again for twice that."""


class Place(Protocol):
    """A table of the configuration that names a bucket, ``s3://BUCKET/PREFIX``, and how it is reached."""

    @property
    def path(self) -> str:
        """The bucket, and the beginning of all names in it."""

    @property
    def endpoint(self) -> str:
        """Where the service is; empty: Amazon's."""

    @property
    def region(self) -> str:
        """Empty: as the environment says."""

    @property
    def access_key(self) -> str:
        """Empty: as the environment or the machine says."""

    @property
    def secret_key_env(self) -> str:
        """The name of what holds the secret of `access_key`."""


class Thing(NamedTuple):
    """An object: its name below the prefix, its bytes, its entity tag, and when it was put."""

    name: str
    size: int
    tag: str
    put_at: datetime


class Bucket:
    """The way to what a `table` of the configuration names; `publisher.errors.BucketError` where it refuses."""

    def __init__(self, table: str, place: Place) -> None:
        self._table, self._place = table, place
        self._store = self._opened()

    def things(self) -> Iterator[Thing]:
        """Everything that there is, 1,000 a request."""
        import obstore

        with self._asked("the list"):
            for some in obstore.list(self._store):
                for item in some:
                    yield Thing(item["path"], item["size"], item["e_tag"] or "", item["last_modified"])

    def about(self, name: str) -> tuple[int, str, Mapping[Any, str]] | None:
        """Bytes, entity tag and what is said of an object; None where there is none."""
        import obstore

        with self._asked(name), suppress(FileNotFoundError):
            found = obstore.get(self._store, name, options={"head": True})
            return found.meta["size"], found.meta["e_tag"] or "", found.attributes
        return None

    def read(self, name: str) -> Iterator[bytes]:
        """The bytes of an object, piece by piece; FileNotFoundError where there is none."""
        import obstore

        with self._asked(name, let=FileNotFoundError):
            yield from map(bytes, obstore.get(self._store, name).stream())

    def put(self, name: str, content: bytes, said: Mapping[str, str]) -> str:
        """Put an object whole; its entity tag."""
        import obstore

        attributes: Any = dict(said)
        with self._asked(name):
            result = obstore.put(self._store, name, content, attributes=attributes, use_multipart=False)
        return result["e_tag"] or ""

    def delete(self, name: str) -> None:
        """Take an object away, if there is one."""
        import obstore

        with self._asked(name):
            obstore.delete(self._store, name)

    def each(self, do: Callable[[Given], Made], some: Iterable[Given]) -> Iterator[Made]:
        """Do something that waits for the bucket, for several at once; in their order."""
        yield from self._threads.map(do, some)

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(AT_ONCE, "bucket")

    def _opened(self) -> S3Store:
        """The way, on which nothing is asked yet."""
        try:
            from obstore.store import S3Store
        except ModuleNotFoundError:
            fault = f"{self._table}.path: a bucket needs the extra s3 (obstore)"
            raise BucketError(fault, hint="pip install 'publisher[s3]'") from None

        place = self._place
        options: dict[str, Any] = {}
        if place.endpoint:
            options |= {"endpoint": place.endpoint, "virtual_hosted_style_request": False}
        if place.region:
            options["region"] = place.region
        if place.access_key:
            options["credential_provider"] = self._keys()
        with self._asked("the bucket"):
            return S3Store.from_url(
                place.path,
                client_options={
                    "timeout": f"{_SECONDS}s",
                    "connect_timeout": "10s",
                    "allow_http": place.endpoint.startswith("http:"),
                },
                retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=2 * _SECONDS)},
                **options,
            )

    def _keys(self) -> Callable[[], S3Credential]:
        """Those of the configuration: what else the environment has is not mixed with them."""
        key, name = self._place.access_key, self._place.secret_key_env
        if not secret(name):
            fault = f"{self._table}.access_key: there is no secret key for it"
            raise BucketError(fault, hint=f"set the environment variable {name}")
        return lambda: {"access_key_id": key, "secret_access_key": secret(name), "expires_at": None}

    @contextmanager
    def _asked(self, what: str, let: type[BaseException] | tuple[()] = ()) -> Iterator[None]:
        """What the bucket refuses, or does not answer, is no bug."""
        from obstore.exceptions import BaseError

        try:
            yield
        except let:
            raise
        except (BaseError, OSError) as error:
            raise refusal(self._table, self._place.path, what, error, _SECONDS) from None


def number_of(tag: str) -> int:
    """An entity tag, which some services send without its quotation marks, as a number of 56 bits."""
    return int.from_bytes(blake2b(tag.strip('"').encode(), digest_size=7).digest())
