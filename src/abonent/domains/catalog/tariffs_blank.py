"""A tariff from nothing: rules that answer every usage, without a price yet. Pure."""

from __future__ import annotations

from datetime import date

from abonent.domains.catalog.rules import HOME, ROAMING, Price, TariffVersion, Terms
from abonent.domains.catalog.tariffs_yaml import Sheet

_MINUTE, _MEGABYTE = 60, 1024 * 1024
_MOBILE = (
    Price("voice-out", "voice", "out", 0, _MINUTE, zone=HOME, bucket="voice"),
    Price("voice-in", "voice", "in", 0, _MINUTE, zone=HOME),
    Price("sms-out", "sms", "out", 0, zone=HOME, bucket="sms"),
    Price("sms-in", "sms", "in", 0),
    Price("mms-out", "mms", "out", 0),
    Price("mms-in", "mms", "in", 0),
    Price("data", "data", "", 0, _MEGABYTE, zone=HOME, bucket="data"),
    Price("voice-out-roaming", "voice", "out", 0, _MINUTE, zone=ROAMING),
    Price("voice-in-roaming", "voice", "in", 0, _MINUTE, zone=ROAMING),
    Price("sms-out-roaming", "sms", "out", 0, zone=ROAMING),
    Price("data-roaming", "data", "", 0, _MEGABYTE, zone=ROAMING),
    Price("content", "content", "", 0),
)
_FIXED = (
    Price("voice", "voice", "", 0, _MINUTE),
    Price("sms", "sms", "", 0),
    Price("mms", "mms", "", 0),
    Price("data", "data", "", 0, _MEGABYTE, bucket="data"),
    Price("content", "content", "", 0),
)


def blank(service: str, valid_from: date) -> Sheet:
    """Return a tariff for that kind of lines; others than mobile ones are fixed."""
    mobile = service == "mobile"
    terms = Terms(prices=_MOBILE if mobile else _FIXED)
    version = TariffVersion("", service, "phone" if mobile else "fixed", {}, valid_from, 0, terms)
    return Sheet(version, {}, None, {})
