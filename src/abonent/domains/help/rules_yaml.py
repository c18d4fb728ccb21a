"""Help as a file: read whole or refused with everything that is wrong, written as it is read. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import yaml

from abonent.domains.help import rules_text
from abonent.domains.help.rules import (
    BadHelp,
    City,
    Contact,
    Day,
    Drawn,
    Help,
    Names,
    Question,
    Shop,
    Text,
    Topic,
)

T = TypeVar("T")
SIZE_MAX = 20_000_000
NAME_LENGTH_MAX = 200
CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CONTACTS = ("phone", "email", "post")
DRAWN = ("river", "street")
_DAYS = re.compile(r"([a-z]{3})(?:-([a-z]{3}))?")
_HOURS = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
_LIMITS = {"title": 200, "also": 500, "body": 6000}


def read(text: str, languages: Sequence[str]) -> Help:
    """Return the checked help in the text; raise `rules.BadHelp` with everything that is wrong."""
    if len(text) > SIZE_MAX:
        raise BadHelp([f"more than {SIZE_MAX} characters"])
    try:
        root = yaml.load(text, Loader=_Strict)  # noqa: S506 - a safe loader, which refuses a name given twice
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise BadHelp([f"{where}no YAML: {getattr(error, 'problem', None) or 'it cannot be read'}"]) from None
    reading = _Reading(languages)
    found = reading.help(root)
    if reading.problems:
        raise BadHelp(reading.problems)
    return found


def write(found: Help) -> str:
    """Return help as text that `read` takes."""
    told: dict[str, Any] = {}
    if found.topics is not None:
        told["topics"] = {one.code: {"icon": one.icon, "name": dict(one.names)} for one in found.topics}
    if found.questions is not None:
        told["questions"] = {
            one.code: {"topic": one.topic} | {
                language: {"title": text.title, "also": text.also, "body": text.body}
                for language, text in one.texts.items()
            }
            for one in found.questions
        }  # fmt: skip
    if found.contacts is not None:
        told["contacts"] = [
            {"kind": one.kind, "value": one.value, "name": dict(one.names)} for one in found.contacts
        ]  # fmt: skip
    if found.cities is not None:
        told["cities"] = {one.code: told_city(one) for one in found.cities}
    if found.shops is not None:
        told["shops"] = {one.code: told_shop(one) for one in found.shops}
    return yaml.safe_dump(told, allow_unicode=True, sort_keys=False, width=120)


def told_city(one: City) -> dict[str, Any]:
    """Return a city as the document of its text."""
    drawn = [
        {"kind": line.kind, "name": dict(line.names), "points": [list(point) for point in line.points]}
        for line in one.drawn
    ]
    return {"name": dict(one.names), "time_zone": one.time_zone, "drawn": drawn}


def told_hours(day: Day) -> str:
    """Return the hours of a day as `hours` reads them; none when it is closed."""
    if day is None:
        return ""
    # Midnight is where a day ends: 00:00-24:00 is day and night.
    closes = "24:00" if day[1] == time(0) else f"{day[1]:%H:%M}"
    return f"{day[0]:%H:%M}-{closes}"


def told_shop(one: Shop) -> dict[str, Any]:
    """Return a shop as the document of its text."""
    week = {day: told_hours(times) for day, times in zip(DAYS, one.hours, strict=True) if times}
    told: dict[str, Any] = {"city": one.city, "address": dict(one.addresses)}
    if one.about:
        told["about"] = dict(one.about)
    return told | {"hours": week, "at": [one.latitude, one.longitude]}


class _Strict(yaml.SafeLoader):
    """Refuses a name that stands twice: one of both would be lost without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        if len(set(map(str, keys))) != len(keys):
            raise yaml.constructor.ConstructorError(None, None, "a name stands here twice", node.start_mark)
        return super().construct_mapping(node, deep)


