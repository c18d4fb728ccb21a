"""How buckets, packages and what they hold are put into words."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from abonent.domains.billing.packages.rules import LeftOver, Source
from abonent.domains.catalog.packages_rules import Package
from abonent.web import format as formats

_INSTANT = timedelta(microseconds=1)


def kind(bucket: str) -> str:
    """Return what a kind of bucket is called."""
    return {"voice": _("Minutes"), "data": _("Internet"), "sms": "SMS"}[bucket]


def quantity(bucket: str, amount: int) -> str:
    """Return bytes, seconds or messages: `12,4 ГБ`, `300 мин`, `50 SMS`."""
    if bucket == "data" and not amount:
        # No byte is left of what is counted in megabytes.
        unit = _("MB")
        return f"0{formats.NBSP}{unit}"
    if bucket == "data":
        return formats.data_size(amount)
    if bucket == "voice":
        return f"{formats.number(amount // 60)}{formats.NBSP}{_('min')}"
    return f"{formats.number(amount)}{formats.NBSP}SMS"


def speed(kbps: int) -> str:
    """Return a speed: `1 Мбит/с`, `64 кбит/с`."""
    whole, rest = divmod(kbps, 1024)
    if whole and not rest:
        return _("%(number)s Mbit/s") % {"number": formats.number(whole)}
    return _("%(number)s kbit/s") % {"number": formats.number(kbps)}


def last_day(ends_at: datetime) -> str:
    """Return the last day on which something that ends then can be used."""
    return formats.day(ends_at - _INSTANT)


def source(left: LeftOver, name: str) -> str:
    """Return where a bucket comes from; `name` is that of the tariff or the package."""
    if left.source is Source.ROLL_OVER:
        return _("Left of the period before")
    if left.source is Source.GIFT:
        return _("A gift")
    return (
        _("Tariff “%(tariff)s”") % {"tariff": name}
        if left.source is Source.TARIFF
        else _("“%(name)s”") % {"name": name}
    )


def then(left: LeftOver) -> str:
    """Return until when it can be used and what happens then."""
    if left.source is Source.TARIFF:
        day = {"day": formats.day(left.ends_at)}
        return _("Renewed on %(day)s, what is left goes on") % day if left.rolls_over else _("Renewed on %(day)s") % day
    day = {"day": last_day(left.ends_at)}
    if left.starts_at is not None:
        return _("From %(first)s until %(day)s") % {"first": formats.day(left.starts_at), **day}
    return _("Until %(day)s, then bought again") % day if left.renews else _("Until %(day)s, then it ends") % day


def adds(package: Package) -> str:
    """Return what a package gives."""
    if package.amount is None:
        return _("%(kind)s without limit") % {"kind": kind(package.bucket)}
    return quantity(package.bucket, package.amount)


def lasts(package: Package) -> str:
    """Return for how long and at which hours."""
    days = ngettext("for %(number)s day", "for %(number)s days", package.days) % {"number": package.days}
    return f"{days}, {hours(package)}" if package.hours else days


def hours(package: Package) -> str:
    """Return at which hours it can be used."""
    return f"{package.hours}" if package.hours else _("at any time")


def again(package: Package) -> str:
    """Return whether it is bought again by itself."""
    return pgettext("package", "bought again by itself") if package.renews else pgettext("package", "once")
