"""Forwarding as people ask for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from abonent.domains.lines import actions, models
from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line
from abonent.domains.orders.forwarding import actions as forwarding
from abonent.domains.orders.forwarding.actions import Wish
from abonent.domains.orders.forwarding.queries import Change
from abonent.foundation.values import Msisdn
from tests.factories import network, statement
from tests.factories.orders import AT
from tests.factories.statement import Used

TARGET = "+79161234567"


def account(line: Line) -> int:
    """Return the account that the line opens, made when it was not there."""
    return actions.open_line(line_id=line.id, language="ru", at=AT)


def called(line: Line, number: str = TARGET, *, at: datetime = AT, duration_s: int = 30) -> None:
    """Have the number called from the line the day before."""
    statement.use(line, [Used(at - timedelta(days=1), peer=number, duration_s=duration_s)])


def ask(
    line: Line, target: str = TARGET, condition: str = "all", *, at: datetime = AT, form: UUID | None = None
) -> Change:
    """Ask for calls to go to the number as a form does; for an empty one, that they come here again."""
    wish = Wish(form or uuid4(), line, condition, Msisdn(target) if target else None, account(line))
    return forwarding.place(wish=wish, at=at)


def work(at: datetime) -> None:
    """Do what workers do at that moment."""
    forwarding.advance_due(at=at)
    network.sweep(at)
    forwarding.advance_due(at=at)


def goes_to(line: Line) -> dict[str, str]:
    """Return where calls of the line go now, as everything that decides on trust knows it."""
    return dict(models.Forwarding.objects.filter(line_id=line.id, until=None).values_list("condition", "target"))


def now(line: Line) -> Line:
    """Return the line as it is now."""
    found = lines.served_by_id(line.id)
    assert found
    return found
