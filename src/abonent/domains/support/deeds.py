"""What is done for a customer in a case: once by its key, after the check, by two where it takes two, and written down.

One rhythm for all: the case is locked, the rules decide, the effect happens, the owner's journal and the trail say so;
all of it or nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from abonent.domains.billing.families import actions as families
from abonent.domains.billing.families.rules import EndedBy
from abonent.domains.identity import actions as identity
from abonent.domains.identity import freezing, journal, temporary
from abonent.domains.identity import queries as accounts
from abonent.domains.identity.factors import actions as factors
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.rules import Channel, EventKind, TooMany
from abonent.domains.lines import actions as lines
from abonent.domains.lines import queries as served
from abonent.domains.lines.bars import actions as bars
from abonent.domains.lines.network import actions as network
from abonent.domains.lines.network.rules import Noted
from abonent.domains.support import actions, jobs, models, queries, rules
from abonent.domains.support.corrections import actions as corrections
from abonent.domains.support.corrections.actions import Wanted
from abonent.domains.support.queries import Agent, Case, Customer
from abonent.domains.support.rules import Deed, Refusal, Refused
from abonent.foundation import audit

# What follows from others, or only prepares them, needs no message of its own.
QUIET = frozenset({Deed.APPLICATION, Deed.FORM_RECEIVED, Deed.PROTECT, Deed.UNPROTECT, Deed.SIM}) | rules.MONEY


@dataclass(frozen=True, slots=True)
class Order:
    """What an agent asks to be done: `key` is the form's, so that a form sent twice does it once.

    `origin` is a network prefix, `host` ours; `imsi` belongs to a new SIM, `event_id` to what was not the customer,
    `wanted` to money.
    """

    agent: Agent
    case_id: int
    deed: Deed
    key: UUID
    origin: str
    host: str
    at: datetime
    imsi: str = ""
    event_id: int | None = None
    wanted: Wanted | None = None


@dataclass(frozen=True, slots=True)
class _Work:
    order: Order
    case: Case
    customer: Customer

    @property
    def accounts(self) -> list[int]:
        return served.accounts_of_line(self.case.line_id)

    @property
    def account_id(self) -> int:
        """Return the account that proved the line, else one that sees it; raise `Refused` when there is none."""
        found = queries.cabinet_of(self.case.line_id)
        if found is None:
            raise Refused(Refusal.NO_CABINET)
        return found

    @property
    def language(self) -> str:
        """Return the language of who reads what is sent: the cabinet's, else the customer's."""
        if self.accounts:
            return accounts.standing(self.account_id).language
        line = served.served_by_number(self.customer.number)
        return line.language if line else "ru"


@transaction.atomic
def do(order: Order) -> None:
    """Do it once; raise `Refused` (nothing changed), `NotThere`."""
    case = actions.own_case(agent=order.agent, case_id=order.case_id, at=order.at)
    if (done := models.Done.objects.filter(key=order.key).first()) is not None:
        if (done.case_id, done.deed) != (case.id, order.deed):
            raise rules.NotThere(order.key)
        return
    second = _second_person(order, case)
    customer = queries.customer(case.line_id)
    if customer is None or customer.closed_at is not None:
        raise Refused(Refusal.CLOSED)
    work = _Work(order, case, customer)
    about = _EFFECTS[order.deed](work)
    models.Done.objects.create(case_id=case.id, deed=order.deed, at=order.at, key=order.key, about=about)
    for account_id in work.accounts:
        journal.note(
            account_id=account_id, kind=EventKind.AGENT_ACTED, at=order.at, by=order.agent.by,
            detail={"deed": order.deed.value, "contact": case.contact.value}, tell=order.deed not in QUIET,
        )  # fmt: skip
    audit.record(
        actor=order.agent.actor, action=order.deed.value, subject=f"case {case.id}",
        on_behalf_of=f"party {case.party_id}", details={"about": about, "second": second}, origin=order.origin,
        at=order.at,
    )  # fmt: skip


def _second_person(order: Order, case: Case) -> int | None:
    """Return who agreed (None: nobody had to); raise `Refused` when it may not be done."""
    standing = rules.Standing(
        closed=not case.is_open(order.at),
        checked_until=case.checked_until,
        done=queries.done_in(case.id),
        held=queries.is_held(case.line_id, order.deed, order.at),
        approved=False,
    )
    refusal = rules.refusal_of(
        order.deed, permissions=order.agent.permissions, contact=case.contact, standing=standing, now=order.at
    )
    if refusal is None:
        return None
    second = (
        actions.use_approval(case=case, deed=order.deed, at=order.at) if refusal is Refusal.NEEDS_APPROVAL else None
    )
    if second is None:
        raise Refused(refusal)
    return second


def _send_by_sms(work: _Work) -> str:
    account_id, number = work.account_id, queries.password_number(work.case.line_id)
    if number is None:
        raise Refused(Refusal.NOT_MOBILE)
    _issue(work, account_id, Channel.SMS, number, number)
    return rules.masked_number(number)


def _send_by_email(work: _Work) -> str:
    email = accounts.standing(work.account_id).email
    if email is None:
        raise Refused(Refusal.NO_ADDRESS)
    _issue(work, work.account_id, Channel.EMAIL, email, served.main_number_of(work.account_id) or email)
    return rules.masked_address(email)


def _issue(work: _Work, account_id: int, channel: Channel, recipient: str, number: str) -> UUID:
    """Have a temporary password made: it goes to the customer, staff never see it."""
    try:
        return temporary.issue(
            account_id=account_id,
            number=number,
            channel=channel,
            recipient=recipient,
            life=rules.ENVELOPE_LIFE if channel is Channel.PAPER else rules.PASSWORD_LIFE,
            origin=Origin(address_prefix="", device=""),
            language=work.language,
            host=work.order.host,
            at=work.order.at,
            by=work.order.agent.by,
        )
    except TooMany as error:
        raise Refused(Refusal.TOO_OFTEN, error.until) from None


def _tell_account(work: _Work) -> str:
    if not work.customer.account_number:
        raise Refused(Refusal.NOTHING_TO_DO)
    return rules.masked(work.customer.account_number)


def _protect(work: _Work) -> str:
    try:
        freezing.freeze(
            account_id=work.account_id, event_id=work.order.event_id, at=work.order.at, by=work.order.agent.by
        )
    except freezing.NoSuchEvent:
        raise Refused(Refusal.NOTHING_TO_DO) from None
    return f"event {work.order.event_id}" if work.order.event_id else ""


def _unprotect(work: _Work) -> str:
    frozen = [account_id for account_id in work.accounts if accounts.standing(account_id).frozen_at]
    if not frozen:
        raise Refused(Refusal.NOTHING_TO_DO)
    for account_id in frozen:
        freezing.thaw(account_id=account_id, at=work.order.at, by=work.order.agent.by)
    return ""


def _block_lost(work: _Work) -> str:
    if not bars.report_lost(line_id=work.case.line_id, by=work.order.agent.by, at=work.order.at):
        raise Refused(Refusal.NOTHING_TO_DO)
    return rules.masked_number(work.customer.number)


def _found_again(work: _Work) -> str:
    if not bars.found_again(line_id=work.case.line_id, by=work.order.agent.by, at=work.order.at):
        raise Refused(Refusal.NOTHING_TO_DO)
    return rules.masked_number(work.customer.number)


def _end_family(work: _Work) -> str:
    """End the family of its owner, or let a member leave it, as they would themselves."""
    if not families.dissolve(line_id=work.case.line_id, by=EndedBy.STAFF, at=work.order.at):
        raise Refused(Refusal.NOTHING_TO_DO)
    return rules.masked_number(work.customer.number)


def _prepare_form(work: _Work) -> str:
    return f"{work.case.id}"


def _note_form(work: _Work) -> str:
    return f"{work.case.id}"


def _replace_sim(work: _Work) -> str:
    if work.customer.service != "mobile":
        raise Refused(Refusal.NOT_MOBILE)
    if not (work.order.imsi.isascii() and work.order.imsi.isdecimal() and len(work.order.imsi) == 15):
        raise Refused(Refusal.NOT_ITS_SIM)
    number = work.customer.number
    noted = network.note_sim_replaced(
        number=number, imsi=work.order.imsi, at=work.order.at, key=f"shop {work.order.key}"
    )
    if noted is not Noted.DONE:
        raise Refused(Refusal.NOTHING_TO_DO)
    identity.prove_number_anew(number=number)
    bars.found_again(line_id=work.case.line_id, by=work.order.agent.by, at=work.order.at)
    return rules.masked(work.order.imsi)


def _put_into_envelope(work: _Work) -> str:
    """Have a one-time password printed where nobody can read it; who has no cabinet yet gets one."""
    mobile = work.customer.service == "mobile"
    # What opens by its own number is that number's cabinet: another's password would open nothing there.
    account_id = served.account_of(work.case.line_id) if mobile else queries.cabinet_of(work.case.line_id)
    if account_id is None:
        account_id = lines.open_line(line_id=work.case.line_id, language=work.language, at=work.order.at)
    number = work.customer.number if mobile else served.main_number_of(account_id)
    challenge_id = _issue(work, account_id, Channel.PAPER, "", number or work.customer.number)
    jobs.print_envelope.defer(challenge_id=str(challenge_id), line_id=work.case.line_id, language=work.language)
    return rules.masked_number(work.customer.number)


def _remove_factors(work: _Work) -> str:
    standing = accounts.standing(work.account_id)
    if not (standing.has_second_factor or standing.has_passkey):
        raise Refused(Refusal.NOTHING_TO_DO)
    factors.remove_all(account_id=work.account_id, at=work.order.at, by=work.order.agent.by)
    return ""


def _propose_money(work: _Work) -> str:
    order = work.order
    if order.wanted is None:
        raise Refused(Refusal.NOTHING_TO_DO)
    return corrections.propose(
        agent=order.agent, case=work.case, deed=order.deed, key=order.key, wanted=order.wanted, at=order.at
    )


_EFFECTS: dict[Deed, Callable[[_Work], str]] = {
    Deed.PASSWORD_SMS: _send_by_sms,
    Deed.PASSWORD_EMAIL: _send_by_email,
    Deed.TELL_ACCOUNT: _tell_account,
    Deed.PROTECT: _protect,
    Deed.UNPROTECT: _unprotect,
    Deed.LOST: _block_lost,
    Deed.FOUND: _found_again,
    Deed.FAMILY_END: _end_family,
    Deed.APPLICATION: _prepare_form,
    Deed.FORM_RECEIVED: _note_form,
    Deed.SIM: _replace_sim,
    Deed.ENVELOPE: _put_into_envelope,
    Deed.FACTORS: _remove_factors,
    Deed.CREDIT: _propose_money,
    Deed.DEBIT: _propose_money,
    Deed.REFUND: _propose_money,
}
