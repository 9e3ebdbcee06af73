"""What is known × what was found in the seeds folder → what becomes of each article. Pure."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from publisher import addresses
from publisher.errors import TooManyVanished
from publisher.keywords import slugify
from publisher.model import Article, Draft, Fault, Known, Listing, Picture, SeedFile, SeedRecord
from publisher.planning.examining import Examined
from publisher.planning.identity import Names, content_digest, digest_of


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading one seed gave: the digest of its bytes and a draft, or a fault.

    Of what was `examined` already the draft has only what tells one article from another, and where it stands:
    `body` gives the rest where the article is recorded (`publisher.store.bodies`).
    """

    file: SeedFile
    digest: str
    draft: Draft | None = None
    fault: Fault | None = None
    examined: Examined | None = None
    body: Callable[[], str] | None = None

    @property
    def content(self) -> str:
        """The digest of what was read; empty where nothing was."""
        if self.examined:
            return self.examined.content
        return content_digest(self.draft) if self.draft else ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article that was read anew, not yet filed under keywords; `kind` as in `ArticleChange`."""

    article: Article
    digest: str
    kind: str
    examined: Examined | None = None
    body: Callable[[], str] | None = None


@dataclass(slots=True)
class Decisions:
    """What becomes of seeds and articles."""

    seeds: list[SeedRecord] = field(default_factory=list)
    seeds_gone: list[str] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    withdrawn: list[Listing] = field(default_factory=list)
    doubles: list[tuple[str, str]] = field(default_factory=list)
    """Seeds that turned out to say what another one says, each with the other."""


def to_read(
    known: Known,
    found: Sequence[SeedFile],
    pictures: Mapping[str, SeedFile],
    *,
    again: bool,
    upgraded: bool = False,
) -> list[SeedFile]:
    """The seeds that must be read: new ones, changed ones, those whose pictures changed.

    All where the rules of reading changed; those in quarantine where the program did, which may do better
    now. `pictures` are those in the folder, by path in NFC.
    """
    faulty = {_folder(path) for path, seed in known.seeds.items() if seed.fault} if upgraded else set()

    def needed(file: SeedFile) -> bool:
        seed = known.seeds.get(file.path)
        if again or seed is None or seed.file != file:
            return True
        if seed.fault or file.path in faulty:
            return upgraded
        listing = known.listings.get(seed.article)
        return listing is not None and any(moved(picture, pictures) for picture in listing.pictures)

    return [file for file in found if needed(file)]


def standing(known: Known, found: Sequence[SeedFile], readings: Sequence[Reading]) -> list[SeedFile]:
    """Every seed that is there: the files that were found, and the articles in files that hold many.

    Those of a file that was read are the ones that were found in it now; a file that could not be read keeps its own.
    """
    files = {file.path for file in found}
    read = {reading.file.path for reading in readings if not reading.fault} & files
    parts = [reading.file for reading in readings if reading.file.path not in files]
    kept = [
        seed.file
        for path, seed in known.seeds.items()
        if path not in files and (folder := _folder(path)) in files and folder not in read
    ]
    return list({file.path: file for file in (*found, *kept, *parts)}.values())


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def moved(picture: Picture, pictures: Mapping[str, SeedFile]) -> bool:
    """Whether a picture's file is not what it was: changed, come, gone, or spelled in another way."""
    file = pictures.get(unicodedata.normalize("NFC", picture.source))
    stood = (picture.source, picture.length, picture.mtime_ns)
    return stood != ((file.path, file.size, file.mtime_ns) if file else (picture.source, 0, 0))


def vanished(known: Known, found: Sequence[SeedFile], readings: Sequence[Reading]) -> list[str]:
    """The seeds that are gone, without those that stand elsewhere now."""
    here = {file.path for file in found}
    moved = {reading.digest for reading in readings if reading.digest}  # none: it was not even read
    return [path for path, seed in known.seeds.items() if path not in here and seed.digest not in moved]


