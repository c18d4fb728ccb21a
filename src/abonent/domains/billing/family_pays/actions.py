"""Writes of "I pay for this number": asked with a proof, agreed to by the other side, paid when needed, ended."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from abonent.domains.billing import models
from abonent.domains.billing import queries as balances
from abonent.domains.billing.family_pays import queries, rules
from abonent.domains.billing.family_pays.queries import FamilyState, NoSuchPay, Pay, value_of
from abonent.domains.billing.family_pays.rules import Refusal
from abonent.domains.billing.limits import queries as limits_queries
from abonent.domains.billing.transfers import moving as transfers_moving
from abonent.domains.billing.transfers import queries as transfers_queries
from abonent.domains.billing.transfers.actions import terms_at as transfers_terms
from abonent.domains.billing.transfers.proofs import Shown, prove
from abonent.domains.billing.transfers.rules import ASKED_FOR, masked, name_hint
from abonent.domains.billing.transfers.states import State
from abonent.domains.identity.freezing import Frozen, ensure_not_frozen
from abonent.domains.lines import queries_money as lines
from abonent.domains.lines.queries import Line
from abonent.domains.messaging import actions as messaging
from abonent.foundation import rounds
from abonent.foundation.values import Msisdn

POOR_TOLD_EVERY = timedelta(days=3)


class NotWaiting(Exception):
    """The agreement waits for nothing any more: time is over, or it was answered."""


class Refused(Exception):
    """Somebody cannot pay for this number."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


def terms_at(at: datetime) -> rules.Terms:
    """Return the terms of the local day."""
    return rules.terms_on(at.astimezone(ZoneInfo(settings.TIME_ZONE)).date())


def ask(*, form_id: UUID, account_id: int, line: Line, number: Msisdn, cap_minor: int, at: datetime) -> UUID:
    """Write down that the line's contract wants to pay for `number`, up to the cap a month; return its id.

    The same form sent again is the same wish. Whether the number is anybody's is not looked at.
    """
    pay_id = uuid5(form_id, f"family|{account_id}|{line.contract_id}|{number.e164}|{cap_minor}")
    terms, payer = terms_at(at), lines.named(line.id)
    models.FamilyPay.objects.get_or_create(
        id=pay_id,
        defaults={
            "payer_id": line.contract_id,
            "payer_line_id": line.id,
            "payer_number": line.number,
            "payer_name": name_hint(payer.given_name, payer.family_name),
            "asked_by": account_id,
            "number": number.e164,
            "cap_minor": cap_minor,
            "threshold_minor": terms.threshold_minor,
            "portion_minor": terms.portion_minor,
            "asked_at": at,
        },
    )
    return pay_id


def why_not(pay: Pay, *, account_id: int, at: datetime) -> Refusal | None:
    """Return why this cannot be asked of the number as things are now, or None: it can."""
    sender, line = transfers_queries.sender_of(account_id, pay.payer_line_id, at)
    living = models.FamilyPay.objects.filter(payer=pay.payer).filter(
        Q(state=FamilyState.ACTIVE) | Q(state=FamilyState.INVITED, invited_at__gt=at - rules.INVITED_FOR)
    )
    numbers = set(living.values_list("number", flat=True))
    sent = list(models.FamilyPay.objects.filter(asked_by=account_id, invited_at__isnull=False).values_list(
        "invited_at", flat=True))  # fmt: skip
    for holds, refusal in (
        (sender.blocked, Refusal.BLOCKED),
        (not sender.owns, Refusal.NOT_YOURS),
        (not sender.prepaid, Refusal.BY_BILL),
        (pay.number == line.number, Refusal.SELF),
        (pay.number in numbers, Refusal.ALREADY),
        (len(numbers) >= terms_at(at).members_most, Refusal.MEMBERS),
        (
            any(sum(one is not None and one > at - span for one in sent) >= most for most, span in rules.INVITATIONS),
            Refusal.INVITATIONS,
        ),
    ):
        if holds:
            return refusal
    return rules.cap_refused(pay.cap_minor, terms_at(at))


