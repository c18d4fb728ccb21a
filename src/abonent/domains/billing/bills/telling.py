"""Whom a bill is told: by SMS what is to be paid, by e-mail where the whole bill is. A link, never the bill itself."""

from __future__ import annotations

from dataclasses import dataclass

from abonent.domains.billing.bills.rules import Bill
from abonent.domains.identity import queries as identity
from abonent.domains.lines import queries as lines
from abonent.domains.lines import queries_bulk
from abonent.domains.messaging import actions as messaging
from abonent.domains.messaging import channels


@dataclass(frozen=True, slots=True)
class Reached:
    """Where whoever pays for a contract is reached; each may be empty."""

    number: str
    email: str


def reached(contract_id: int) -> Reached:
    """Return the contract's main number, or where its codes go, and the address that its account confirmed, or its own.

    Of a contract that is served no more both are empty.
    """
    served = [line for line in queries_bulk.named_of_contracts([contract_id]) if line.is_served]
    if not served:
        return Reached("", "")
    main = min(served, key=lambda line: (not line.is_main, line.service != "mobile", line.line_id))
    contact = lines.contact_of(main.line_id)
    account_id = lines.account_of_contract(contract_id)
    return Reached(contact.number, (identity.email_of(account_id) if account_id else "") or contact.email)


def tell(bill: Bill) -> None:
    """Put the messages on a bill into the outbox, in the transaction that issues it.

    The SMS goes only when something is to be paid.
    """
    payer = reached(bill.contract_id)
    params = {
        "bill": str(bill.id),
        "number": bill.number,
        "month": bill.month.isoformat(),
        "due_minor": str(bill.due_minor),
        "charged_minor": str(bill.charged_minor),
        "due_on": bill.due_on.isoformat(),
        "corrects": bill.corrects,
    }
    for channel, recipient in (("sms", payer.number if bill.due_minor else ""), ("email", payer.email)):
        if recipient and channel in channels.open_channels():
            messaging.send(
                channel=channel, recipient=recipient, template="bill", params=params, language=bill.payer.language
            )
