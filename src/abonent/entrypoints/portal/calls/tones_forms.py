"""What is typed about a tone: who hears it, on which days, at which hours; and the question what would be heard."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _

from abonent.domains.voice.tones.rules import Rule
from abonent.entrypoints.portal.calls import words
from abonent.foundation.values import InvalidNumber, Msisdn

TYPED_MAX = 80
_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Typed:
    """A rule as its form has it."""

    who: str = "all"
    caller: str = ""
    days: frozenset[str] = frozenset("0123456")
    begin: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: would a caller ("": withheld) hear what at a local time; `typed` is the number as written."""

    typed: str
    caller: str
    day: str
    time: str
    local: datetime


def typed(sent: QueryDict) -> Typed:
    """Return what the form says."""
    return Typed(
        who="one" if sent.get("who") == "one" else "all",
        caller=sent.get("caller", "")[:TYPED_MAX],
        days=frozenset(day for day in sent.getlist("day") if day in set("0123456")),
        begin=sent.get("begin", "")[:10].strip(),
        until=sent.get("until", "")[:10].strip(),
    )


def read(form: Typed, tone: str) -> tuple[Rule | None, dict[str, str]]:
    """Return the rule that is meant, or what is wrong with it by the id of its field."""
    problems: dict[str, str] = {}
    caller = ""
    if form.who == "one":
        caller, wrong = _number(form.caller)
        if wrong:
            problems["id_caller"] = wrong
    if not form.days:
        problems["id_day"] = _("Choose at least one day")
    begin, until = _minute(form.begin or "00:00"), _minute(form.until or "00:00")
    if begin is None:
        problems["id_begin"] = _("Enter the time like 9:00")
    if until is None:
        problems["id_until"] = _("Enter the time like 18:00")
    elif begin == until and (form.begin or form.until) and begin:
        problems["id_until"] = _("The end must be another time than the beginning. Leave both empty for the whole day")
    if problems or begin is None or until is None:
        return None, problems
    return Rule(0, tone, caller, frozenset(map(int, form.days)), begin, until), {}


def asked(given: QueryDict, local: datetime) -> tuple[Asked, str]:
    """Return the question what would be heard, and what is wrong with its number; nothing said is now, a stranger."""
    number = given.get("caller", "")[:TYPED_MAX]
    caller, wrong = _number(number) if number.strip() else ("", "")
    day = given.get("day", "")
    weekday = int(day) if day in set("0123456") and day else local.weekday()
    minute = _minute(given.get("time", "")[:10].strip())
    at = local.replace(hour=minute // 60, minute=minute % 60) if minute is not None else local
    at += timedelta(days=(weekday - local.weekday()) % 7)
    return Asked(number, caller, f"{weekday}", f"{at:%H:%M}", at), wrong


def _number(said: str) -> tuple[str, str]:
    try:
        return Msisdn.parse(said, settings.NUMBER_REGION).e164, ""
    except InvalidNumber as error:
        if error.reason == "empty":
            return "", _("Enter the number of who is to hear it")
        return "", words.bad_number(error.reason, said)


def _minute(said: str) -> int | None:
    found = _TIME.fullmatch(said)
    return int(found[1]) * 60 + int(found[2]) if found else None
