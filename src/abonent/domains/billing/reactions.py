"""Answers to what happens in other domains."""

from __future__ import annotations

from abonent.domains.billing import family_pays
from abonent.domains.billing.actions import rate, rerate_late
from abonent.domains.usage import actions as usage
from abonent.foundation import clock


def rate_parked_usage(line_ids: list[int]) -> None:
    """Lines were opened: take up and charge the usage that waited for them."""
    usage.take_up_parked(line_ids=line_ids, then=rate)
    rerate_late()


def cover_family(contract_ids: list[int]) -> None:
    """Somebody has money again: pay for the members of the family who wait for it."""
    family_pays.cover_all(at=clock.now(), payers=contract_ids)
