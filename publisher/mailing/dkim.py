"""Signatures (DKIM, RFC 6376, with RFC 8301 and RFC 8463) of messages that share all but a few words.

Both canonicalisations are "relaxed". The digest of the body is begun once and continued for each
message from its first slot on; all keys share it. There is no ``l=``, which would let others add text.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from publisher.config import Config
from publisher.errors import ConfigError
from publisher.mailboxes import ascii_domain
from publisher.mailing.body import Piece
from publisher.mailing.headers import OWN, domain_of

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

SIGNED = (
    *("from", "reply-to", "subject", "date", "mime-version", "content-type"),
    *("list-unsubscribe-post", "feedback-id", "to", "message-id", "list-unsubscribe"),
)
"""Fields that are signed, those in `OWN` last. Each is listed once more than it is there: nobody can add another."""

_WEAK, _WEAKEST = 2048, 1024
"""Bits that RSA keys should have and must have (RFC 8301, section 3.2)."""
_LONGEST_STRING = 255
"""Octets of one string of a TXT record (RFC 1035, section 3.3)."""
_LINE = 72
_NAMES_A_LINE = 3
_BLANKS = re.compile(rb"[ \t]{2,}|\t")


@dataclass(frozen=True, slots=True)
class Key:
    """A private key: `sign` takes a SHA-256 digest. `algorithm` and `public` are as in its DNS record."""

    domain: str
    selector: str
    algorithm: str
    public: str
    bits: int
    sign: Callable[[bytes], bytes]

    @property
    def record(self) -> str:
        """The line of the DNS that receivers need (RFC 6376, section 3.6.1), as zone files have it."""
        text = f"v=DKIM1; k={self.algorithm}; p={self.public}"
        strings = (text[at : at + _LONGEST_STRING] for at in range(0, len(text), _LONGEST_STRING))
        quoted = " ".join(f'"{string}"' for string in strings)
        return f"{self.selector}._domainkey.{self.domain}. TXT {quoted}"


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs with each of its keys."""

    keys: tuple[Key, ...]

    def seal(self, fields: Sequence[str], pieces: Sequence[Piece], moment: datetime) -> Seal:
        """What signs messages with these header fields, for those in `OWN` only their names, and this body.

        `moment` is when they are signed: the edition's, so that a repeat has the same bytes.
        """
        return Seal(self.keys, fields, pieces, moment)


class Seal:
    """What the signatures of messages that share fields and pieces of a body have in common."""

    def __init__(
        self, keys: Sequence[Key], fields: Sequence[str], pieces: Sequence[Piece], moment: datetime
    ) -> None:
        by_name = {field.partition(":")[0].lower(): field for field in fields}
        names = [name for name in SIGNED for _ in range(2 if name in by_name else 1)]
        self._fields = b"".join(
            _canonical(by_name[name].encode())
            for name in SIGNED
            if name in by_name and by_name[name] not in OWN
        )
        self._keys = [_Signature.of(key, names, moment) for key in keys]
        self._first = next(
            (at for at, piece in enumerate(pieces) if not isinstance(piece, bytes)), len(pieces)
        )
        relaxed = [_relaxed(piece) if isinstance(piece, bytes) else None for piece in pieces]
        self._begun = hashlib.sha256(b"".join(piece or b"" for piece in relaxed[: self._first]))
        self._rest = relaxed[self._first :]

    def sign(self, own: Sequence[bytes], body: Sequence[bytes]) -> bytes:
        """The signatures of one message, as header fields with their line ends.

        `own` are its fields of `OWN` in that order, `body` are the pieces with all places filled:
        no line of those ends in a blank.
        """
        digest = self._begun.copy()
        filled = zip(self._rest, body[self._first :], strict=True)
        digest.update(b"".join([piece if relaxed is None else relaxed for relaxed, piece in filled]))
        body_hash = b64encode(digest.digest())
        fields = self._fields + b"".join(map(_canonical, own))
        return b"".join([signature.over(fields, body_hash) for signature in self._keys])


