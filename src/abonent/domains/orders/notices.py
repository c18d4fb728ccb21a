"""The owner is told what became of an order: by SMS, and in the history of the cabinet."""

from __future__ import annotations

from datetime import datetime

from abonent.domains.billing.packages import queries as packages_queries
from abonent.domains.catalog.offers.rules import OfferVersion
from abonent.domains.identity import journal
from abonent.domains.identity.rules import EventKind
from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line
from abonent.domains.messaging import actions as messaging
from abonent.domains.messaging import channels
from abonent.domains.orders import models, queries
from abonent.domains.orders.queries import Order
from abonent.domains.orders.rules import Action


def completed(row: models.Order, line: Line) -> None:
    """It is done: what, for which number, what was taken and what comes."""
    order = queries.value_of(row)
    if order.package is not None:
        until = packages_queries.valid_until(row.id)
        _tell(
            order, line, "package added", sum=str(row.taken_minor), until=until.isoformat() if until else "",
            renews="yes" if order.package.renews else "",
        )  # fmt: skip
    else:
        _tell(
            order, line, "order done",
            sum=str(row.taken_minor), next=str(row.next_minor), per=order.per,
        )  # fmt: skip
    if row.action in (Action.SIM, Action.NUMBER):
        # Their own events stand in the history.
        return
    owners = lines.accounts_of_line(line.id)
    by_owner = row.account_id is None or row.account_id in owners
    for account_id in owners:
        journal.note(
            account_id=account_id, kind=EventKind.ORDER_DONE, at=row.ended_at or row.placed_at,
            by=row.placed_by or (journal.OWNER if by_owner else journal.ANOTHER), tell=False,
            detail={"number": line.number, "service": row.offer_code, "action": str(row.action)},
        )  # fmt: skip


def failed(row: models.Order, line: Line) -> None:
    """It is not done, and costs nothing."""
    _tell(queries.value_of(row), line, "order failed", sum=str(row.once_minor + row.fee_minor))


def not_renewed(*, line: Line, version: OfferVersion, until: datetime) -> None:
    """A package ends and is not bought again: until when it is there, and where it can be bought."""
    recipient = lines.contact_of(line.id).number
    if recipient:
        messaging.send(
            recipient=recipient, template="package not renewed", language=line.language,
            params={
                "service": version.names.get(line.language, version.code), "number": line.number,
                "until": until.isoformat(),
            },
        )  # fmt: skip


def _tell(order: Order, line: Line, template: str, **more: str) -> None:
    recipient = lines.contact_of(line.id).number
    if recipient:
        params = {
            "service": order.names.get(line.language, order.offer_code), "action": str(order.action),
            "number": line.number, "order": str(order.id), "until": order.end_day.isoformat(), **more,
        }  # fmt: skip
        # Who ordered by text hears of it from the number they wrote to.
        with channels.in_talk(handset=line.number, short_number=_written_to(order)):
            messaging.send(recipient=recipient, template=template, params=params, language=line.language)


def _written_to(order: Order) -> str:
    if order.channel != "sms":
        return ""
    found = models.HandsetWish.objects.filter(id=order.id).values_list("short_number", flat=True).first()
    return found or ""
