"""A number is brought to us: written down, proved by a code to it, its price held; called off in time.

Locks are taken in one order: the turn of the contract, the request's row.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, transaction

from abonent.domains.billing import products as money
from abonent.domains.customers.rules import BadIdentity, document_of
from abonent.domains.help import queries as help_queries
from abonent.domains.identity import actions as identity
from abonent.domains.identity.freezing import ensure_not_frozen
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.rules import Channel, Purpose
from abonent.domains.lines import esims, queries_money
from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line
from abonent.domains.orders.sims import queries as sims_queries
from abonent.domains.orders.sims.rules import Why as LineWhy
from abonent.domains.porting import gateway, models, notices, queries, rules
from abonent.domains.porting.queries import NoSuchPort, Rules
from abonent.domains.porting.rules import Form, Owner, Terms, Why
from abonent.domains.porting.states import IN_OPEN, PORT_IN, Event, State, after, can
from abonent.foundation import vault
from abonent.foundation.values import Msisdn

PURPOSE = "porting"
DRAFT_LIFE = timedelta(days=1)
# How long it is remembered who the owner is when the number did not come, for whoever asks anew.
OWNER_LIFE = timedelta(days=30)
_ANEW = (State.REFUSED, State.FAILED)


class Refused(Exception):
    """Nothing was asked for; `missing_minor` of money, `left_minor` of the spending limit."""

    def __init__(self, why: Why, *, missing_minor: int = 0, left_minor: int = 0) -> None:
        super().__init__(why)
        self.why, self.missing_minor, self.left_minor = why, missing_minor, left_minor


class TooLate(Exception):
    """The number comes so soon that nobody can call it off, or it has come."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants, as their form showed it: the number for `price_minor` under the terms of `rules_id`.

    `line` is the one whose contract pays, and `account_id` the cabinet; a newcomer has neither.
    """

    number: Msisdn
    tariff_code: str
    form: Form
    shop: str
    owner: Owner
    day: date
    rules_id: int
    price_minor: int
    language: str
    account_id: int | None = None
    line: Line | None = None


@dataclass(frozen=True, slots=True)
class Proved:
    """Which request a code was for."""

    ref: UUID


@transaction.atomic
def publish_rules(*, valid_from: date, terms: Terms) -> int:
    """Store the terms that hold from a local day on and return their id; the same again changes nothing.

    Raises `InvalidTerms`, and `ValueError` when that day already has other terms.
    """
    rules.check(terms)
    return queries.TERMS.publish(valid_from=valid_from, terms=terms)


@transaction.atomic
def draft(*, wish: Wish, at: datetime) -> UUID:
    """Write down what is wanted until its owner has proved to hold the number; return its lasting name.

    Raises `Refused` and `identity.freezing.Frozen`.
    """
    if wish.account_id is not None:
        ensure_not_frozen(wish.account_id)
    found, tariff_version_id = _allowed(wish, at)
    row = models.PortIn.objects.create(
        # Made here, never taken from a form: whoever knows it sees how the request stands.
        ref=uuid4(),
        account_id=wish.account_id,
        contract_id=wish.line.contract_id if wish.line else None,
        number=wish.number.e164,
        tariff_version_id=tariff_version_id,
        form=wish.form,
        shop=wish.shop if wish.form is Form.SHOP else "",
        owner=seal(wish.owner),
        day=wish.day,
        rules_id=found.id,
        price_minor=found.terms.price_minor,
        language=wish.language,
        state=State.DRAFT,
        asked_at=at,
    )
    return row.ref


def send_code(
    *, ref: UUID, again: UUID | None, origin: Origin, host: str, language: str, at: datetime, solved: bool = False
) -> UUID:
    """Send a code to the number that is brought; return the challenge of the browser that asked.

    Raises `NoSuchPort` and what `identity.actions.send_code` raises.
    """
    row = models.PortIn.objects.filter(ref=ref).first()
    if row is None:
        raise NoSuchPort
    return identity.send_code(
        purpose=Purpose.PORTING, number=row.number, subject=row.pk, again=again, origin=origin, host=host,
        language=language, at=at, solved=solved, channel=Channel.SMS,
    )  # fmt: skip


def prove(*, challenge_id: UUID, typed: str, at: datetime) -> Proved:
    """Use the code up: whoever typed it holds the number. What was only written down is asked for now, its price held.

    Raises what `identity.actions.check_code` raises, and `Refused`, which leaves the code good.
    """
    right = identity.check_code(challenge_id=challenge_id, purpose=Purpose.PORTING, typed=typed, at=at)
    with transaction.atomic():
        known = models.PortIn.objects.filter(pk=right.subject).values_list("contract_id", flat=True)
        if not known:
            raise NoSuchPort
        if known[0] is not None:
            money.take_turn(known[0])
        row = models.PortIn.objects.select_for_update(no_key=True).get(pk=right.subject)
        if row.state == State.DRAFT:
            _request(row, at)
        identity.use_code(right, at=at)
    return Proved(row.ref)


@transaction.atomic
def call_off(*, ref: UUID, at: datetime) -> None:
    """Have the central database leave the number where it is; once asked, the same again changes nothing.

    What is held is released when the central database has heard it. Raises `NoSuchPort`, `TooLate`.
    """
    row = models.PortIn.objects.select_for_update(no_key=True).select_related("rules").filter(ref=ref).first()
    if row is None or row.state == State.DRAFT:
        raise NoSuchPort
    if row.state in (State.CANCELLING, State.CANCELLED):
        return
    stops_at = Terms.from_json(row.rules.terms).stops_at(row.window_from) if row.window_from else None
    if not can(PORT_IN, State(row.state), Event.CALLED_OFF) or (stops_at is not None and at >= stops_at):
        raise TooLate
    step(row, Event.CALLED_OFF, at)
    row.next_try_at, row.tries = at, 0
    row.save(update_fields=["next_try_at", "tries"])


@transaction.atomic
def correct(*, port_id: int, owner: Owner, by: str, at: datetime) -> UUID:
    """Ask anew for a number that was refused, with its owner's data put right by staff; return the new request.

    Raises `NoSuchPort`, and `Refused`: the data cannot be right, the number is asked for again already, no money.
    """
    row = models.PortIn.objects.select_for_update(no_key=True).filter(pk=port_id, state=State.REFUSED).first()
    if row is None:
        raise NoSuchPort
    found = queries.in_force(queries.local_day(at))
    if found is None or not gateway.is_there():
        raise Refused(Why.NOT_OFFERED)
    check_owner(owner)
    today = queries.local_day(at)
    day = row.day if found.terms.fits(row.day, today) else found.terms.first_day(today)
    row.seen_by = by
    row.save(update_fields=["seen_by"])
    again = models.PortIn(
        ref=uuid4(), account_id=row.account_id, contract_id=row.contract_id, number=row.number,
        tariff_version_id=row.tariff_version_id, form=row.form, shop=row.shop, owner=seal(owner), day=day,
        rules_id=found.id, price_minor=found.terms.price_minor, language=row.language, state=State.DRAFT, asked_at=at,
        seen_by=by,
    )  # fmt: skip
    again.save()
    _request(again, at)
    return again.ref


@transaction.atomic
def note_seen(*, port_id: int, by: str) -> None:
    """One of staff looked at a refusal: it waits for nobody; raise `NoSuchPort`."""
    if not models.PortIn.objects.filter(pk=port_id, state__in=(State.REFUSED, State.FAILED)).update(seen_by=by):
        raise NoSuchPort


def owner_kept(*, ref: UUID, number: str, account_id: int | None) -> Owner | None:
    """Return who the owner is by a request that did not bring the number, for the same to ask anew; None: not kept."""
    rows = models.PortIn.objects.filter(ref=ref, number=number, account_id=account_id, state__in=_ANEW)
    kept = rows.values_list("owner", flat=True).first()
    return unseal(kept) if kept else None


def forget(*, at: datetime) -> None:
    """Delete what nobody proved to mean, and who the owner is when nobody asked anew for long."""
    models.PortIn.objects.filter(state=State.DRAFT, asked_at__lt=at - DRAFT_LIFE).delete()
    models.PortIn.objects.filter(state__in=_ANEW, ended_at__lt=at - OWNER_LIFE).exclude(owner="").update(owner="")


def seal(owner: Owner) -> str:
    """Return who the owner is as it is kept."""
    return vault.seal(json.dumps({**asdict(owner), "birth_date": owner.birth_date.isoformat()}), purpose=PURPOSE)


def unseal(kept: str) -> Owner:
    """Return who the owner is."""
    said = json.loads(vault.unseal(kept, purpose=PURPOSE))
    return Owner(**{**said, "birth_date": date.fromisoformat(said["birth_date"])})


def check_owner(owner: Owner) -> None:
    """Raise `Refused` for data that no operator can have."""
    try:
        right = bool(owner.family_name.strip() and owner.given_name.strip() and document_of(owner.document))
    except BadIdentity:
        right = False
    if not right:
        raise Refused(Why.BAD_OWNER)


def step(row: models.PortIn, event: Event, at: datetime, reason: str = "") -> None:
    """Bring the request, which is locked, one step on and write that down."""
    row.state, row.reason = after(PORT_IN, State(row.state), event), reason
    if row.state not in IN_OPEN:
        row.ended_at, row.next_try_at = at, None
        if row.state not in _ANEW:
            # Who it is stands with the party by now; of who is no customer nobody needs to know it.
            row.owner = ""
    row.save(update_fields=["state", "reason", "ended_at", "next_try_at", "owner"])
    models.Step.objects.create(port_in=row, state=row.state, at=at)


def _allowed(wish: Wish, at: datetime) -> tuple[Rules, int]:
    """Return the terms and the version of the tariff; raise `Refused`."""
    today = queries.local_day(at)
    found = queries.in_force(today)
    if found is None or not gateway.is_there():
        raise Refused(Why.NOT_OFFERED)
    if (found.id, found.terms.price_minor) != (wish.rules_id, wish.price_minor):
        raise Refused(Why.CHANGED)
    if lines.served_by_number(wish.number.e164) is not None:
        raise Refused(Why.OURS)
    if not wish.number.is_in(settings.ALLOWED_RANGES):
        # No code could reach it.
        raise Refused(Why.UNREACHABLE)
    version = next((one.version for one in queries.tariffs(today) if one.version.tariff_code == wish.tariff_code), None)
    if version is None or version.id is None:
        raise Refused(Why.NO_TARIFF)
    if wish.form is Form.ESIM and not esims.is_there():
        raise Refused(Why.NO_ESIM)
    if wish.form is Form.SHOP and all(one.code != wish.shop for one in help_queries.shops()):
        raise Refused(Why.NO_SHOP)
    if not found.terms.fits(wish.day, today):
        raise Refused(Why.BAD_DAY)
    check_owner(wish.owner)
    if models.PortIn.objects.filter(number=wish.number.e164, state__in=IN_OPEN).exists():
        raise Refused(Why.ON_THE_WAY)
    return found, version.id


def _request(row: models.PortIn, at: datetime) -> None:
    """Hold the price and have the central database asked; raise `Refused`."""
    if lines.served_by_number(row.number) is not None:
        raise Refused(Why.OURS)
    if row.contract_id is not None:
        _hold(row, at)
    try:
        with transaction.atomic():
            step(row, Event.PROVED, at)
    except IntegrityError:
        raise Refused(Why.ON_THE_WAY) from None
    row.next_try_at, row.asked_at = at, at
    row.save(update_fields=["next_try_at", "asked_at", "held"])
    # It stands here from now on.
    models.PortIn.objects.filter(number=row.number, state__in=_ANEW).exclude(owner="").update(owner="")
    notices.brought(row)


def _hold(row: models.PortIn, at: datetime) -> None:
    served = queries_money.served_on(row.contract_id or 0)
    line = lines.served_by_id(min(served)) if served else None
    if line is None:
        raise Refused(Why.NOT_OFFERED)
    in_the_way = sims_queries.money_in_the_way(line, row.price_minor, money.available(line.contract_id), at, at)
    if in_the_way is not None:
        why = Why.LIMIT if in_the_way.why is LineWhy.LIMIT else Why.SHORT
        raise Refused(why, missing_minor=in_the_way.missing_minor, left_minor=in_the_way.left_minor)
    try:
        money.hold(
            order_id=row.ref, line=line, price=sims_queries.price(row.price_minor, at), at=at, category=money.FOR_LINE
        )
    except money.Short as short:
        raise Refused(Why.SHORT, missing_minor=short.missing_minor) from None
    row.held = row.price_minor > 0


def forget_person(*, account_id: int) -> None:
    """The account was deleted: its requests are nobody's."""
    models.PortIn.objects.filter(account_id=account_id, state__in=_ANEW).update(owner="")
    models.PortIn.objects.filter(account_id=account_id).update(account_id=None)
