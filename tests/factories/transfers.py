"""Subscribers with money, and transfers between them."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from uuid import UUID, uuid4

from django.test import Client

from abonent.domains.billing import actions, queries
from abonent.domains.billing import models as billing_models
from abonent.domains.billing.family_pays import actions as family_pays
from abonent.domains.billing.family_pays import queries as family_pays_queries
from abonent.domains.billing.family_pays.queries import Pay
from abonent.domains.billing.transfers import actions as transfers
from abonent.domains.billing.transfers import proofs as transfers_proofs
from abonent.domains.billing.transfers.proofs import ByCode, To
from abonent.domains.billing.transfers.queries import Transfer
from abonent.domains.customers.actions import NewParty
from abonent.domains.identity import models as identity_models
from abonent.domains.identity import queries as identity
from abonent.domains.identity.guards import Origin
from abonent.domains.ledger import actions as ledger
from abonent.domains.lines import queries as line_queries
from abonent.domains.lines.actions import give_access
from abonent.domains.lines.queries import Line
from abonent.domains.messaging import models as messages
from abonent.domains.messaging.texts import sms as texts
from abonent.foundation.clock import now
from abonent.foundation.values import Msisdn
from tests.factories import customers, lines
from tests.factories import identity as people

MARIA = NewParty("Мария", "", "Ковалёва")


def rich(balance_minor: int = 100_000, *, payment: str = "prepaid", opened_at: datetime = lines.OPENED) -> Line:
    """Open a line of a new person with that balance."""
    opened = lines.line(contract_id=customers.contract(payment=payment), opened_at=opened_at)
    if balance_minor:
        top_up(opened, balance_minor)
    return opened


def maria(balance_minor: int = 0) -> Line:
    """Open Maria's line."""
    opened = lines.line(contract_id=customers.contract(MARIA))
    if balance_minor:
        top_up(opened, balance_minor)
    return opened


def top_up(line: Line, amount_minor: int) -> None:
    at = datetime(2026, 2, 1, tzinfo=UTC)
    actions.top_up(
        payment_id=uuid4(), contract_id=line.contract_id, amount_minor=amount_minor, at=at, method="card"
    )  # fmt: skip


def balances(*of: Line) -> list[int]:
    """Return the balance of each line's contract, in minor units."""
    return [queries.balance(line.contract_id) for line in of]


def account_of(line: Line) -> int:
    """Return the account that proved the line; the first time, open it."""
    found = line_queries.account_of(line.id)
    if found is None:
        found = people.account()
        give_access(line_id=line.id, account_id=found, at=now())
    return found


def asked(sender: Line, number: str, amount_minor: int = 30_000, *, form_id: UUID | None = None) -> Transfer:
    """Write down a wish and look its receiver up, as the pages do."""
    account_id = account_of(sender)
    transfer_id = transfers.ask(
        form_id=form_id or uuid4(), account_id=account_id, line=sender, number=Msisdn(number),
        amount_minor=amount_minor, at=now(),
    )  # fmt: skip
    return transfers.look_up(transfer_id=transfer_id, account_id=account_id, at=now())


def code_for(transfer: Transfer | Pay, sender: Line) -> ByCode:
    """Return the right code of a transfer, sent as its page does; sending limits of the number are lifted."""
    identity_models.NumberGuard.objects.update(sends=[])
    challenge_id = transfers_proofs.request_code(
        account_id=account_of(sender), bound=transfer.bound, told={"amount_minor": "1", "number": "x"},
        to=To(sender.number, sender.id, Origin(), "abonent.test", "ru"), at=now(),
    )  # fmt: skip
    typed = identity.code_to_deliver(str(challenge_id), now())
    assert typed
    return ByCode(challenge_id, typed)


def sent(sender: Line, receiver: Line, amount_minor: int = 30_000) -> Transfer:
    """Send money, all the way."""
    wish = asked(sender, receiver.number, amount_minor)
    shown = code_for(wish, sender)
    return transfers.confirm(transfer_id=wish.id, account_id=account_of(sender), shown=shown, at=now())


def form_of(client: Client, address: str = "/transfer/") -> str:
    """Return the id that the form on the page holds."""
    found = re.search(r'name="form" value="([^"]+)"', client.get(address).content.decode())
    assert found
    return found[1]


def said(client: Client, address: str) -> str:
    """Return the page's words."""
    response = client.get(address)
    assert response.status_code == 200, (response.status_code, response.get("Location"))
    text = html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))
    return re.sub(r"\s+", " ", text)


def agreed(payer: Line, member: Line, cap_minor: int = 100_000) -> Pay:
    """Let the payer pay for the member, all the way; what the member needs at once is paid."""
    wish = invited(payer, member.number, cap_minor)
    return family_pays.agree(pay_id=wish.id, line=member, at=now())


def wished(payer: Line, number: str, cap_minor: int = 100_000) -> Pay:
    """Write down that the payer wants to pay for a number."""
    account_id = account_of(payer)
    pay_id = family_pays.ask(
        form_id=uuid4(), account_id=account_id, line=payer, number=Msisdn(number), cap_minor=cap_minor, at=now()
    )
    return family_pays_queries.asked_by(pay_id, account_id)


def invited(payer: Line, number: str, cap_minor: int = 100_000) -> Pay:
    """Invite a number, with the right code."""
    wish = wished(payer, number, cap_minor)
    return family_pays.confirm(
        pay_id=wish.id, account_id=account_of(payer), shown=code_for(wish, payer), at=now()
    )  # fmt: skip


def drain(line: Line, amount_minor: int) -> None:
    """Charge the line's contract a sum, whatever for."""
    debit = actions.open_accounts(contract_ids=[line.contract_id])
    ledger_account = billing_models.Account.objects.get(id=debit[line.contract_id]).ledger_account_id
    house = ledger.open_account(book="revenue", code="calls", house=True)
    ledger.post(
        transfer_id=uuid4(),
        debit=ledger_account,
        credit=house,
        amount_minor=amount_minor,
        booked_at=now(),
        kind="usage",
    )


def told(number: str) -> str:
    """Return everything that was sent to a number, without secrets."""
    sent_to = messages.Message.objects.filter(recipient=number)
    return "\n".join(texts.render(one.template, one.params, "", one.language) for one in sent_to)
