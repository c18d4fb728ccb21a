"""What a worker does for billing by the clock."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from procrastinate.contrib.django import app

from abonent.domains.billing import actions, bars, equipment
from abonent.domains.billing.autopay import actions as autopay
from abonent.domains.billing.autopay import paying as autopay_paying
from abonent.domains.billing.bills import actions as bills
from abonent.domains.billing.bills.rules import may_tell
from abonent.domains.billing.cashback import actions as cashback
from abonent.domains.billing.changes import actions as changes
from abonent.domains.billing.changes import messages as changes_messages
from abonent.domains.billing.families import actions as families
from abonent.domains.billing.families import handover as families_handover
from abonent.domains.billing.families import telling as families_telling
from abonent.domains.billing.family_pays import actions as family_pays
from abonent.domains.billing.fees import messages as fees_messages
from abonent.domains.billing.fiscal import actions as fiscal
from abonent.domains.billing.gifts import actions as gifts
from abonent.domains.billing.idle import actions as idle
from abonent.domains.billing.limits import actions as limits
from abonent.domains.billing.limits import messages as limits_messages
from abonent.domains.billing.promised import repayment as promised_repayment
from abonent.domains.billing.transfers import actions as transfers
from abonent.foundation import clock, rounds


@app.periodic(cron="7 * * * *")
@app.task(name="charge_fees", queue="billing", queueing_lock="charge_fees", lock="charge_fees")
def charge_fees(timestamp: int) -> None:
    """Charge what is due of periods that started since, and for things; then see who has to be barred."""
    at = clock.now()
    parts: tuple[Callable[[], object], ...] = (
        lambda: actions.charge_fees(until=at),
        lambda: equipment.charge_due(at=at),
        # Also what a day changed by which a month is paid day by day, and what an event was lost of.
        lambda: bars.follow_all(at=at),
    )
    rounds.each(parts, lambda part: part())


@app.periodic(cron="*/5 * * * *")
@app.task(name="rerate_late", queue="billing", queueing_lock="rerate_late", lock="rerate_late")
def rerate_late(timestamp: int) -> None:
    """Finish the rating of late records where an import was cut off before it could."""
    actions.rerate_late()


@app.periodic(cron="*/10 * * * *")
@app.task(name="close_promised", queue="billing", queueing_lock="close_promised", lock="close_promised")
def close_promised(timestamp: int) -> None:
    """Take back promised payments whose deadline came, and remind of those that are due soon."""
    now = clock.now()
    rounds.each((promised_repayment.take_back_due, promised_repayment.warn_due), lambda act: act(now=now))


@app.periodic(cron="*/10 * * * *")
@app.task(name="tell_of_fees", queue="billing", queueing_lock="tell_of_fees", lock="tell_of_fees")
def tell_of_fees(timestamp: int) -> None:
    """Tell by SMS which fees wait for money, and which were charged in the end."""
    fees_messages.tell(at=clock.now())


@app.periodic(cron="23 * * * *")
@app.task(name="issue_bills", queue="billing", queueing_lock="issue_bills", lock="issue_bills")
def issue_bills(timestamp: int) -> None:
    """Issue the bills of months that closed, at hours at which people may be told of them."""
    if may_tell(clock.now(), ZoneInfo(settings.TIME_ZONE)):
        bills.issue_due(at=clock.now())


@app.task(name="register_receipt", queue="billing")
def register_receipt(receipt_id: str) -> None:
    """Hand a receipt to the fiscal register; what is on its way is asked for again by `register_receipts`."""
    with suppress(fiscal.NotYet):
        fiscal.register(receipt_id=UUID(receipt_id), at=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="register_receipts", queue="billing", queueing_lock="register_receipts", lock="register_receipts")
def register_receipts(timestamp: int) -> None:
    """Ask the fiscal register again for receipts that are not registered yet, each by itself."""
    if settings.FISCAL_REGISTER:
        for receipt_id in fiscal.waiting(clock.now()):
            register_receipt.defer(receipt_id=str(receipt_id))


@app.periodic(cron="3-59/10 * * * *")
@app.task(name="expire_transfers", queue="billing", queueing_lock="expire_transfers", lock="expire_transfers")
def expire_transfers(timestamp: int) -> None:
    """End transfers and invitations that nobody confirmed or answered in time."""
    now = clock.now()
    ends = (transfers.expire, gifts.expire, family_pays.expire, families.expire, families_handover.expire)
    rounds.each(ends, lambda expire: expire(now=now))


@app.periodic(cron="*/2 * * * *")
@app.task(name="hand_families_over", queue="billing", queueing_lock="hand_families_over", lock="hand_families_over")
def hand_families_over(timestamp: int) -> None:
    """Let those pay for families who agreed to, and whose day has come."""
    families_handover.carry_out(now=clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="cover_family", queue="billing", queueing_lock="cover_family", lock="cover_family")
def cover_family(timestamp: int) -> None:
    """Top up the members of families who have too little, from the balances of who pays for them."""
    family_pays.cover_all(at=clock.now())


@app.periodic(cron="2-59/5 * * * *")
@app.task(name="tell_families", queue="billing", queueing_lock="tell_families", lock="tell_families")
def tell_families(timestamp: int) -> None:
    """Tell members of families who came near their limits in the common package."""
    families_telling.tell_of_limits(at=clock.now())


@app.periodic(cron="*/15 * * * *")
@app.task(name="accrue_cashback", queue="billing", queueing_lock="accrue_cashback", lock="accrue_cashback")
def accrue_cashback(timestamp: int) -> None:
    """Let the cashback of purchases come whose hold is over."""
    cashback.accrue_due(at=clock.now())


@app.task(name=autopay.PAY, queue="billing")
def pay_by_autopay(autopay_id: str) -> None:
    """Pay what one agreement asks for; a second job for it at the same moment finds nothing to do."""
    if autopay_paying.is_offered():
        autopay_paying.pay(autopay_id=UUID(autopay_id), at=clock.now())


@app.task(name="ask_of_autopay", queue="billing")
def ask_of_autopay(attempt_id: str) -> None:
    """Find out what became of a payment whose worker died or whose answer was lost."""
    autopay_paying.ask(attempt_id=UUID(attempt_id), at=clock.now())


@app.periodic(cron="*/3 * * * *")
@app.task(name="run_autopay", queue="billing", queueing_lock="run_autopay", lock="run_autopay")
def run_autopay(timestamp: int) -> None:
    """Look through the agreements for what is due; each is a job of its own, so that no bank holds up the others."""
    now = clock.now()
    for autopay_id in autopay_paying.due(now):
        pay_by_autopay.defer(autopay_id=str(autopay_id))
    for attempt_id in autopay_paying.unanswered(now):
        ask_of_autopay.defer(attempt_id=str(attempt_id))


@app.periodic(cron="1,31 * * * *")
@app.task(name="look_at_limits", queue="billing", queueing_lock="look_at_limits", lock="look_at_limits")
def look_at_limits(timestamp: int) -> None:
    """Lift at the month's end what spending limits hold back, and find what a worker that died did not."""
    limits.look_at_all(at=clock.now())


@app.periodic(cron="17 * * * *")
@app.task(name="spread_prices", queue="billing", queueing_lock="spread_prices", lock="spread_prices")
def spread_prices(timestamp: int) -> None:
    """Give published prices that are to come to lines that were opened since."""
    changes.spread_coming(at=clock.now())


@app.periodic(cron="4-59/10 * * * *")
@app.task(name="tell_of_limits", queue="billing", queueing_lock="tell_of_limits", lock="tell_of_limits")
def tell_of_limits(timestamp: int) -> None:
    """Tell what waited for the morning: of spending limits, and of prices that change."""
    at = clock.now()
    rounds.each((limits_messages.tell, changes_messages.tell), lambda tell: tell(at=at))


@app.periodic(cron="23 7 * * *")
@app.task(name="look_at_idle", queue="billing", queueing_lock="look_at_idle", lock="look_at_idle")
def look_at_idle(timestamp: int) -> None:
    """Warn of numbers that nobody uses, block them, give them away: once a day, in the morning, since it is told."""
    idle.run(at=clock.now())
