"""Packages that are bought again when they end: by an order like any other, placed before that, and undone like one."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction

from abonent.domains.billing.packages import actions as packages
from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.catalog.offers.rules import OfferVersion
from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line
from abonent.domains.orders import actions, notices, queries
from abonent.domains.orders.actions import Changed, Refused, Wish
from abonent.domains.orders.rules import Action, Why
from abonent.foundation import rounds

CHANNEL = "renewal"
# So long before its end a package is ordered again: there is time to look at the order and to undo it.
AHEAD = timedelta(hours=3)
# So long after its end it waits for others of its kind that are on their way.
OTHERS_FIRST = timedelta(hours=1)


def renew_due(*, at: datetime) -> int:
    """Order every package again that ends soon and is to be renewed; return how many were looked at."""
    return rounds.each(packages.ending(until=at + AHEAD), lambda bucket_id: renew(bucket_id=bucket_id, at=at))


@transaction.atomic
def renew(*, bucket_id: UUID, at: datetime) -> bool:
    """Order the package again, on the terms it was bought on; return whether that was done.

    On other terms it is not: nobody pays a price that they never saw. Then, and when it cannot be ordered, it ends, and
    its owner is told.
    """
    known = packages.locked(bucket_id)
    if known is None:
        return False
    line_id, version_id, until = known
    line = lines.served_by_id(line_id)
    version = offers_queries.offer_versions([version_id])[version_id]
    if line is None:
        packages.stop(bucket_id=bucket_id, line_ids=[line_id], at=at, why=Why.BLOCKED)
        return False
    order_id = uuid5(bucket_id, CHANNEL)
    why = _ordered(order_id, line, version, until, at)
    if why is Why.ON_THE_WAY and at < until + OTHERS_FIRST:
        # Another of its kind is bought just now: this one has its turn after that.
        return False
    if why is None:
        packages.renewed(bucket_id=bucket_id, order_id=order_id)
        return True
    packages.stop(bucket_id=bucket_id, line_ids=[line_id], at=at, why=why)
    notices.not_renewed(line=line, version=version, until=until)
    return False


def _ordered(order_id: UUID, line: Line, version: OfferVersion, until: datetime, at: datetime) -> Why | None:
    """Place the order; return why not."""
    wish = Wish(
        order_id=order_id,
        line=line,
        action=Action.CONNECT,
        offer_version_id=version.id or 0,
        total_minor=queries.price_of(line, version, Action.CONNECT, until).total_minor,
        effective_at=until,
        channel=CHANNEL,
        account_id=None,
    )
    try:
        actions.place(wish=wish, at=at)
    except Refused as refused:
        return refused.refusal.why
    except Changed:
        return Why.CHANGED
    return None