class _Reading:
    def __init__(self, languages: Sequence[str]) -> None:
        self.languages = tuple(languages)
        self.problems: list[str] = []

    def help(self, root: Any) -> Help:
        if not isinstance(root, dict) or not set(root) <= {"topics", "questions", "contacts", "cities", "shops"}:
            self.problems.append("a file of help has topics, questions, contacts, cities and shops, or some of them")
            return Help()
        found = Help(
            topics=self._named(root, "topics", self._topic),
            questions=self._named(root, "questions", self._question),
            contacts=self._listed(root, "contacts"),
            cities=self._named(root, "cities", self._city),
            shops=self._named(root, "shops", self._shop),
        )
        self._check_names(found)
        return found

    def _check_names(self, found: Help) -> None:
        """A shelf or a city that nobody knows; the same file has to name them."""
        pairs = (
            (found.questions, found.topics, "topic", "topics"),
            (found.shops, found.cities, "city", "cities"),
        )
        for things, shelves, name, section in pairs:
            if (things is None) != (shelves is None):
                self.problems.append(f"{section} and what stands on them come together")
                continue
            known = {one.code for one in shelves or ()}
            for one in things or ():
                if (on := getattr(one, name)) not in known:
                    self.problems.append(f"{one.code}: there is no {name} {on}")

    def _named(self, root: dict[str, Any], section: str, read: Callable[[str, Any], T]) -> tuple[T, ...] | None:
        if section not in root:
            return None
        found = []
        things = root[section] if isinstance(root[section], dict) else {"": None}
        for code, thing in things.items():
            try:
                if not isinstance(code, str) or not CODE.fullmatch(code):
                    raise ValueError("a name has small Latin letters, digits and hyphens")
                found.append(read(code, thing))
            except (KeyError, TypeError, ValueError) as error:
                missing = f"{error} is missing" if isinstance(error, KeyError) else str(error)
                self.problems.append(f"{section}, {code or 'all'}: {missing}")
        return tuple(found)

    def _listed(self, root: dict[str, Any], section: str) -> tuple[Contact, ...] | None:
        if section not in root:
            return None
        things = root[section] if isinstance(root[section], list) else [None]
        return self._named({section: {str(place): one for place, one in enumerate(things, 1)}}, section, self._contact)

    def _topic(self, code: str, thing: Any) -> Topic:
        self._only(thing, "icon", "name")
        return Topic(code, self._string(thing, "icon", 20), self._names(thing["name"]))

    def _question(self, code: str, thing: Any) -> Question:
        self._only(thing, "topic", *self.languages)
        texts = {}
        for language in self.languages:
            said = thing[language]
            self._only(said, *_LIMITS)
            text = Text(
                self._string(said, "title", _LIMITS["title"]),
                self._string(said, "also", _LIMITS["also"], needed=False),
                self._string(said, "body", _LIMITS["body"]),
            )
            # Raises for an address that leads elsewhere.
            rules_text.read(text.body)
            texts[language] = text
        return Question(code, self._string(thing, "topic", 40), texts)

    def _contact(self, _code: str, thing: Any) -> Contact:
        self._only(thing, "kind", "value", "name")
        kind = self._string(thing, "kind", 10)
        if kind not in CONTACTS:
            raise ValueError(f"a contact is one of {', '.join(CONTACTS)}")
        return Contact(kind, self._string(thing, "value", 200), self._names(thing["name"]))

    def _city(self, code: str, thing: Any) -> City:
        self._only(thing, "name", "time_zone", "drawn")
        zone = self._string(thing, "time_zone", 60)
        try:
            ZoneInfo(zone)
        except (LookupError, ValueError, OSError):
            raise ValueError(f"there is no time zone {zone}") from None
        drawn = tuple(self._drawn(line) for line in thing.get("drawn", []))
        return City(code, self._names(thing["name"]), zone, drawn)

    def _drawn(self, thing: Any) -> Drawn:
        self._only(thing, "kind", "name", "points")
        kind = self._string(thing, "kind", 10)
        if kind not in DRAWN:
            raise ValueError(f"a line is one of {', '.join(DRAWN)}")
        return Drawn(kind, self._names(thing["name"]), tuple(point(one) for one in thing["points"]))

    def _shop(self, code: str, thing: Any) -> Shop:
        self._only(thing, "city", "address", "about", "hours", "at")
        about = self._names(thing["about"]) if "about" in thing else {}
        return Shop(
            code, self._string(thing, "city", 40), self._names(thing["address"]), about, hours(thing["hours"]),
            *point(thing["at"]),
        )  # fmt: skip

    def _only(self, thing: Any, *known: str) -> None:
        """Refuse what nobody reads: most often half a sentence behind a comma."""
        if unknown := [str(name) for name in thing if name not in known]:
            raise ValueError(f"{unknown[0]} is not known here; a text with a comma stands in quotes")

    def _names(self, thing: Any) -> Names:
        self._only(thing, *self.languages)
        return {language: self._string(thing, language, NAME_LENGTH_MAX) for language in self.languages}

    def _string(self, thing: Any, name: str, most: int, *, needed: bool = True) -> str:
        said = thing[name] if needed else thing.get(name, "")
        if not isinstance(said, str) or (needed and not said.strip()) or len(said) > most:
            raise ValueError(f"{name} is a text of up to {most} characters")
        return said.strip()


def point(thing: Any) -> tuple[float, float]:
    """Return a point of latitude and longitude; raise `ValueError`."""
    latitude, longitude = (float(one) for one in thing)
    if not (-85 <= latitude <= 85 and -180 <= longitude <= 180):
        raise ValueError("a point is its latitude and longitude")
    return latitude, longitude


def hours(thing: Any) -> tuple[Day, ...]:
    """Return the week that spans of days and hours say; raise `ValueError`."""
    week: list[Day] = [None] * 7
    for days, times in thing.items():
        said, span = _HOURS.fullmatch(str(times)), _DAYS.fullmatch(str(days))
        if said is None or span is None:
            raise ValueError(f"{days}: {times}: write mon-fri: 09:00-20:00")
        first, last = DAYS.index(span[1]), DAYS.index(span[2] or span[1])
        opens, closes = time(int(said[1]), int(said[2])), time(int(said[3]) % 24, int(said[4]))
        if last < first or (closes != time(0) and closes <= opens):
            raise ValueError(f"{days}: {times}: it ends before it begins")
        week[first : last + 1] = [(opens, closes)] * (last + 1 - first)
    return tuple(week)
