"""Reads of what its owner loses when a number goes to another operator, and what keeps it here; values, not models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from abonent.domains.billing import debts_queries
from abonent.domains.billing.debts_rules import Debt
from abonent.domains.billing.families import queries as families_queries
from abonent.domains.billing.packages import queries as packages_queries
from abonent.domains.billing.packages.rules import Source
from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.catalog.offers.rules import OfferVersion
from abonent.domains.customers import queries as customers
from abonent.domains.identity import queries as identity
from abonent.domains.lines import queries as lines
from abonent.domains.lines import queries_calls
from abonent.domains.lines.equipment import queries as equipment_queries
from abonent.domains.lines.queries import Line
from abonent.domains.lines.sharing import queries as sharing_queries
from abonent.domains.porting import queries, rules
from abonent.domains.porting.rules import Leaving, Reason
from abonent.domains.porting.taking import actions as taking

BOUGHT = (Source.PACKAGE, Source.GIFT)


@dataclass(frozen=True, slots=True)
class Losses:
    """What ends with the number: bought packages, parts of instalments still to be paid, families, who sees it."""

    packages: tuple[OfferVersion, ...]
    instalments_minor: int
    owns_family: bool
    in_family: bool
    viewers: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """How it stands with a number that might leave: what keeps it here now, what is owed, what is lost."""

    kept_by: Reason | None
    knows_owner: bool
    until: datetime | None
    debt: Debt
    losses: Losses


def outlook(line: Line, account_id: int, at: datetime) -> Outlook:
    """Return how it stands with the line's number now, whether somebody asks for it or not."""
    terms = taking.terms_on(at)
    sim = queries_calls.sim_of(line.id)
    debt = debts_queries.debt(line.contract_id)
    came_at = queries.came_at(line.id)
    facts = Leaving(
        served=True, blocked=line.blocked_at is not None, protected=_is_protected(line.id),
        sim_since=sim.since if sim else None, came_at=came_at, owed_minor=debt.total_minor,
    )  # fmt: skip
    kept_by = rules.refusal(facts, terms, at)
    until = rules.kept_until(kept_by, facts, terms)
    return Outlook(kept_by, customers.has_document(line.party_id), until, debt, _losses(line, account_id, at))


def _is_protected(line_id: int) -> bool:
    """Return whether an owner said that somebody else is at work; who decides by it locks the account as well."""
    return any(identity.standing(one).frozen_at is not None for one in lines.accounts_of_line(line_id))


def _losses(line: Line, account_id: int, at: datetime) -> Losses:
    left = packages_queries.left_overs(line, at)
    bought = {one.offer_version_id for one in left if one.source in BOUGHT and one.offer_version_id}
    versions = offers_queries.offer_versions(bought) if bought else {}
    devices = equipment_queries.of_line(line.id)
    agreed = sharing_queries.agreements(account_id=account_id, own_lines=[line.id])
    family = {(member, is_owner) for member, is_owner, _ in families_queries.family_of(line.id)}
    return Losses(
        packages=tuple(versions[one] for one in sorted(versions)),
        instalments_minor=sum(one.plan(queries.local_day(at)).left_minor for one in devices),
        owns_family=(line.id, True) in family,
        in_family=(line.id, False) in family,
        viewers=sum(one.is_owner and one.is_living for one in agreed),
    )
