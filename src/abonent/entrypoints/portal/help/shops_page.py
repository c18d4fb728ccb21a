"""Shops as their page shows them: hours in words, and a drawing of the city."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import cos, radians
from zoneinfo import ZoneInfo

from babel.dates import get_day_names
from django.utils.translation import gettext as _

from abonent.domains.help import rules
from abonent.domains.help.rules import City, Day, Shop

WIDTH, HEIGHT, EDGE = 640, 360, 40


@dataclass(frozen=True, slots=True)
class Row:
    """A shop in the list; `place` is its figure on the map, 0: there is none."""

    code: str
    place: int
    address: str
    about: str
    hours: str
    open: bool
    now: str


@dataclass(frozen=True, slots=True)
class Line:
    """A river or a street: points as SVG writes them, and where its name begins, or ends in the east."""

    kind: str
    points: str
    name: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Dot:
    """A shop on the map."""

    place: int
    x: int
    y: int
    open: bool


@dataclass(frozen=True, slots=True)
class Map:
    """The drawing of a city."""

    lines: list[Line]
    dots: list[Dot]


@dataclass(frozen=True, slots=True)
class Page:
    """The list by city, the filters, the map of the city that was chosen."""

    cities: list[tuple[str, str, bool]]
    only_open: bool
    groups: list[tuple[str, list[Row]]]
    map: Map | None
    city: str


def page(
    *, cities: Sequence[City], shops: Sequence[Shop], city: City | None, only_open: bool, language: str, at: datetime
) -> Page:
    """Return the page."""
    groups, places = [], {shop.code: place for place, shop in enumerate(shops, 1)} if city else {}
    for one in cities:
        local = at.astimezone(ZoneInfo(one.time_zone))
        rows = [
            _row(shop, places.get(shop.code, 0), language, local)
            for shop in shops
            if shop.city == one.code and (not only_open or rules.is_open(shop.hours, local))
        ]
        if rows:
            groups.append((one.names[language], rows))
    drawn = _map(city, shops, places, language, at) if city and shops else None
    links = [(one.code, one.names[language], one is city) for one in cities]
    return Page(links, only_open, groups, drawn, city.code if city else "")


def _row(shop: Shop, place: int, language: str, local: datetime) -> Row:
    is_open = rules.is_open(shop.hours, local)
    return Row(
        code=shop.code,
        place=place,
        address=shop.addresses[language],
        about=shop.about.get(language, ""),
        hours=", ".join(_run(run, language) for run in rules.runs(shop.hours)),
        open=is_open,
        now=_now(shop, local, language, is_open=is_open),
    )


def _run(run: tuple[int, int, Day], language: str) -> str:
    first, last, hours = run
    names = get_day_names("abbreviated", locale=language)
    days = names[first] if first == last else f"{names[first]}–{names[last]}"
    if (first, last) == (0, 6) and hours is not None and hours[0] == hours[1]:
        return _hours(hours)
    if (first, last) == (0, 6):
        days = _("every day")
    return f"{days} {_hours(hours)}"


def _hours(hours: Day) -> str:
    if hours is None:
        return _("closed")
    if hours[0] == hours[1]:
        return _("day and night")
    return f"{hours[0]:%H:%M}–{hours[1]:%H:%M}"


def _now(shop: Shop, local: datetime, language: str, *, is_open: bool) -> str:
    if is_open:
        hours = shop.hours[local.weekday()]
        if hours is None or hours[0] == hours[1]:
            return _("Open day and night")
        return _("Open until %(time)s") % {"time": f"{hours[1]:%H:%M}"}
    opens = rules.opens(shop.hours, local)
    if opens is None:
        return _("Closed for now")
    ahead, at = opens
    said = {"time": f"{at:%H:%M}"}
    if ahead == 0:
        return _("Closed, opens at %(time)s") % said
    if ahead == 1:
        return _("Closed, opens tomorrow at %(time)s") % said
    day = get_day_names("wide", locale=language)[(local.weekday() + ahead) % 7]
    return _("Closed, opens: %(day)s, %(time)s") % (said | {"day": day})


def _map(city: City, shops: Sequence[Shop], places: dict[str, int], language: str, at: datetime) -> Map:
    """Return the city drawn so that all of it fits: north is up, and a kilometre is as long in both directions."""
    points = [point for line in city.drawn for point in line.points]
    points += [(shop.latitude, shop.longitude) for shop in shops]
    south, north = min(point[0] for point in points), max(point[0] for point in points)
    west, east = min(point[1] for point in points), max(point[1] for point in points)
    narrow = cos(radians((south + north) / 2))
    scale = min(
        (WIDTH - 2 * EDGE) / max((east - west) * narrow, 1e-6), (HEIGHT - 2 * EDGE) / max(north - south, 1e-6)
    )  # fmt: skip

    def placed(latitude: float, longitude: float) -> tuple[int, int]:
        return (
            round(WIDTH / 2 + (longitude - (west + east) / 2) * narrow * scale),
            round(HEIGHT / 2 - (latitude - (south + north) / 2) * scale),
        )

    lines = []
    for line in city.drawn:
        on_paper = [placed(*point) for point in line.points]
        # Where it begins: in the middle of a town is where its shops are.
        x, y = on_paper[0]
        written = " ".join(f"{one},{other}" for one, other in on_paper)
        lines.append(Line(line.kind, written, line.names[language], x, max(y - 12, EDGE // 2)))
    local = at.astimezone(ZoneInfo(city.time_zone))
    dots = [
        Dot(places[shop.code], *placed(shop.latitude, shop.longitude), rules.is_open(shop.hours, local))
        for shop in shops
    ]  # fmt: skip
    return Map(lines, dots)