@dataclass(frozen=True, slots=True)
class _Signature:
    """A DKIM-Signature field (RFC 6376, section 3.5) as far as messages share it."""

    sign: Callable[[bytes], bytes]
    begun: bytes
    canonical: bytes

    @classmethod
    def of(cls, key: Key, names: Sequence[str], moment: datetime) -> _Signature:
        rows = (":".join(names[at : at + _NAMES_A_LINE]) for at in range(0, len(names), _NAMES_A_LINE))
        listed = ":\r\n  ".join(rows)
        begun = (
            f"DKIM-Signature: v=1; a={key.algorithm}-sha256; c=relaxed/relaxed;\r\n"
            f" d={key.domain};\r\n s={key.selector}; t={int(moment.timestamp())};\r\n"
            f" h={listed};\r\n bh="
        ).encode()
        return cls(key.sign, begun, _canonical(begun).rstrip(b"\r\n"))

    def over(self, fields: bytes, body_hash: bytes) -> bytes:
        """The field for a message with these canonical fields; its own ``b=`` is signed while empty."""
        digest = hashlib.sha256(fields + self.canonical + body_hash + b"; b=").digest()
        made = b64encode(self.sign(digest))
        lines = b"\r\n  ".join(made[at : at + _LINE] for at in range(0, len(made), _LINE))
        return self.begun + body_hash + b";\r\n b=" + lines + b"\r\n"


def signer_of(config: Config) -> Signer | None:
    """What signs as `[[mail.dkim]]` says; nothing where no key is named. Raises `ConfigError` with each fault."""
    keys, found = _keys(config)
    if found:
        raise ConfigError(*found)
    return Signer(tuple(keys.values())) if keys else None


def faults(config: Config) -> list[str]:
    """What is wrong with the keys, also what does not keep them from signing."""
    keys, found = _keys(config)
    weak = {place: key.bits for place, key in keys.items() if key.algorithm == "rsa" and key.bits < _WEAK}
    return found + [
        f"{place}: an RSA key of {bits} bits, receivers want {_WEAK}" for place, bits in weak.items()
    ]


def records(config: Config) -> list[str]:
    """The lines that the DNS needs for the keys that can be read."""
    return [key.record for key in _keys(config)[0].values()]


def _keys(config: Config) -> tuple[dict[str, Key], list[str]]:
    """The keys that can sign, by where they are named, and what is wrong with the others."""
    keys: dict[str, Key] = {}
    found: list[str] = []
    for number, entry in enumerate(config.mail.dkim):
        place = f"mail.dkim[{number}].key: {entry.key}"
        domain = ascii_domain(entry.domain) if entry.domain else domain_of(config.mail.sender)
        try:
            keys[place] = _read(entry.selector, domain, config.root / entry.key)
        except ImportError:
            return {}, ["mail.dkim: signing needs one more library: pip install 'publisher[dkim]'"]
        except ConfigError as error:
            found += (f"{place}: {line}" for line in error.lines)
    return keys, found


def _read(selector: str, domain: str, path: Path) -> Key:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        private = load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}") from error
    except TypeError as error:
        raise ConfigError("is encrypted, and nobody could type its password") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ConfigError("not a private key in PEM") from error
    return _key(selector, domain, private)


def _key(selector: str, domain: str, private: object) -> Key:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    if isinstance(private, Ed25519PrivateKey):
        public = b64encode(private.public_key().public_bytes_raw()).decode()
        return Key(domain, selector, "ed25519", public, 256, private.sign)
    if not isinstance(private, RSAPrivateKey):
        raise ConfigError("neither an RSA nor an Ed25519 key")
    if private.key_size < _WEAKEST:
        raise ConfigError(f"an RSA key of {private.key_size} bits, receivers take no less than {_WEAKEST}")
    return Key(domain, selector, "rsa", _published(private), private.key_size, _rsa(private))


def _published(private: RSAPrivateKey) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    raw = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64encode(raw).decode()


def _rsa(private: RSAPrivateKey) -> Callable[[bytes], bytes]:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
    from cryptography.hazmat.primitives.hashes import SHA256

    padding, digest = PKCS1v15(), Prehashed(SHA256())
    return lambda raw: private.sign(raw, padding, digest)


def _relaxed(piece: bytes) -> bytes:
    """Lines, none of which ends in a blank, after the "relaxed" canonicalisation (RFC 6376, section 3.4.4)."""
    return _BLANKS.sub(b" ", piece) if b"  " in piece or b"\t" in piece else piece


def _canonical(field: bytes) -> bytes:
    """A field after the "relaxed" canonicalisation (RFC 6376, section 3.4.2)."""
    name, _, value = field.partition(b":")
    return name.lower() + b":" + b" ".join(value.split()) + b"\r\n"
