"""Top-ups that people begin on our pages: for which number, within which limits, once, and who is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from abonent.domains.billing import models, posting, queries
from abonent.domains.billing.actions import top_up
from abonent.domains.billing.topups import queries as queries_topups
from abonent.domains.billing.topups import rules as rules_topups
from abonent.domains.billing.topups.rules import DECLINED, SETTLED, Today
from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line
from abonent.domains.messaging import actions as messaging
from abonent.domains.payments import actions as payments

PURPOSE = "top-up"
# No account of identity has this id.
NOBODY = 0


class Repeated(ValueError):
    """The same sum was paid, or begun to be, for the same number a moment ago, as `topup_id`: the person decides."""

    def __init__(self, topup_id: UUID) -> None:
        super().__init__(f"{topup_id}")
        self.topup_id = topup_id


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants to pay in: the form's id, who pays and from which line of theirs, for which number, how.

    `number` is E.164, or a login when `own` is the line it belongs to; `own` is None for a number of somebody else.
    """

    topup_id: UUID
    payer_id: int
    payer_line: Line
    number: str
    own: Line | None
    amount_minor: int
    method: str
    card_id: int | None
    save_card: bool
    language: str


def begin(
    *, order: Order, repeats: UUID | None = None, description: str, return_path: str, at: datetime
) -> payments.Started:
    """Write the top-up down and ask the gateway for it; the same order again answers what became of the first.

    `repeats` is the top-up just like it that the person was shown and wants once more. Nobody learns here whether a
    number is somebody's: money for nobody's goes to the payer's own contract, and the receipt says so.

    Raises `topups.rules.Refused`, `Repeated`, and `payments.DifferentPayment` when the id is taken by another order.
    """
    contract_id = _record(order, repeats, at)
    account = posting.accounts([contract_id]).row(0, named=True)["ledger_account_id"]
    return payments.start(
        payment_id=order.topup_id,
        purpose=PURPOSE,
        reference=str(contract_id),
        ledger_account_id=account,
        amount_minor=order.amount_minor,
        method=order.method,
        payer_id=order.payer_id,
        card_id=order.card_id,
        save_card=order.save_card,
        return_path=return_path,
        description=description,
        language=order.language,
        at=at,
    )


@transaction.atomic
def _record(order: Order, repeats: UUID | None, at: datetime) -> int:
    """Decide on the order and write it down, once; return the contract that the money goes to."""
    with connection.cursor() as cursor:
        # Two tabs, two devices: who pays does it one after the other.
        cursor.execute("select pg_advisory_xact_lock(hashtext('top-up'), hashtext(%s))", [str(order.payer_id)])
    known = models.TopUp.objects.filter(id=order.topup_id).first()
    if known is not None:
        if not _is_of(known, order):
            raise payments.DifferentPayment(order.topup_id)
        return known.contract_id
    rules_topups.check(order.amount_minor, "" if order.own else order.number, _today(order.payer_id, at))
    same = queries_topups.same_before(
        payer_id=order.payer_id, number=order.number, amount_minor=order.amount_minor, at=at
    )
    if same is not None and same != repeats:
        raise Repeated(same)
    credited = order.own or lines.served_by_number(order.number)
    contract_id = (credited or order.payer_line).contract_id
    models.TopUp.objects.create(
        id=order.topup_id,
        payer_id=order.payer_id,
        payer_line_id=order.payer_line.id,
        payer_number=order.payer_line.number,
        contract_id=contract_id,
        line_id=credited.id if credited else None,
        number=order.number,
        is_own=order.own is not None,
        amount_minor=order.amount_minor,
        method=order.method,
        card_id=order.card_id,
        save_card=order.save_card,
        language=order.language,
        created_at=at,
    )
    return contract_id


def choose_card(*, payer_id: int, card_id: int) -> None:
    """Offer that saved card first from now on."""
    models.UsualCard.objects.update_or_create(payer_id=payer_id, defaults={"card_id": card_id})


@transaction.atomic
def forget_payer(*, payer_id: int) -> None:
    """Keep what was paid for which number, and no more who paid it."""
    models.UsualCard.objects.filter(payer_id=payer_id).delete()
    models.TopUp.objects.filter(payer_id=payer_id).update(payer_id=NOBODY, card_id=None)


@transaction.atomic
def settle(*, payment_id: UUID, contract_id: int, amount_minor: int, method: str, detail: str, at: datetime) -> bool:
    """Write down why the money is there that the gateway brought, and tell about it; once, False when that was done.

    The sum itself moved when the payment settled, under the same id.
    """
    _lock(payment_id)
    if models.Payment.objects.filter(id=payment_id).exists():
        return False
    topup = _end(payment_id, SETTLED)
    if topup is not None and not topup.is_own and topup.line_id is not None:
        # With whose card somebody else paid is nothing to the owner of the number.
        detail = ""
    top_up(
        payment_id=payment_id, contract_id=contract_id, amount_minor=amount_minor, at=at, method=method, detail=detail
    )
    if topup is not None:
        _tell_of_money(topup, amount_minor, at)
    return True