def refuse_mass_vanishing(gone: Sequence[str], known: Known, *, force: bool) -> None:
    """Stop where more than half of all seeds are gone (`publisher.errors.TooManyVanished`)."""
    if len(gone) * 2 > len(known.seeds) and not force:
        raise TooManyVanished(
            f"{len(gone)} of {len(known.seeds)} seeds are gone; nothing was touched",
            hint="if that is meant, publish --force; else look at [seeds] path",
        )


def reconcile(
    known: Known, found: Sequence[SeedFile], readings: Sequence[Reading], names: Names, now: datetime
) -> Decisions:
    """Give every reading its article, and find the articles that are left without a seed."""
    return _Reconciler(known, found, readings, names, now).decide(readings)


class _Reconciler:
    """One pass over the readings; remembers which ids and pages are taken meanwhile."""

    def __init__(
        self,
        known: Known,
        found: Sequence[SeedFile],
        readings: Sequence[Reading],
        names: Names,
        now: datetime,
    ) -> None:
        self._known, self._names, self._now = known, names, now
        self._here = {file.path for file in found}
        self._pages = {listing.page for listing in known.listings.values()}
        self._owners = Counter(seed.article for path, seed in known.seeds.items() if path in self._here)
        self._by_digest = {seed.digest: seed for seed in known.seeds.values() if seed.article}
        self._read = set(self._by_digest)
        self._arrived = {reading.digest for reading in readings if self._is_new_at(reading)}
        self._by_content = {item.digest: item.id for item in known.listings.values() if not item.withdrawn}
        self._stand_at = {seed.article: path for path, seed in known.seeds.items() if path in self._here}
        self._claimed: dict[str, str] = {}
        self._decisions = Decisions()

    def decide(self, readings: Sequence[Reading]) -> Decisions:
        """Oldest first, so that the older of two articles gets the plain address."""
        for reading in sorted(readings, key=_age):
            self._decide_one(reading)
        gone = [path for path in self._known.seeds if path not in self._here]
        self._decisions.seeds_gone = sorted(gone)
        self._withdraw()
        return self._decisions

    def _decide_one(self, reading: Reading) -> None:
        before = self._known.seeds.get(reading.file.path)
        if reading.draft is None:
            kept = before.article if before else ""
            self._decisions.seeds.append(SeedRecord(reading.file, reading.digest, kept, reading.fault))
            if kept:
                self._claimed.setdefault(kept, "")
            return
        content = reading.content
        identity = self._identity(reading, reading.draft, before, content)
        self._decisions.seeds.append(SeedRecord(reading.file, reading.digest, identity))
        other = self._claimed.get(identity) or self._stand_at.get(identity, "")
        if other and other != reading.file.path and (before is None or before.article != identity):
            self._decisions.doubles.append((reading.file.path, other))
        if self._claimed.get(identity):
            return
        self._claimed[identity] = reading.file.path
        self._candidate(reading, reading.draft, identity, edited=self._edited(reading, before))

    def _identity(self, reading: Reading, draft: Draft, before: SeedRecord | None, content: str) -> str:
        if before and before.article and before.digest == reading.digest:
            return before.article
        twin = self._by_digest.get(reading.digest)
        if twin:
            return twin.article
        if before and before.article and not self._left(before):
            return before.article
        if before is None and content in self._by_content:
            return self._by_content[content]
        name = ("declared", draft.declared_id) if draft.declared_id else ("seed", reading.file.path)
        identity = self._names.urn(*name)
        living = self._known.listings.get(identity)
        if identity in self._claimed or (
            living and not living.withdrawn and (not draft.declared_id or self._owners[identity])
        ):
            identity = self._names.urn("seed", f"{reading.file.path}\n{reading.digest}")
        self._by_digest[reading.digest] = SeedRecord(reading.file, reading.digest, identity)
        self._by_content[content] = identity
        return identity

    def _candidate(self, reading: Reading, draft: Draft, identity: str, *, edited: bool) -> None:
        digest, old = reading.content, self._known.listings.get(identity)
        article = _article(draft, identity, self._now)
        if old is None:
            article = replace(article, page=self._page(article))
            self._decided(reading, article, "added")
            return
        updated, edited = old.updated, edited or _other_pictures(old, article)
        if old.digest != digest and (edited or old.withdrawn):
            told = draft.updated if draft.updated and old.updated < draft.updated <= self._now else self._now
            # Two changes within a second are two.
            updated = max(told.replace(microsecond=0), old.updated + timedelta(seconds=1))
        article = replace(article, page=old.page, updated=updated.astimezone(draft.published.tzinfo))
        if old.withdrawn:
            self._decided(reading, article, "restored")
        elif old.digest != digest:
            self._decided(reading, article, "updated" if edited else "refiled")
        elif old.pictures != _beside(article):
            # What is shown says the same, but the copies of its pictures come from other files now.
            self._decided(reading, article, "refiled")

    def _decided(self, reading: Reading, article: Article, kind: str) -> None:
        candidate = Candidate(article, reading.content, kind, reading.examined, reading.body)
        self._decisions.candidates.append(candidate)

    def _is_new_at(self, reading: Reading) -> bool:
        """Whether these bytes stand at this path for the first time: they may have come from another."""
        before = self._known.seeds.get(reading.file.path)
        return bool(reading.digest) and (before is None or before.digest != reading.digest)

    def _left(self, before: SeedRecord) -> bool:
        """Whether the article of a path is elsewhere now, so that what stands there is another."""
        return self._owners[before.article] > 1 or before.digest in self._arrived

    def _edited(self, reading: Reading, before: SeedRecord | None) -> bool:
        return before.digest != reading.digest if before else reading.digest not in self._read

    def _page(self, article: Article) -> str:
        slug = slugify(article.title) or digest_of([article.id])[:12]
        page = plain_page(article) or addresses.article(article.published, slug)
        if page in self._pages:
            page = addresses.article(article.published, f"{slug}-{digest_of([article.id])[:8]}")
        self._pages.add(page)
        return page

    def _withdraw(self) -> None:
        decided = {seed.file.path for seed in self._decisions.seeds}
        living = {seed.article for seed in self._decisions.seeds} | {
            seed.article
            for path, seed in self._known.seeds.items()
            if path in self._here and path not in decided
        }
        for listing in self._known.listings.values():
            if not listing.withdrawn and listing.id not in living:
                self._decisions.withdrawn.append(listing)


