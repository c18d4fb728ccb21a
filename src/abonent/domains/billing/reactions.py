"""Answers to what happens in other domains."""

from __future__ import annotations

from abonent.domains.billing.actions import rate, rerate_late
from abonent.domains.usage import actions as usage


def rate_parked_usage(line_ids: list[int]) -> None:
    """Lines were opened: take up and charge the usage that waited for them."""
    usage.take_up_parked(line_ids=line_ids, then=rate)
    rerate_late()
