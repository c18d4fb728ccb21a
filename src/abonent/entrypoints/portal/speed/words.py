"""Speeds, what they are enough for, and refusals in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from abonent.domains.lines.speed.rules import Use, Verdict, Why
from abonent.web import format as formats


def rate(kbps: int) -> formats.Quantity:
    """Return a measured speed: `94 Mbit/s`, `7,3 Mbit/s`, `250 kbit/s`."""
    if kbps < 1000:
        return formats.Quantity(formats.number(kbps), _("kbit/s"))
    return formats.Quantity(formats.tenths(kbps // 100) if kbps < 10_000 else formats.number(kbps // 1000), _("Mbit/s"))


def time(us: int) -> formats.Quantity:
    """Return a short time: `14 ms`, `0,8 ms`."""
    return formats.Quantity(formats.tenths(us // 100) if us < 10_000 else formats.number(us // 1000), _("ms"))


def use(of: Use) -> str:
    return {
        Use.MESSAGES: lambda: _("Messages and maps"),
        Use.MUSIC: lambda: _("Music and web pages"),
        Use.VIDEO: lambda: _("Films in HD"),
        Use.VIDEO_4K: lambda: _("Films in 4K"),
        Use.VIDEO_CALLS: lambda: _("Video calls"),
        Use.GAMES: lambda: _("Games over the network"),
        Use.SENDING: lambda: _("Sending large files and videos"),
    }[of]()


def verdict(of: Verdict, promised_kbps: int) -> str:
    """Return what the result is beside what the tariff promises."""
    said = {"speed": str(rate(promised_kbps))}
    return {
        Verdict.AS_PROMISED: lambda: _("Your tariff promises up to %(speed)s: all is well."),
        Verdict.LESS: lambda: _(
            "Your tariff promises up to %(speed)s. Wi-Fi often takes a part of it: measure once more with a cable."
        ),
        Verdict.FAR_LESS: lambda: _(
            "Your tariff promises up to %(speed)s, and this is less than half. Measure once more with a cable; "
            "if it stays so, write to us."
        ),
    }[of]() % said  # fmt: skip


def refused(why: Why) -> str:
    """Return why no test begins, and what to do."""
    return {
        Why.BUSY: lambda: _("Too many people measure right now, and you would spoil each other's result. "
                            "Try again in a minute."),
        Why.HERE: lambda: _("Somebody at your address is measuring right now: two at once spoil each other's result. "
                            "Try again in a minute."),
        Why.OFTEN: lambda: _("You have measured very often within the last hour. Try again later."),
    }[why]()  # fmt: skip