def confirm(*, pay_id: UUID, account_id: int, shown: Shown, at: datetime) -> Pay:
    """Invite the number when what was `shown` proves exactly this wish. The answer is the same for nobody's number.

    Raises what `transfers.proofs.prove` raises, `Refused`, `NotWaiting`, `NoSuchPay` and `identity.freezing.Frozen`.
    """
    wish = queries.asked_by(pay_id, account_id)
    if wish.state == FamilyState.INVITED:
        return wish
    if wish.state != FamilyState.ASKED or at >= wish.asked_at + ASKED_FOR:
        raise NotWaiting
    proven = prove(shown, account_id=account_id, bound=wish.bound, at=at)
    with transaction.atomic():
        ensure_not_frozen(account_id)
        transfers_moving.lock_sender(wish.payer)
        row = models.FamilyPay.objects.select_for_update(no_key=True).get(id=pay_id)
        if row.state != FamilyState.ASKED:
            return value_of(row)
        if refusal := why_not(wish, account_id=account_id, at=at):
            raise Refused(refusal)
        proven.use(at)
        row.state, row.invited_at = FamilyState.INVITED, at
        row.save(update_fields=["state", "invited_at"])
        found = lines.receiver(row.number)
        own = found is not None and found.contract_id == row.payer_id
        messaging.send(
            recipient=row.number,
            template="family invited",
            params={"amount_minor": str(row.cap_minor), "number": masked(row.payer_number)},
            language=found.language if found else settings.LANGUAGE_CODE,
            withheld=found is None or own,
        )
        return value_of(row)


def agree(*, pay_id: UUID, line: Line, at: datetime) -> Pay:
    """Let the payer pay for the line's contract from now on. Raises `NotWaiting`, `Refused` and `NoSuchPay`."""
    try:
        with transaction.atomic():
            row = models.FamilyPay.objects.select_for_update(no_key=True).filter(id=pay_id, number=line.number).first()
            if row is None or row.payer_id == line.contract_id:
                raise NoSuchPay
            if row.state == FamilyState.ACTIVE and row.member_line_id == line.id:
                return value_of(row)
            if row.state != FamilyState.INVITED or not row.invited_at or at >= row.invited_at + rules.INVITED_FOR:
                raise NotWaiting
            member = lines.named(line.id)
            row.state, row.agreed_at = FamilyState.ACTIVE, at
            row.member_id, row.member_line_id = line.contract_id, line.id
            row.member_name = name_hint(member.given_name, member.family_name)
            row.save()
            _tell(row.payer_line_id, "family agreed", row)
    except IntegrityError:
        raise Refused(Refusal.ALREADY) from None
    cover(pay_id=pay_id, at=at)
    return value_of(row)


@transaction.atomic
def end(*, pay_id: UUID, contract_ids: Collection[int], numbers: Collection[str], at: datetime) -> Pay:
    """End it at once, by whichever side sees it: as payer, as member, or by saying no to the invitation.

    Ended already, it stays so. Raises `NoSuchPay`.
    """
    row = models.FamilyPay.objects.select_for_update(no_key=True).filter(id=pay_id).first()
    if row is None or row.state == FamilyState.ASKED:
        raise NoSuchPay
    by_payer = row.payer_id in contract_ids
    invited = row.state == FamilyState.INVITED and row.number in numbers
    if not by_payer and not invited and row.member_id not in contract_ids:
        raise NoSuchPay
    if row.state != FamilyState.ENDED:
        was_active = row.state == FamilyState.ACTIVE
        _end(row, "payer" if by_payer else "member", at)
        other = row.member_line_id if by_payer else row.payer_line_id
        if was_active or not by_payer:
            _tell(other, "family ended", row)
    return value_of(row)


def cover(*, pay_id: UUID, at: datetime) -> UUID | None:
    """Top the member's balance up from the payer's if it needs it and the cap allows; return the transfer, if any.

    While the cabinet that agreed to it is protected nothing goes over.
    """
    pay = models.FamilyPay.objects.filter(id=pay_id, state=FamilyState.ACTIVE).first()
    if pay is None:
        return None
    with suppress(Frozen), transaction.atomic():
        # Whose doing the agreement is may be in question: it waits until that is cleared up.
        ensure_not_frozen(pay.asked_by)
        # The payer first, as every transfer does; then the agreement, so that it is not ended meanwhile.
        transfers_moving.lock_sender(pay.payer_id)
        row = models.FamilyPay.objects.select_for_update(no_key=True).filter(id=pay_id).first()
        if row is None or row.state != FamilyState.ACTIVE or row.member_id is None or row.member_line_id is None:
            return None
        if not lines.is_served(row.member_line_id, row.member_id) or not _still_pays(row):
            _end(row, "network", at)
            for side in (row.member_line_id, row.payer_line_id):
                _tell(side, "family ended", row)
            return None
        amount_minor = rules.cover_minor(
            balance_minor=balances.balance(row.member_id),
            threshold_minor=row.threshold_minor,
            portion_minor=row.portion_minor,
            cap_minor=row.cap_minor,
            spent_minor=queries.spent_minor(row.id, at),
        )
        return _pay(row, amount_minor, at) if amount_minor else None
    return None


