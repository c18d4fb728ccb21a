"""Writes of transfers between subscribers: asked for, looked up, confirmed by a proof, done once, asked back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from abonent.domains.billing import models
from abonent.domains.billing.transfers import moving as transfers_moving
from abonent.domains.billing.transfers import queries, rules
from abonent.domains.billing.transfers.proofs import Shown, prove
from abonent.domains.billing.transfers.queries import NoSuchTransfer, Transfer, value_of
from abonent.domains.billing.transfers.states import FINAL, Event, State, after
from abonent.domains.identity.freezing import ensure_not_frozen
from abonent.domains.lines import queries_money as lines
from abonent.domains.lines.queries import Line
from abonent.foundation.values import Msisdn


class TooManyNumbers(Exception):
    """The person had too many different numbers looked up; another one may be looked up from `until` on."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


class NotWaiting(Exception):
    """The transfer waits for no proof any more: nobody confirmed it in time, or it was refused."""


class NotNow(Exception):
    """What was asked cannot be asked of this transfer, or not any more."""


def terms_at(at: datetime) -> rules.Terms:
    """Return the terms of the local day."""
    return rules.terms_on(at.astimezone(ZoneInfo(settings.TIME_ZONE)).date())


def ask(*, form_id: UUID, account_id: int, line: Line, number: Msisdn, amount_minor: int, at: datetime) -> UUID:
    """Write down that the person wants to send the sum from the line's contract to `number`; return the transfer's id.

    The same form sent again is the same transfer. Nothing is looked up: that asks for a fresh proof.
    """
    transfer_id = rules.transfer_id(
        form_id, account_id=account_id, contract_id=line.contract_id, number=number.e164, amount_minor=amount_minor
    )
    sender = lines.named(line.id)
    models.Transfer.objects.get_or_create(
        id=transfer_id,
        defaults={
            "contract_from_id": line.contract_id,
            "line_from_id": line.id,
            "number_from": line.number,
            "number_to": number.e164,
            "name_from": rules.name_hint(sender.given_name, sender.family_name),
            "asked_by": account_id,
            "amount_minor": amount_minor,
            "fee_minor": terms_at(at).fee_minor(amount_minor),
            "asked_at": at,
            "expires_at": at + rules.ASKED_FOR,
        },
    )
    return transfer_id


@transaction.atomic
def look_up(*, transfer_id: UUID, account_id: int, at: datetime) -> Transfer:
    """Find out once who gets the money, as far as the sender may know; raise `TooManyNumbers`, `NoSuchTransfer`.

    Whether the number is unknown, blocked or another operator's, the work and the answer are the same.
    """
    with connection.cursor() as cursor:
        # Tabs of one person look up one after the other.
        cursor.execute("select pg_advisory_xact_lock(hashtext('look up'), %s)", [account_id % 2**31])
    row = _locked(transfer_id)
    if row is None or row.asked_by != account_id:
        raise NoSuchTransfer
    if row.looked_up_at is None and row.state == State.ASKED:
        spend_look_up(account_id=account_id, number=row.number_to, at=at)
        found = lines.receiver(row.number_to)
        row.looked_up_at = at
        if found is not None and found.contract_id != row.contract_from_id:
            row.line_to_id, row.contract_to_id = found.line_id, found.contract_id
            row.name_to = rules.name_hint(found.given_name, found.family_name)
        row.save(update_fields=["looked_up_at", "line_to_id", "contract_to", "name_to"])
    return value_of(row)


def spend_look_up(*, account_id: int, number: str, at: datetime) -> None:
    """Use up one look-up of another number, unless the person looked this one up lately; raise `TooManyNumbers`."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select number_to, min(looked_up_at)
                 from (select number_to, looked_up_at from billing_transfer
                        where asked_by = %(account)s and looked_up_at > %(since)s and returns_id is null
                        union all
                       select number_to, looked_up_at from billing_gift
                        where asked_by = %(account)s and looked_up_at > %(since)s) as looked_up
                group by number_to""",
            {"account": account_id, "since": at - max(span for _, span in rules.LOOK_UPS)},
        )
        seen: dict[str, datetime] = dict(cursor.fetchall())
    if number not in seen and (until := rules.look_up_allowed_from(list(seen.values()), at)) > at:
        raise TooManyNumbers(until)


def why_not(transfer: Transfer, *, account_id: int, at: datetime) -> tuple[rules.Sender, rules.Refused | None]:
    """Return how the sender stands, and why the transfer cannot be made as things are now, or None: it can."""
    sender, _ = queries.sender_of(account_id, transfer.line_from_id, at)
    reason = rules.refused(
        sender=sender,
        receiver_contract_id=_receiver(transfer),
        amount_minor=transfer.amount_minor,
        fee_minor=transfer.fee_minor,
        terms=terms_at(at),
        at=at,
        is_return=transfer.returns_id is not None,
    )
    return sender, reason


