"""Templates, the words in them and the form of dates: everything that an owner may replace."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from io import BytesIO
from pathlib import Path
from types import CodeType, TracebackType
from typing import ClassVar, NoReturn
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import (
    format_date,
    format_skeleton,
    format_timedelta,
    get_datetime_format,
    get_day_names,
    get_month_names,
)
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from jinja2 import (
    BytecodeCache,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    select_autoescape,
)
from jinja2.bccache import Bucket

from publisher.errors import RenderError
from publisher.render.blocks import without_controls
from publisher.render.sources import TRANSLATIONS, fingerprint, folders
from publisher.render.words import SpeakingEnvironment

_INLINE = "<template>"
"""The file name that jinja2 gives to a template made from a string."""


class Templates:
    """The owner's templates before the built-in ones, in the site's language.

    An own template may extend the one that it replaces as ``built-in/<name>``. `zone` is for times
    that come without one.
    """

    def __init__(self, own_folder: Path | None, language: str, zone: ZoneInfo) -> None:
        self._own_folder = own_folder
        self._folders = folders(own_folder)
        self._language = language
        self._zone = zone
        self._locale = _locale(language)
        self._environment = self._make_environment()
        self._speaking = {language: self}

    @property
    def language(self) -> str:
        """The language of its words and dates, as BCP 47 has it."""
        return self._language

    @property
    def direction(self) -> str:
        """The way in which the language is written: ``ltr`` or ``rtl``."""
        return self._locale.text_direction

    def speaking(self, language: str) -> Templates:
        """The same templates in another language, made once and kept; empty: in this one."""
        language = language or self._language
        if language not in self._speaking:
            self._speaking[language] = Templates(self._own_folder, language, self._zone)
        return self._speaking[language]

    def render(self, name: str, **context: object) -> str:
        """The template `name` filled in; RenderError names the template and line that failed."""
        try:
            return without_controls(self._environment.get_template(name).render(context))
        except Exception as error:  # noqa: BLE001 - a template can raise anything; the cause is kept
            self._fail(error, name)

    def inline(self, source: str, **context: object) -> str:
        """A template given as text, such as a subject line, filled in without escaping."""
        try:
            return without_controls(self._environment.from_string(source).render(context))
        except Exception as error:  # noqa: BLE001 - a template can raise anything; the cause is kept
            self._fail(error, f'"{source}"')

    def file(self, name: str) -> bytes:
        """A file that is no template, such as a picture, as it stands; the owner's before the built-in one."""
        for folder in self._folders:
            try:
                return (folder / name).read_bytes()
            except FileNotFoundError:
                continue
            except OSError as error:
                raise RenderError(f"{name}: cannot be read: {error.strerror}") from error
        raise RenderError(f"{name}: there is no such file among the templates")

    def faults(self) -> Iterator[str]:
        """Every template that cannot be read, as ``template:line: message``."""
        for name in self._environment.list_templates(extensions=["html", "txt", "css"]):
            try:
                self._environment.get_template(name)
            except TemplateSyntaxError as error:
                yield f"{error.name}:{error.lineno}: {error.message}"
            except (UnicodeDecodeError, OSError) as error:
                yield f"{name}: cannot be read: {error}"

    @cached_property
    def fingerprint(self) -> str:
        """Changes whenever any template, any translation or the program's version does."""
        return fingerprint(self._own_folder)

    def _make_environment(self) -> Environment:
        built_in = FileSystemLoader(self._folders[-1])
        catalogue = _catalogue(self._language)
        environment = SpeakingEnvironment(
            catalogue.gettext,
            loader=ChoiceLoader(
                [FileSystemLoader(self._folders), PrefixLoader({"built-in": built_in})],
            ),
            autoescape=select_autoescape(["html"], default_for_string=False),
            undefined=StrictUndefined,
            # What is rendered must be what the fingerprint was taken of.
            auto_reload=False,
            bytecode_cache=_Compiled(f"{self._language} {self._zone.key}"),
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        # The extension adds this method at run time.
        environment.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]
        environment.filters.update(
            date=self._date,
            datetime=self._datetime,
            iso=self._iso,
            month=self._month,
            weekday=self._weekday,
            cut=cut,
            wrap=_wrap,
        )
        environment.filters.update(
            brief=self._brief, day=self._day_and_month, number=self._number, duration=self._duration
        )
        return environment

    def _date(self, moment: datetime, since: datetime | None = None) -> str:
        """The day in words; ``16–22 November 2026`` where it is the last of several."""
        last = self._aware(moment)
        first = self._aware(since).astimezone(last.tzinfo).date() if since else last.date()
        if first < last.date():
            return _span(first, last.date(), self._locale)
        return _day(last.date(), self._locale)

    def _datetime(self, moment: datetime) -> str:
        time = f"{moment:%H:%M}"
        return f"{time}, {self._date(moment)}" if self._time_first else f"{self._date(moment)}, {time}"

    @cached_property
    def _time_first(self) -> bool:
        return str(get_datetime_format("medium", locale=self._locale)).startswith("{0}")

    def _iso(self, moment: datetime) -> str:
        return self._aware(moment).isoformat()

    def _month(self, month: str, *, year: bool = True) -> str:
        """``2023-05`` in words that may stand at the start of a line, with the year or without."""
        first = date.fromisoformat(f"{month}-01")
        if year:
            words = format_skeleton("yMMMM", first, locale=self._locale)
        else:
            words = get_month_names("wide", "stand-alone", self._locale)[first.month]
        return words[:1].upper() + words[1:]

    def _weekday(self, number: int) -> str:
        """A day of the week, from Monday, which is 0."""
        return str(get_day_names("wide", "stand-alone", self._locale)[number])

    def _brief(self, moment: datetime, now: datetime) -> str:
        """When it was, in the site's zone and as short as it can be said at `now`."""
        local, today = self._aware(moment).astimezone(self._zone), now.astimezone(self._zone).date()
        time = f"{local:%H:%M}"
        if local.date() == today:
            return time
        day = format_skeleton(
            "MMMd" if local.year == today.year else "yMMMd", local.date(), locale=self._locale
        )
        return f"{time}, {day}" if self._time_first else f"{day}, {time}"

    def _day_and_month(self, day: str) -> str:
        """A day, which its ISO form begins, without its year."""
        return str(format_skeleton("MMMd", date.fromisoformat(day[:10]), locale=self._locale))

    def _number(self, number: float) -> str:
        """With marks between thousands and before decimals, as the language has them."""
        return str(format_decimal(number, locale=self._locale))

    def _duration(self, seconds: float) -> str:
        """How long it takes, in the one unit that fits."""
        return str(
            format_timedelta(timedelta(seconds=seconds), threshold=1.5, format="short", locale=self._locale)
        )

    def _aware(self, moment: datetime) -> datetime:
        return moment if moment.tzinfo else moment.replace(tzinfo=self._zone)

    def _fail(self, error: Exception, name: str) -> NoReturn:
        where, line = _place(error, name)
        template = self._name_of(where)
        reason = str(error) if isinstance(error, TemplateError) else f"{type(error).__name__}: {error}"
        if isinstance(error, TemplateNotFound):
            reason = f"there is no template {error.name}"
        if isinstance(error, TemplateSyntaxError):
            reason = error.message or "cannot be read"
        raise RenderError(f"{template}:{line}: {reason}") from error

    def _name_of(self, file: str) -> str:
        """A template's name from its file, so that messages do not depend on where we are installed."""
        built_in = self._folders[-1]
        return Path(file).relative_to(built_in).as_posix() if Path(file).is_relative_to(built_in) else file