def plain_page(said: Draft | Article) -> str:
    """The page that an article gets unless another one has it; empty where its title has no letters."""
    slug = slugify(said.title)
    return addresses.article(said.published, slug) if slug else ""


def _age(reading: Reading) -> tuple[float, str]:
    draft = reading.draft
    return (draft.published.timestamp() if draft else 0.0, reading.file.path)


def _beside(article: Article) -> tuple[Picture, ...]:
    return tuple(picture for picture in article.pictures if picture.source)


def _other_pictures(old: Listing, article: Article) -> bool:
    """Whether a picture that the article had already came, went, or was replaced by one of another size."""
    sizes = {picture.source: picture.length for picture in old.pictures}
    return any(sizes.get(picture.source, picture.length) != picture.length for picture in _beside(article))


def _article(draft: Draft, identity: str, now: datetime) -> Article:
    """The article of a draft, without a page; nothing has changed before it was written, or tomorrow."""
    changed = min(max(draft.updated or draft.published, draft.published), max(now, draft.published))
    return Article(
        id=identity,
        page="",
        title=draft.title,
        published=draft.published,
        updated=changed.astimezone(draft.published.tzinfo),
        blocks=draft.blocks,
        summary=draft.summary,
        authors=draft.authors,
        declared=draft.keywords,
        language=draft.language,
        pictures=draft.pictures,
    )


def faults_now(known: Known, found: Sequence[SeedFile], seeds: Mapping[str, SeedRecord]) -> tuple[Fault, ...]:
    """Every seed that is in quarantine after this run."""
    records = (seeds.get(file.path) or known.seeds.get(file.path) for file in found)
    return tuple(record.fault for record in records if record and record.fault)
