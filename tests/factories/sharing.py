"""Two people with a number each, and what one shares with the other."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.db import transaction

from abonent.domains.identity.guards import Origin
from abonent.domains.lines import actions, models
from abonent.domains.lines.queries import Line
from abonent.domains.lines.sharing import actions as sharing
from abonent.domains.lines.sharing import queries as sharing_queries
from abonent.domains.lines.sharing.actions import Asking
from abonent.domains.lines.sharing.queries import Wish
from abonent.domains.lines.sharing.rules import Consent, Role
from abonent.foundation.clock import now
from abonent.foundation.values import Msisdn
from tests.factories import customers, lines

HOST = "abonent.test"


def anna(number: str = "") -> Line:
    """Return the line of who looks."""
    return lines.line(number=number)


def boris(number: str = "") -> Line:
    """Return the line of who is looked at: somebody else's, on a contract of their own."""
    return lines.line(number=number, contract_id=customers.contract(customers.BORIS))


def account(line: Line) -> int:
    """Return the account that the line opens, made when it was not there."""
    return actions.open_line(line_id=line.id, language="ru", at=now())


def shared(viewer: Line, line: Line, role: Role = Role.FULL) -> int:
    """Let whoever has `viewer` see `line`; return the agreement."""
    account_id = account(viewer)
    with transaction.atomic():
        locked = models.Line.objects.select_for_update(no_key=True).get(id=line.id)
        return sharing.give(
            account_id=account_id, line=locked, viewer_line_id=viewer.id, role=role, consent=Consent.CODE, at=now()
        )  # fmt: skip


def wish(viewer: Line, number: str, role: Role = Role.VIEWER) -> Wish:
    """Ask to see the number."""
    account_id = account(viewer)
    wish_id = sharing.wish(
        form_id=uuid4(), account_id=account_id, line=viewer, number=Msisdn(number), role=role, at=now()
    )
    return sharing_queries.wish_of(wish_id=wish_id, account_id=account_id, at=now())


def send(asked: Wish) -> UUID:
    """Have the code sent to the number's owner."""
    asking = Asking(origin=Origin(), host=HOST, language="ru")
    return sharing.send_code(wish=asked, asking=asking, at=now())
