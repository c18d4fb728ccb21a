"""`python -m tests.drills.customers NUMBER`: people who pay, over and over, until they are killed.

As the web does it: the payment is begun by the action, the card is typed at the bank. Instead of a number, `arrive` has
three of them become customers, and `verify` tells the shop's books as JSON.
"""

from __future__ import annotations

import json
import random
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import suppress
from uuid import UUID, uuid4

import django

django.setup()

from abonent.domains.billing import models as billing  # noqa: E402 - Django comes first
from abonent.domains.billing import posting  # noqa: E402 - Django comes first
from abonent.domains.ledger import queries as ledger  # noqa: E402 - Django comes first
from abonent.domains.ledger.models import LedgerAccount, Transfer  # noqa: E402 - Django comes first
from abonent.domains.lines import queries as lines  # noqa: E402 - Django comes first
from abonent.domains.payments import actions, models, queries  # noqa: E402 - Django comes first
from abonent.domains.payments.states import State  # noqa: E402 - Django comes first
from abonent.foundation.clock import now  # noqa: E402 - Django comes first
from tests.factories import catalog  # noqa: E402 - Django comes first
from tests.factories import lines as new  # noqa: E402 - Django comes first

GOOD, POOR = "2200000000000004", "2200000000000202"


def pay(url: str, fields: dict[str, str]) -> None:
    """Type it at the bank; whoever gets no answer tries again, as people do."""
    for _ in range(4):
        try:
            urllib.request.urlopen(url, urllib.parse.urlencode(fields).encode(), timeout=5)
        except urllib.error.HTTPError:
            # Led back to a page of ours that is not there yet.
            return
        except OSError:
            time.sleep(0.2)
        else:
            return


def number(payer: int) -> str:
    return f"+7900000000{payer}"


def arrive() -> None:
    """Three people become customers, each with a contract and a number."""
    catalog.geography()
    tariff = catalog.small()
    for payer in (1, 2, 3):
        new.line(number=number(payer), tariff_version_id=tariff, opened_at=now())


def begin(dice: random.Random, contract: int, payer: int) -> UUID:
    """Pay once by some means; send the form twice now and then."""
    account = posting.accounts([contract]).row(0, named=True)["ledger_account_id"]
    payment_id, at = uuid4(), now()
    method = dice.choice(["card", "card", "sbp", "saved card"])
    kept = queries.cards(payer)
    if method == "saved card" and kept:
        for _ in range(dice.choice([1, 2])):
            actions.charge_card(
                payment_id=payment_id, purpose="top-up", reference=str(contract), ledger_account_id=account,
                amount_minor=5_000, payer_id=payer, card_id=kept[0].id, description="", at=at,
            )  # fmt: skip
        return payment_id
    for _ in range(dice.choice([1, 1, 2])):
        begun = actions.start(
            payment_id=payment_id, purpose="top-up", reference=str(contract), ledger_account_id=account,
            amount_minor=10_000, method="sbp" if method == "sbp" else "card", payer_id=payer,
            save_card=not kept and method != "sbp", return_path="/home/", description="", language="ru", at=at,
        )  # fmt: skip
    if begun.redirect_url:
        pay(begun.redirect_url, {"number": dice.choice([GOOD, GOOD, POOR]), "month": "12/30", "cvc": "123"})
    elif begun.qr_payload:
        pay(begun.qr_payload, {"act": "pay"})
    return payment_id


def give_back(dice: random.Random, contract: int) -> None:
    """Give a part of some settled payment back."""
    settled = [one for one in queries.payments_of(reference=str(contract), limit=20) if one.state is State.SETTLED]
    if settled:
        with suppress(actions.NotRefundable, actions.RefundUnderWay):
            actions.refund(
                refund_id=uuid4(), payment_id=dice.choice(settled).id, amount_minor=1_000, reason="drill", at=now()
            )


def books() -> dict[str, object]:
    """Return what the shop believes, to be compared with the bank."""
    posted = {str(row.pk): row.amount_minor for row in Transfer.objects.filter(kind="payment")}
    return {
        "payments": {
            row.pk.hex: [row.state, row.settled_minor, posted.get(str(row.pk)), row.problem]
            for row in models.Payment.objects.all()
        },
        "refunds": [[row.payment_id.hex, row.state, row.amount_minor] for row in models.Refund.objects.all()],
        # Why it moved, as the owner of the contract reads it.
        "told": {row.pk.hex: row.amount_minor for row in billing.Payment.objects.filter(amount_minor__gt=0)},
        "told_back": sum(row.amount_minor for row in billing.Payment.objects.filter(amount_minor__lt=0)),
        "unexplained": len(set(posted) - {str(row.pk) for row in models.Payment.objects.filter(state=State.SETTLED)}),
        "sum": sum(ledger.balance(account) for account in LedgerAccount.objects.values_list("id", flat=True)),
        "disagreements": ledger.disagreements(),
    }


def main(word: str) -> None:
    """Pay for ever, or do what the word says."""
    if word == "arrive":
        arrive()
        return
    if word == "verify":
        print(json.dumps(books()))
        return
    dice, payer = random.Random(f"{word} {time.time()}"), int(word)
    line = lines.served_by_number(number(payer))
    assert line is not None
    while True:
        begin(dice, line.contract_id, payer)
        if dice.random() < 0.15:
            give_back(dice, line.contract_id)
        # Fast for people, and leaves the workers with no more than they have done by the end.
        time.sleep(0.3)


if __name__ == "__main__":
    main(sys.argv[1])
