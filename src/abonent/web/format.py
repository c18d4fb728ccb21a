"""Sums, numbers, sizes and times as people of the current language write them.

Everything is made once, in Python, before a template sees it. Blanks inside a value are no-break.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache

import phonenumbers
from babel import Locale
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext

from abonent.foundation.clock import now

NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
CURRENCY = "₽"
KILOBYTE = 1024
MEGABYTE = KILOBYTE * 1024
GIGABYTE = MEGABYTE * 1024


@dataclass(frozen=True, slots=True)
class _Words:
    group: str
    decimal: str
    day_month: str
    months: tuple[str, ...]
    months_alone: tuple[str, ...]
    weekdays: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MoneyParts:
    """A sum for big type: `whole` with its sign, `fraction` with the decimal mark, `currency`."""

    whole: str
    fraction: str
    currency: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """A figure and its unit: `12,4` and `ГБ`."""

    figure: str
    unit: str

    def __str__(self) -> str:
        return f"{self.figure}{NBSP}{self.unit}"


def money(minor: int, *, sign: bool = False) -> str:
    """Return `1 259,90 ₽` of minor units; with `sign` income gets its plus."""
    parts = money_parts(minor)
    return f"{'+' if sign and minor > 0 else ''}{parts.whole}{parts.fraction}{NBSP}{parts.currency}"


def money_parts(minor: int) -> MoneyParts:
    words = _words()
    whole, fraction = divmod(abs(minor), 100)
    return MoneyParts(
        f"{MINUS if minor < 0 else ''}{_grouped(whole, words)}", f"{words.decimal}{fraction:02}", CURRENCY
    )


def plain(minor: int) -> str:
    """Return the sum as it stands in a field or an address, alike in all languages: `167.44`, `500`."""
    whole, fraction = divmod(minor, 100)
    return f"{whole}.{fraction:02}" if fraction else f"{whole}"


def roubles(minor: int) -> str:
    """Return the sum without its minor units, rounded half up, where there is little room."""
    rounded = (abs(minor) + 50) // 100
    return f"{MINUS if minor < 0 and rounded else ''}{_grouped(rounded, _words())}{NBSP}{CURRENCY}"


def number(value: int) -> str:
    """Return `12 345`."""
    return f"{MINUS if value < 0 else ''}{_grouped(abs(value), _words())}"


def tenths(value: int) -> str:
    """Return a number of tenths as `12,3`, and as `12` without a rest."""
    whole, tenth = divmod(value, 10)
    words = _words()
    return f"{_grouped(whole, words)}{words.decimal}{tenth}" if tenth else _grouped(whole, words)


def percent(share: float) -> str:
    """Return a share of 1 as `14 %`; what is above nothing is never called 0 %."""
    if 0 < share < 0.01:
        return f"<{NBSP}1{NBSP}%"
    return f"{round(share * 100)}{NBSP}%"


@lru_cache(maxsize=4096)
def phone(number: str) -> str:
    """Return an E.164 number as people write it, `+7 900 000-12-34`; names, logins, short numbers as they are."""
    if not number.startswith("+"):
        return number
    if number.startswith("+7") and len(number) == 12:
        return f"+7{NBSP}{number[2:5]}{NBSP}{number[5:8]}-{number[8:10]}-{number[10:]}"
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL).replace(" ", NBSP)


def data_parts(size: int) -> Quantity:
    """Return bytes in the unit that keeps the figure short; one decimal at most, rounded down: it never flatters."""
    for unit_size, unit in ((GIGABYTE, gettext("GB")), (MEGABYTE, gettext("MB")), (KILOBYTE, gettext("KB"))):
        if size >= unit_size:
            whole, tenth = divmod(size * 10 // unit_size, 10)
            words = _words()
            figure = _grouped(whole, words)
            return Quantity(f"{figure}{words.decimal}{tenth}" if tenth and whole < 100 else figure, unit)
    return Quantity(str(size), gettext("B"))


def data_size(size: int) -> str:
    """Return bytes as `12,4 ГБ`."""
    return str(data_parts(size))


def duration(seconds: int) -> str:
    """Return `1 ч 2 мин`, `5 мин 32 с` or `45 с`."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    parts = [(hours, gettext("h")), (minutes, gettext("min")), (0 if hours else left, gettext("s"))]
    return NBSP.join(f"{n}{NBSP}{unit}" for n, unit in parts if n) or f"0{NBSP}{gettext('s')}"


def day(value: date | datetime, *, year: bool | None = None) -> str:
    """Return `12 декабря`; the year only when asked for, or when it is not this one."""
    value = _local(value)
    words = _words()
    text = words.day_month.format(day=value.day, month=words.months[value.month - 1])
    if year or (year is None and value.year != timezone.localdate(now()).year):
        text = f"{text}{',' if words.day_month.startswith('{month') else ''}{NBSP}{value.year}"
    return text


def day_of_week(value: date | datetime) -> str:
    """Return `ср, 12 декабря`."""
    return f"{_words().weekdays[_local(value).weekday()]},{NBSP}{day(value)}"


def days(first: date, last: date) -> str:
    """Return whole days as `1–22 ноября`, `25 октября – 3 ноября`, or one day alone."""
    if first == last:
        return day(first)
    if (first.year, first.month) != (last.year, last.month):
        return f"{day(first)} – {day(last)}"
    words = _words()
    both = words.day_month.format(day=f"{first.day}–{last.day}", month=words.months[first.month - 1])
    return day(last).replace(words.day_month.format(day=last.day, month=words.months[last.month - 1]), both)


def clock(value: datetime) -> str:
    """Return `14:05`, local."""
    return f"{_local(value):%H:%M}"


def moment(value: datetime) -> str:
    """Return `12 декабря, 14:05`, local."""
    return f"{day(value)}, {clock(value)}"


def month(value: date) -> str:
    """Return the name of the month standing alone: `ноябрь`."""
    return _words().months_alone[value.month - 1]


def _local(value: date | datetime) -> date | datetime:
    return timezone.localtime(value) if isinstance(value, datetime) and value.tzinfo else value


def _grouped(value: int, words: _Words) -> str:
    return f"{value:,}".replace(",", words.group) if value >= 1000 else str(value)


def _words() -> _Words:
    return _words_of(translation.get_language() or settings.LANGUAGE_CODE)


@cache
def _words_of(language: str) -> _Words:
    locale = Locale.parse(language, sep="-")
    symbols = locale.number_symbols["latn"]
    month_first = locale.date_formats["long"].pattern.startswith("M")
    return _Words(
        group=symbols["group"].replace("\N{NARROW NO-BREAK SPACE}", NBSP),
        decimal=symbols["decimal"],
        day_month=f"{{month}}{NBSP}{{day}}" if month_first else f"{{day}}{NBSP}{{month}}",
        months=tuple(locale.months["format"]["wide"][n] for n in range(1, 13)),
        weekdays=tuple(locale.days["format"]["abbreviated"][n] for n in range(7)),
        months_alone=tuple(locale.months["stand-alone"]["wide"][n] for n in range(1, 13)),
    )