def confirm(*, transfer_id: UUID, account_id: int, shown: Shown, at: datetime) -> Transfer:
    """Move the money, once, when what was `shown` proves exactly this transfer; return how it stands then.

    A transfer that is done answers the same again. One that cannot be made any more is refused, and says why. Raises
    what `transfers.proofs.prove` raises, `NotWaiting`, `NoSuchTransfer` and `identity.freezing.Frozen`.
    """
    wish = queries.asked_by(transfer_id, account_id)
    if wish.state is State.DONE:
        return wish
    if not _waits(wish, at):
        raise NotWaiting
    proven = prove(shown, account_id=account_id, bound=wish.bound, at=at)
    with transaction.atomic():
        ensure_not_frozen(account_id)
        transfers_moving.lock_sender(wish.contract_from)
        row = _locked(transfer_id)
        if row is None or (State(row.state) in FINAL and row.state != State.DONE):
            raise NotWaiting
        if row.state == State.DONE:
            # The same proof came twice at once, and the other was faster.
            return value_of(row)
        if row.returns_id and queries.given_back(row.returns_id):
            raise NotWaiting
        proven.use(at)
        row.state, row.proven_by, row.settled_at = after(State.ASKED, Event.PROVEN), proven.by, at
        sender, reason = why_not(value_of(row), account_id=account_id, at=at)
        if reason is None:
            kept_minor = sender.promised_minor + (0 if row.returns_id else terms_at(at).kept_minor)
            reason = transfers_moving.move(row, kept_minor=kept_minor, at=at)
        row.reason = reason.refusal if reason else ""
        row.state = after(State(row.state), Event.DENIED if reason else Event.MOVED)
        row.save(update_fields=["state", "reason", "proven_by", "settled_at"])
        if reason is None:
            transfers_moving.tell(value_of(row))
        return value_of(row)


@transaction.atomic
def ask_back(*, transfer_id: UUID, contract_ids: list[int], at: datetime) -> None:
    """Ask the receiver to give back what was sent by mistake; only they can. Raises `NotNow`, `NoSuchTransfer`."""
    row = _locked(transfer_id)
    if row is None or row.contract_from_id not in contract_ids:
        raise NoSuchTransfer
    if row.asked_back_at is not None:
        return
    if not may_ask_back(value_of(row), at):
        raise NotNow
    row.asked_back_at = at
    row.save(update_fields=["asked_back_at"])
    transfers_moving.send(row.line_to_id, "transfer asked back", amount_minor=row.amount_minor, number=row.number_from)


def may_ask_back(transfer: Transfer, at: datetime) -> bool:
    """Return whether the sender may still ask for the money back."""
    plain = transfer.state is State.DONE and transfer.returns_id is None and transfer.family_id is None
    return plain and transfer.settled_at is not None and at < transfer.settled_at + terms_at(at).asked_back_for


@transaction.atomic
def keep(*, transfer_id: UUID, contract_ids: list[int], at: datetime) -> None:
    """Say no to giving it back; the sender hears of it. Raises `NotNow`, `NoSuchTransfer`."""
    row = _locked(transfer_id)
    if row is None or row.contract_to_id not in contract_ids or row.state != State.DONE:
        raise NoSuchTransfer
    if row.asked_back_at is None or queries.given_back(row.id):
        raise NotNow
    if row.kept_at is None:
        row.kept_at = at
        row.save(update_fields=["kept_at"])
        transfers_moving.send(row.line_from_id, "transfer kept", amount_minor=row.amount_minor, number=row.number_to)


@transaction.atomic
def give_back(*, transfer_id: UUID, account_id: int, line: Line, at: datetime) -> UUID:
    """Write down that the receiver, with `line`, wants to give all of it back, free of charge; return that transfer.

    It is confirmed as any other. Raises `NotNow`, `NoSuchTransfer`.
    """
    given = _locked(transfer_id)
    if given is None or given.contract_to_id != line.contract_id or given.state != State.DONE:
        raise NoSuchTransfer
    if given.asked_back_at is None or queries.given_back(given.id):
        raise NotNow
    # A wish that ran out or was refused makes room for the same wish once more.
    back_id = rules.transfer_id(
        given.id, account_id=account_id, contract_id=line.contract_id, number=given.number_from,
        amount_minor=given.amount_minor, returns=given.id,
    )  # fmt: skip
    old = models.Transfer.objects.filter(id=back_id).exclude(state=State.DONE)
    old.filter(expires_at__lte=at).delete()
    old.filter(state=State.REFUSED).delete()
    models.Transfer.objects.get_or_create(
        id=back_id,
        defaults={
            "contract_from_id": line.contract_id,
            "contract_to_id": given.contract_from_id,
            "line_from_id": line.id,
            "line_to_id": given.line_from_id,
            "number_from": line.number,
            "number_to": given.number_from,
            "name_from": given.name_to,
            "name_to": given.name_from,
            "asked_by": account_id,
            "amount_minor": given.amount_minor,
            "fee_minor": 0,
            "asked_at": at,
            "looked_up_at": at,
            "expires_at": at + rules.ASKED_FOR,
            "returns_id": given.id,
        },
    )
    return back_id


def expire(*, now: datetime) -> int:
    """End wishes that nobody confirmed in time, and forget those that moved nothing long ago; return how many ended."""
    waiting = models.Transfer.objects.filter(state=State.ASKED, expires_at__lte=now)
    ended = waiting.update(state=after(State.ASKED, Event.TIME_OVER))
    idle = models.Transfer.objects.filter(
        state__in=[State.EXPIRED, State.REFUSED], asked_at__lt=now - rules.LOOK_UPS_KEPT
    )
    idle.delete()
    return ended


def _receiver(transfer: Transfer) -> int | None:
    """Return the contract that gets the money, unless the number is somebody else's or nobody's by now."""
    if transfer.returns_id is not None:
        return transfer.contract_to
    found = lines.receiver(transfer.number_to)
    if found is not None and found.contract_id == transfer.contract_from:
        return found.contract_id
    return transfer.contract_to if found is not None and found.line_id == transfer.line_to_id else None


def _waits(transfer: Transfer, at: datetime) -> bool:
    return transfer.state is State.ASKED and transfer.looked_up and at < transfer.expires_at


def _locked(transfer_id: UUID) -> models.Transfer | None:
    return models.Transfer.objects.select_for_update(no_key=True).filter(id=transfer_id).first()