def cover_all(*, at: datetime, payers: Collection[int] | None = None) -> int:
    """Cover every member who needs it, of all payers or only of these contracts; return how many were topped up.

    Each is a transaction of its own: a worker that is killed goes on with the rest the next time.
    """
    active = models.FamilyPay.objects.filter(state=FamilyState.ACTIVE)
    if payers is not None:
        active = active.filter(payer__in=payers)
    paid: list[UUID | None] = []
    rounds.each(
        active.order_by("id").values_list("id", flat=True), lambda pay_id: paid.append(cover(pay_id=pay_id, at=at))
    )
    return sum(one is not None for one in paid)


def expire(*, now: datetime) -> int:
    """End invitations that nobody answered, forget wishes that nobody confirmed; return how many ended."""
    waiting = models.FamilyPay.objects.filter(state=FamilyState.INVITED, invited_at__lte=now - rules.INVITED_FOR)
    models.FamilyPay.objects.filter(state=FamilyState.ASKED, asked_at__lte=now - timedelta(days=1)).delete()
    return waiting.update(state=FamilyState.ENDED, ended_by="time", ended_at=now)


def _pay(row: models.FamilyPay, amount_minor: int, at: datetime) -> UUID | None:
    """Move the sum, or tell the payer, now and then, that there is not enough, or no room in the limit."""
    left_minor = limits_queries.left_minor(row.payer_line_id, at)
    if left_minor is not None and amount_minor > left_minor:
        _tell_payer(row, "family limit", at, other=masked(row.number), number=row.payer_number)
        return None
    number = models.Transfer.objects.filter(family_id=row.id).count()
    sent = models.Transfer(
        id=uuid5(row.id, f"cover {number}"),
        contract_from_id=row.payer_id,
        contract_to_id=row.member_id,
        line_from_id=row.payer_line_id,
        line_to_id=row.member_line_id,
        number_from=row.payer_number,
        number_to=row.number,
        name_from=row.payer_name,
        name_to=row.member_name,
        amount_minor=amount_minor,
        fee_minor=0,
        state=State.DONE,
        asked_at=at,
        looked_up_at=at,
        expires_at=at,
        settled_at=at,
        family_id=row.id,
    )
    kept_minor = queries.kept_minor(row.payer_id, transfers_terms(at).kept_minor)
    kept_minor += transfers_queries.promised_minor(row.payer_id)
    if transfers_moving.move(sent, kept_minor=kept_minor, at=at):
        _tell_payer(row, "family poor", at, amount_minor=str(amount_minor), number=masked(row.number))
        return None
    sent.save(force_insert=True)
    transfers_moving.tell(transfers_queries.value_of(sent))
    return sent.id


def _tell_payer(row: models.FamilyPay, template: str, at: datetime, **params: str) -> None:
    recipient = lines.named(row.payer_line_id)
    if recipient.number.startswith("+"):
        messaging.send_rarely(
            every=POOR_TOLD_EVERY, recipient=recipient.number, template=template, params=params,
            language=recipient.language, at=at,
        )  # fmt: skip


def _still_pays(row: models.FamilyPay) -> bool:
    return lines.is_served(row.payer_line_id, row.payer_id)


def _end(row: models.FamilyPay, by: str, at: datetime) -> None:
    row.state, row.ended_by, row.ended_at = FamilyState.ENDED, by, at
    row.save(update_fields=["state", "ended_by", "ended_at"])


def _tell(line_id: int | None, template: str, row: models.FamilyPay) -> None:
    other = row.payer_number if line_id == row.member_line_id else row.number
    transfers_moving.send(line_id, template, amount_minor=row.cap_minor, number=other)