@lru_cache(maxsize=4096)
class _Compiled(BytecodeCache):
    """What was compiled in this process, by its source: a process that stays compiles a template once, not in each run.

    `manner` is what a filter over constants may depend on, which is worked out when it is compiled.
    """

    _known: ClassVar[dict[tuple[str, str, str], CodeType]] = {}

    def __init__(self, manner: str) -> None:
        self._manner = manner

    def load_bytecode(self, bucket: Bucket) -> None:
        """See `jinja2.BytecodeCache.load_bytecode`."""
        bucket.code = self._known.get((self._manner, bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """See `jinja2.BytecodeCache.dump_bytecode`."""
        if bucket.code is not None:
            self._known[self._manner, bucket.key, bucket.checksum] = bucket.code


def cut(text: str, limit: int) -> str:
    """The text on one line, cut at a word so that it has at most `limit` characters with its ``…``."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    whole, space, _ = text[:limit].rpartition(" ")
    return (whole if space else text[: limit - 1]).rstrip(" ,.;:–-…") + "…"


@lru_cache(maxsize=4096)
def _wrap(text: str, width: int = 72, indent: str = "") -> str:
    """Paragraph text for plain mail; long words such as addresses stay whole."""
    lines: list[str] = []
    for word in str(text).split():  # not Markup, which escapes what is added to it
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(indent + word)
    return "\n".join(lines)


@lru_cache(maxsize=4096)
def _day(day: date, locale: Locale) -> str:
    return format_date(day, "long", locale=locale)


def _span(first: date, last: date, locale: Locale) -> str:
    """Two days as one date, what they share said once: Unicode's interval formats, with months in full."""
    widest = "y" if first.year != last.year else "M" if first.month != last.month else "d"
    halves = locale.interval_formats.get("yMMMd", {}).get(widest)
    if halves is None:
        return f"{_day(first, locale)} – {_day(last, locale)}"
    words = (
        format_date(day, half.replace("MMM", "MMMM"), locale=locale)
        for day, half in zip((first, last), halves, strict=True)
    )
    # Thin spaces, which few fonts have: none between two numbers, whole ones between words.
    return "".join(words).replace("\u2009", "" if widest == "d" else " ")


def _locale(language: str) -> Locale:
    """The forms of dates; English of no country writes the day first, as most of the world does."""
    try:
        return Locale.parse("en-001" if language.lower() == "en" else language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en", "001")


def _catalogue(language: str) -> NullTranslations:
    """The words of `language`; English, which the templates hold themselves, where there are none."""
    path = TRANSLATIONS / f"{language.partition('-')[0].lower()}.po"
    if not path.is_file():
        return NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def _place(error: Exception, name: str) -> tuple[str, int]:
    """The template's file (or its name) and the line where `error` began."""
    if isinstance(error, TemplateSyntaxError):
        return error.filename or name, error.lineno
    place = (name, 0)
    trace: TracebackType | None = error.__traceback__
    while trace:
        # jinja2 puts the template's own file and line into frames of compiled templates, and this
        # name into their globals; the innermost of them is where it happened.
        if "__jinja_exception__" in trace.tb_frame.f_globals:
            file = trace.tb_frame.f_code.co_filename
            place = (name if file == _INLINE else file, trace.tb_lineno)
        trace = trace.tb_next
    return place