@transaction.atomic
def decline(*, payment_id: UUID, reason: str, at: datetime) -> bool:
    """Note that the gateway did not bring the money, once; tell who pays when nobody looks at the page any more."""
    _lock(payment_id)
    topup = _end(payment_id, DECLINED)
    if topup is None:
        return False
    if rules_topups.is_told_of_decline(reason, began_at=topup.created_at, at=at):
        _tell(topup.payer_line_id, "top-up declined", {"sum": str(topup.amount_minor)}, topup.language, at)
    return True


@transaction.atomic
def give_back(*, refund_id: UUID, payment_id: UUID, contract_id: int, amount_minor: int, at: datetime) -> bool:
    """Write down why money left that went back to where it came from, and tell who paid; once, False when it was done.

    The sum itself moved when the gateway gave it back, under the refund's id.
    """
    _lock(refund_id)
    account = models.Account.objects.get(contract_id=contract_id)
    paid = models.Payment.objects.filter(id=payment_id).first()
    _, is_new = models.Payment.objects.get_or_create(
        id=refund_id,
        defaults={
            "account_id": account.id,
            "booked_at": at,
            "amount_minor": -amount_minor,
            "method": paid.method if paid else "bank",
            "detail": paid.detail if paid else "",
        },
    )
    topup = models.TopUp.objects.filter(id=payment_id).first()
    if is_new and topup is not None:
        params = {"sum": str(amount_minor), "refund": str(refund_id)}
        _tell(topup.payer_line_id, "top-up refunded", params, topup.language, at)
    elif is_new and (why := models.Correction.objects.filter(id=refund_id).first()):
        _tell(why.line_id, "top-up refunded", {"sum": str(amount_minor), "refund": str(refund_id)}, "", at)
    return is_new


def _tell_of_money(topup: models.TopUp, amount_minor: int, at: datetime) -> None:
    """Tell the owner of the number, and who paid when that is somebody else."""
    sums = {"sum": str(amount_minor), "balance": str(queries.balance(topup.contract_id))}
    if topup.line_id is None:
        _tell(topup.payer_line_id, "top-up returned", sums | {"number": topup.number}, topup.language, at)
    elif topup.is_own:
        _tell(topup.line_id, "topped up", sums, topup.language, at)
    else:
        _tell(topup.line_id, "topped up", sums | {"payer": topup.payer_number}, "", at)
        paid = {"sum": sums["sum"], "number": topup.number}
        _tell(topup.payer_line_id, "paid for another", paid, topup.language, at)


def _tell(line_id: int, template: str, params: dict[str, str], language: str, at: datetime) -> None:
    """Send a message to where the line is reached, in `language`, else in its holder's; no messages to nowhere."""
    contact = lines.contact_of(line_id)
    channel, recipient = ("sms", contact.number) if contact.number else ("email", contact.email)
    if recipient:
        language = language or lines.holder(line_id, at).language
        messaging.send(channel=channel, recipient=recipient, template=template, params=params, language=language)


def _end(topup_id: UUID, outcome: str) -> models.TopUp | None:
    """Note how the top-up ended; return it, or None when nobody began it here or it ended so before."""
    changed = models.TopUp.objects.filter(id=topup_id).exclude(outcome__in=(outcome, SETTLED)).update(outcome=outcome)
    return models.TopUp.objects.get(id=topup_id) if changed else None


def _lock(payment_id: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('top-up ends'), hashtext(%s))", [str(payment_id)])


def _today(payer_id: int, at: datetime) -> Today:
    midnight = at.astimezone(ZoneInfo(settings.TIME_ZONE)).replace(hour=0, minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            """select coalesce(sum(amount_minor) filter (where outcome <> %(declined)s), 0)::bigint, count(*),
                      coalesce(array_agg(distinct number) filter (where not is_own and outcome <> %(declined)s), '{}')
                 from billing_topup where payer_id = %(payer)s and created_at >= %(since)s""",
            {"declined": DECLINED, "payer": payer_id, "since": midnight},
        )
        return Today(*cursor.fetchone())


def _is_of(known: models.TopUp, order: Order) -> bool:
    """Return whether what was written down is what is asked for now."""
    return (
        known.payer_id == order.payer_id
        and known.number == order.number
        and known.amount_minor == order.amount_minor
        and known.method == order.method
        and known.card_id == order.card_id
    )
