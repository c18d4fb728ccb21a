"""A gift goes over: from the giver's buckets, into one of the receiver's, its fee; all of it in one transaction."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from abonent.domains.billing import models, posting
from abonent.domains.billing.gifts import rules
from abonent.domains.billing.gifts.queries import Gift
from abonent.domains.billing.gifts.rules import Giver, Refusal, Refused
from abonent.domains.billing.limits import actions as limits
from abonent.domains.billing.packages import rules as packages_rules
from abonent.domains.billing.packages.rules import Source
from abonent.domains.billing.products_rules import missing_minor
from abonent.domains.billing.rating import batch as rating_batch
from abonent.domains.billing.rules import period_of
from abonent.domains.billing.transfers import rules as transfers_rules
from abonent.domains.ledger import actions as ledger
from abonent.domains.ledger import queries_bulk as locked
from abonent.domains.lines import queries as lines
from abonent.domains.lines import queries_money
from abonent.domains.lines.queries import Line
from abonent.domains.messaging import actions as messaging


def give(row: models.Gift, giver: Giver, terms: rules.Terms, at: datetime) -> Refused | None:
    """Take it from the giver and let the receiver have it; without money for the fee return so, with nothing changed.

    The caller holds the turn of rating. What was used stays used: only what is left goes over.
    """
    zone = ZoneInfo(settings.TIME_ZONE)
    line, receiver = lines.served_by_id(row.line_from_id), lines.served_by_id(row.line_to_id or 0)
    if line is None or receiver is None:
        raise ValueError("nobody gives it, or nobody gets it")
    # Both accounts at once, in the ledger's order: rating anew may touch either.
    found = posting.accounts([line.contract_id, receiver.contract_id])
    accounts = {contract: (account, in_ledger) for contract, account, in_ledger in found.iter_rows()}
    there = locked.locked_available([in_ledger for _, in_ledger in accounts.values()])
    account_id, in_ledger = accounts[line.contract_id]
    if missing := missing_minor(row.fee_minor, there[in_ledger], prepaid=line.prepaid):
        return Refused(Refusal.SHORT, minor=missing)
    if row.fee_minor:
        _charge(row, line, account_id, in_ledger, at)
    period = period_of(line.period_day, at, zone)
    models.GiftPart.objects.bulk_create(
        models.GiftPart(
            gift=row,
            bucket_id=part.bucket_id,
            line_id=line.id,
            bucket=row.bucket,
            period_start=period.start if part.source is Source.TARIFF else None,
            amount=part.amount,
        )
        for part in rules.parts(giver.left, row.bucket, row.amount, terms)
    )
    row.valid_until = rules.ends_at(at, terms, zone)
    models.PackageBucket.objects.create(
        id=row.id,
        line_id=receiver.id,
        bucket=row.bucket,
        amount=row.amount,
        valid_from=at,
        valid_until=row.valid_until,
        source=packages_rules.Source.GIFT.value,
        created_at=at,
    )
    for one in (line, receiver):
        rating_batch.rate_line_anew(line_id=one.id, period_day=one.period_day, at=at)
    return None


def tell(gift: Gift) -> None:
    """Tell both sides, each where messages about its line go."""
    until = gift.valid_until.isoformat() if gift.valid_until else ""
    for line_id, template, number in (
        (gift.line_to_id or 0, "gift came", gift.number_from),
        (gift.line_from_id, "gift went", gift.number_to),
    ):
        recipient = lines.contact_of(line_id).number
        if recipient:
            told = {
                "bucket": gift.bucket, "amount": str(gift.amount), "number": transfers_rules.masked(number),
                "until": until, "fee_minor": str(gift.fee_minor),
            }  # fmt: skip
            messaging.send(
                recipient=recipient, template=template, params=told, language=queries_money.named(line_id).language
            )


def _charge(row: models.Gift, line: Line, account_id: int, in_ledger: int, at: datetime) -> None:
    """Take the fee, and write down why."""
    charge_id = rules.fee_id(row.id)
    models.Charge.objects.create(
        id=charge_id,
        account_id=account_id,
        line_id=line.id,
        booked_at=at,
        amount_minor=row.fee_minor,
        price_minor=row.fee_minor,
        quantity=1,
        included=0,
        billed_units=1,
        unit_size=1,
        tariff_version_id=line.tariff_version_id,
        category=transfers_rules.CATEGORY,
        rule=rules.FEE_RULE,
        peer=transfers_rules.masked(row.number_to),
    )
    revenue = posting.revenue_accounts()[transfers_rules.CATEGORY]
    ledger.post_many([ledger.Posting(charge_id, in_ledger, revenue, row.fee_minor, at, "gift fee")])
    limits.note_charges([line.id])
