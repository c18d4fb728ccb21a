"""Tones in words. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from babel import Locale
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from abonent.domains.voice.tones.rules import DAY_MIN, EVERY_DAY, Rule, Why

SAID: Mapping[str, Callable[[], str]] = {
    "set": lambda: _("The tone is set. Callers hear it within a few minutes."),
    "removed": lambda: _("The rule is removed. Callers hear it no more within a few minutes."),
    "copied": lambda: _("Others may copy the tone that everybody hears here."),
    "uncopied": lambda: _("Nobody can copy your tone."),
}
WORKDAYS, WEEKEND = frozenset(range(5)), frozenset({5, 6})


def refused(why: Why) -> str:
    """Return why tones stay as they are, and what to do."""
    return {
        Why.NOT_MOBILE: lambda: _("Only mobile numbers have a ring-back tone."),
        Why.NO_SERVICE: lambda: _("Connect the service first: below you see what it costs. Nothing was changed."),
        Why.NO_HITS: lambda: _("This tone is a hit: connect “Hits” first, or take another tone. Nothing was changed."),
        Why.MANY: lambda: _("There are 20 rules, and more are not possible. Remove one first."),
        Why.NO_TIME: lambda: _("Enter times of a day. Nothing was changed."),
        Why.NO_DAYS: lambda: _("Choose at least one day"),
        Why.SELF: lambda: _("This is the number itself. Enter another one"),
        Why.NOT_COPIED: lambda: _(
            "There is nothing to copy: the number plays no tone, or its owner does not let others copy it"
        ),
        Why.OFTEN: lambda: _("You looked for ten tones within an hour. Try again later, or choose from the catalogue"),
    }[why]()


def language(code: str) -> str:
    """Return the language in which a tone is sung; in none: empty."""
    if not code:
        return ""
    return str(Locale(get_language() or "ru").languages.get(code, code))


def weekdays() -> list[tuple[str, str]]:
    """Return the days of the week, Monday first, in short."""
    names = Locale(get_language() or "ru").days["stand-alone"]["abbreviated"]
    return [(f"{day}", str(names[day])) for day in range(7)]


def when(rule: Rule) -> str:
    """Return when a rule holds."""
    if rule.is_always:
        return _("always")
    names = dict(weekdays())
    if rule.days == EVERY_DAY:
        days = _("every day")
    elif rule.days == WORKDAYS:
        days = _("Monday to Friday")
    elif rule.days == WEEKEND:
        days = _("Saturday and Sunday")
    else:
        days = ", ".join(names[f"{day}"] for day in sorted(rule.days))
    if rule.length_min == DAY_MIN:
        return days
    return _("%(days)s, %(begin)s to %(until)s") % {
        "days": days, "begin": _clock(rule.from_min), "until": _clock(rule.until_min),
    }  # fmt: skip


def _clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"
