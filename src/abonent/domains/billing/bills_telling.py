"""Whom a bill is told: by SMS what is to be paid, by e-mail where the whole bill is. A link, never the bill itself."""

from __future__ import annotations

from abonent.domains.billing.bills_rules import Bill
from abonent.domains.identity import queries as identity
from abonent.domains.lines import queries as lines
from abonent.domains.lines import queries_bulk
from abonent.domains.messaging import actions as messaging
from abonent.domains.messaging import channels


def tell(bill: Bill) -> None:
    """Put the messages on a bill into the outbox, in the transaction that issues it.

    The SMS goes to the contract's main number, or where its codes go, and only when something is to be paid; the e-mail
    to the address that the account confirmed, or else to the contract's own one.
    """
    served = [line for line in queries_bulk.of_contracts([bill.contract_id]) if line.is_served]
    if not served:
        return
    main = min(served, key=lambda line: (not line.is_main, line.service != "mobile", line.line_id))
    contact = lines.contact_of(main.line_id)
    account_id = lines.account_of_contract(bill.contract_id)
    email = (identity.email_of(account_id) if account_id else "") or contact.email
    params = {
        "bill": str(bill.id),
        "number": bill.number,
        "month": bill.month.isoformat(),
        "due_minor": str(bill.due_minor),
        "charged_minor": str(bill.charged_minor),
        "due_on": bill.due_on.isoformat(),
        "corrects": bill.corrects,
    }
    told = [("sms", contact.number if bill.due_minor else ""), ("email", email)]
    for channel, recipient in told:
        if recipient and channel in channels.open_channels():
            messaging.send(
                channel=channel, recipient=recipient, template="bill", params=params, language=bill.payer.language
            )
