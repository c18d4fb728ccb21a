"""Answers to what happens in other domains."""

from __future__ import annotations

from abonent.domains.billing import family_pays, fees_messages
from abonent.domains.billing.actions import rate, rerate_late
from abonent.domains.billing.fees import charge_waiting
from abonent.domains.usage import actions as usage
from abonent.foundation.clock import now


def rate_parked_usage(line_ids: list[int]) -> None:
    """Lines were opened: take up and charge the usage that waited for them."""
    usage.take_up_parked(line_ids=line_ids, then=rate)
    rerate_late()


def charge_what_waited(contract_ids: list[int]) -> None:
    """Money came: charge the fees that waited for it."""
    at = now()
    if charge_waiting(contract_ids=contract_ids, at=at):
        fees_messages.tell(at=at)


def cover_family(contract_ids: list[int]) -> None:
    """Somebody has money again: pay for the members of the family who wait for it."""
    family_pays.cover_all(at=now(), payers=contract_ids)
