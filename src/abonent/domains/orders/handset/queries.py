"""What a phone is told and offered without an order: balance, left-overs, what the line has and may have."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from abonent.domains.billing import products as money
from abonent.domains.billing import queries as billing
from abonent.domains.billing.packages import queries as packages_queries
from abonent.domains.billing.promised import queries as promised_queries
from abonent.domains.billing.promised.rules import Refusal
from abonent.domains.catalog import queries as catalog
from abonent.domains.catalog.offers.rules import OfferVersion
from abonent.domains.catalog.words import actions as words
from abonent.domains.catalog.words.rules import Kind
from abonent.domains.lines.queries import Line
from abonent.domains.orders import queries
from abonent.domains.orders.handset.rules import Said

# An SMS that tells more is read by nobody.
SHOWN_MAX = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that may be asked for by its code: its name, what it costs at once and then `per` month or day."""

    code: str
    name: str
    once_minor: int
    fee_minor: int
    per: str
    word: str

    @property
    def listed(self) -> list[str]:
        return [self.name, f"{self.once_minor}", f"{self.fee_minor}", self.per, self.word]


def balance(line: Line, at: datetime) -> Said:
    """Tell the balance, what of it can be spent, the next fee, and what is owed of a promised payment."""
    stands = billing.standing(line, at)
    promise = stands.promised
    return Said(
        "told balance",
        {
            "number": line.number,
            "sum": f"{stands.balance_minor}",
            "free": f"{money.available(line.contract_id)}" if line.prepaid else "",
            "owed": f"{promise.amount_minor - promise.repaid_minor}" if promise else "",
            "until": promise.due_at.isoformat() if promise else "",
        },
    )


def left(line: Line, at: datetime) -> Said:
    """Tell what is left of every bucket that holds now."""
    found = [one for one in packages_queries.left_overs(line, at) if one.starts_at is None]
    told = [
        [one.bucket, "" if one.left is None else f"{one.left}", one.ends_at.isoformat()] for one in found[:SHOWN_MAX]
    ]
    return Said("told left", {"number": line.number, "items": json.dumps(told)})


def services(line: Line, at: datetime, language: str) -> Said:
    """Tell what the line has, with what each costs, and how to be rid of it."""
    told = [one.listed for one in connected(line, at, language)[:SHOWN_MAX]]
    return Said("told services", {"number": line.number, "items": json.dumps(told)})


def packages(line: Line, at: datetime, language: str) -> Said:
    """Tell which packages are sold for the line."""
    told = [one.listed for one in for_sale(line, at, language, packages=True)[:SHOWN_MAX]]
    return Said("told packages", {"items": json.dumps(told)})


def tariffs(line: Line, at: datetime, language: str) -> Said:
    """Tell the own tariff, and those that one may change to."""
    own = catalog.tariff_version(line.tariff_version_id)
    told = [one.listed for one in other_tariffs(line, at, language)[:SHOWN_MAX]]
    return Said("told tariffs", {"own": own.names.get(language, own.tariff_code), "items": json.dumps(told)})


def connected(line: Line, at: datetime, language: str) -> list[Choice]:
    """Return the services that the line has."""
    return _choices([one.version for one in queries.shop(line, at).connected], language)


def for_sale(line: Line, at: datetime, language: str, *, packages: bool) -> list[Choice]:
    """Return the packages, or else the services, that are sold for the line."""
    found = queries.packages(line, at) if packages else list(queries.shop(line, at).available)
    return _choices(found, language)


def other_tariffs(line: Line, at: datetime, language: str) -> list[Choice]:
    """Return the tariffs of the same shelf that the line may change to."""
    offered = catalog.offered(service=line.service, held=line.tariff_version_id, day=queries.local_day(at))
    own = offered.own.version
    found = [
        offer.version
        for offer in offered.on_sale
        if offer.version.tariff_code != own.tariff_code and offer.version.category == own.category
    ]
    said = words.of_codes(Kind.TARIFF, [one.tariff_code for one in found])
    return [
        Choice(
            one.tariff_code, one.names.get(language, one.tariff_code), one.terms.switching.price_minor, one.fee_minor,
            one.terms.fee.per, said[one.tariff_code].said(language) if one.tariff_code in said else one.tariff_code,
        )
        for one in found
    ]  # fmt: skip


def promises(line: Line, at: datetime) -> list[tuple[int, int]]:
    """Return the sums that may be promised to the line, each with its fee, in minor units."""
    decision = promised_queries.standing(line, at).decision
    if isinstance(decision, Refusal):
        return []
    return [(one.amount_minor, one.fee_minor) for one in decision.choices]


def _choices(versions: list[OfferVersion], language: str) -> list[Choice]:
    said = words.of_codes(Kind.OFFER, [one.code for one in versions])
    return [
        Choice(
            one.code, one.names.get(language, one.code), one.once_minor, one.fee_minor, one.per,
            said[one.code].said(language) if one.code in said else one.code,
        )
        for one in versions
    ]  # fmt: skip
