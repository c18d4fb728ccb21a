"""The terms on which «Орбита» blocks numbers for a while."""

from __future__ import annotations

from datetime import date

from abonent.domains.orders.blocks import actions as blocks
from abonent.domains.orders.blocks.rules import Terms

VALID_FROM = date(2024, 1, 1)
TERMS = Terms(
    free_days=30, once_minor=0, day_minor=500, shortest_days=3, longest_days=90, cool_down_days=14, ahead_days=90
)
# A summer at the cottage: what comes by wire or dish rests longer, and its days cost less.
AT_HOME = Terms(
    free_days=60, once_minor=0, day_minor=300, shortest_days=7, longest_days=180, cool_down_days=30, ahead_days=90
)


def publish() -> int:
    """Store the terms and return the id of those for numbers."""
    for service in ("internet", "tv", "satellite"):
        blocks.publish_rules(valid_from=VALID_FROM, terms=AT_HOME, service=service)
    return blocks.publish_rules(valid_from=VALID_FROM, terms=TERMS)
