"""Top-ups as people begin them, and what the bank brings."""

from __future__ import annotations

import html
import re
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from abonent.domains.billing import reactions
from abonent.domains.billing.topups import actions as topups
from abonent.domains.lines.access import lines_of
from abonent.domains.lines.queries import Line, account_of
from abonent.domains.payments.actions import Started
from abonent.foundation.clock import now
from tests.factories import billing, payments

ANSWERS = ("take_up_payment", "note_declined_payment", "give_back")
CONFIRM = "/topup/confirm/"
# What is typed at least.
FORM = {"amount": "500", "way": "card"}


def order(
    payer: Line, *, to: str = "", own: Line | None = None, amount_minor: int = 50_000, **changes: Any
) -> topups.Order:
    """Return what the holder of `payer` wants: 500 roubles on that line by a new card, unless told otherwise."""
    own = own or (None if to else payer)
    wanted: dict[str, Any] = {
        "topup_id": uuid4(),
        "payer_id": account_of(payer.id) or 1,
        "payer_line": payer,
        "number": own.number if own else to,
        "own": own,
        "amount_minor": amount_minor,
        "method": "card",
        "card_id": None,
        "save_card": False,
        "language": "ru",
    }
    return topups.Order(**wanted | changes)


def begin(wanted: topups.Order, *, repeats: UUID | None = None, at: datetime | None = None) -> Started:
    """Begin the top-up."""
    return topups.begin(
        order=wanted, repeats=repeats, description="Пополнение", return_path=f"/topup/{wanted.topup_id}/?back",
        at=at or now(),
    )  # fmt: skip


def hear() -> int:
    """Have the answers to what payments announced run, as a worker does, and be done; return how many ran."""
    answers = [job.args for job in ProcrastinateJob.objects.filter(task_name="react").order_by("id")]
    named = [(args["reaction"].rpartition("."), args["event"]) for args in answers]
    heard = [(name, event) for (module, _dot, name), event in named if module == reactions.__name__ and name in ANSWERS]
    for name, event in heard:
        getattr(reactions, name)(**event)
    return len(heard)


def paid(bank: payments.Bank, wanted: topups.Order) -> UUID:
    """Begin the top-up, pay it at the bank and take it up; return its id."""
    begin(wanted)
    bank.pay(wanted.topup_id)
    payments.ask(wanted.topup_id)
    hear()
    return wanted.topup_id


def account_id(line: Line) -> int:
    """Return the account that proved the line; it must have been signed in with."""
    found = account_of(line.id)
    assert found is not None
    assert lines_of(found)
    return found


def hidden(client: Client, **fields: str) -> dict[str, str]:
    """Return the fields that the question before paying would send."""
    page = client.get(f"{CONFIRM}?{urlencode(FORM | fields)}").content.decode()
    found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found if name not in ("csrfmiddlewaretoken", "next")}


def pay(client: Client, **fields: str) -> tuple[UUID, str]:
    """Go through the form and the question; return the top-up's id and where that led."""
    sent = hidden(client, **fields)
    response = client.post(CONFIRM, sent)
    assert response.status_code == 302, response.content.decode()
    return UUID(sent["id"]), response["Location"]


def nothing_happened() -> bool:
    """Return whether no top-up was begun and no bank asked."""
    return not billing.rows("select id from billing_topup union all select id from payments_payment")
