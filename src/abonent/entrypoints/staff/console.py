"""A case as its page shows it: before the check only what is masked, after it what the customer sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from abonent.domains.billing import queries as billing
from abonent.domains.billing.families import queries as families_queries
from abonent.domains.billing.idle import queries as idle_queries
from abonent.domains.billing.queries import LeftOver, Operation, Overview
from abonent.domains.identity import queries as accounts
from abonent.domains.identity import queries_security as security
from abonent.domains.identity.rules_freezing import CANNOT_BE_DISPUTED
from abonent.domains.lines import queries as lines
from abonent.domains.lines.bars import queries as bars_queries
from abonent.domains.orders import queries as orders
from abonent.domains.orders.queries import Order
from abonent.domains.orders.states import State
from abonent.domains.support import queries, rules
from abonent.domains.support.queries import Agent, Approval, Case, Customer
from abonent.domains.support.rules import Contact, Deed, Permission, Question
from abonent.entrypoints.staff import bar_words, disputes_page, orders_page, words
from abonent.entrypoints.staff.disputes_page import Asking
from abonent.foundation.clock import now
from abonent.web import format as formats

SHOWN = 30
SECTIONS = ("all", "security", "money", "orders", "staff")
PHONE_DEEDS = (
    Deed.PASSWORD_SMS, Deed.PASSWORD_EMAIL, Deed.TELL_ACCOUNT, Deed.PROTECT, Deed.UNPROTECT, Deed.LOST, Deed.FOUND,
    Deed.FAMILY_END,
)  # fmt: skip
MONEY_DEEDS = (Deed.CREDIT, Deed.DEBIT, Deed.REFUND)
SHOP_STEPS = (Deed.APPLICATION, Deed.FORM_RECEIVED, Deed.SIM, Deed.ENVELOPE, Deed.FACTORS)


@dataclass(frozen=True, slots=True)
class Bar:
    """What is left of an allowance: `share` of 100 for the drawing."""

    name: str
    words: str
    share: int
    low: bool


@dataclass(frozen=True, slots=True)
class Card:
    """Who it is, as much as may be seen now."""

    initials: str
    name: str
    facts: list[tuple[str, str]]
    bars: list[Bar]
    blocked: bool
    frozen: bool
    held_until: str


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that happened; `amount` money with its sign, or `state` a word."""

    at: datetime
    when: str
    title: str
    about: str = ""
    amount: str = ""
    state: str = ""
    section: str = "staff"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of the check; `right` None: not asked."""

    question: Question
    words: str
    right: bool | None


@dataclass(frozen=True, slots=True)
class Action:
    """One deed that is offered: `key` opens it, as any of `keys` does.

    `done` in this case, `waits` for a second person, `may` be opened now.
    """

    deed: Deed
    words: words.DeedWords
    key: str
    keys: str
    done: bool
    waits: bool
    granted: bool
    may: bool


@dataclass(frozen=True, slots=True)
class Console:
    """Everything the page of a case shows."""

    case: Case
    banner: str
    good: bool
    is_open: bool
    checked: bool
    # Home internet or TV: a contract whose customer has to be entered first.
    is_contract: bool
    card: Card
    section: str
    rows: list[Row]
    questions: list[Asked]
    wrong_left: int
    actions: list[Action]
    steps: list[Action]
    # What the customer wrote in the cabinet, when the talk is about that.
    dispute: Asking | None


def present(agent: Agent, case: Case, section: str) -> Console:
    """Return the page of a case; `section` is one of `SECTIONS`."""
    at = now()
    customer = queries.customer(case.line_id)
    if customer is None:
        raise rules.NotThere(case.id)
    checked = case.is_checked(at)
    approvals = queries.approvals_in(case.id, at)
    done = queries.done_in(case.id)
    section = section if section in SECTIONS else SECTIONS[0]
    line = lines.served_by_number(customer.number) if checked and customer.closed_at is None else None
    overview = billing.overview(line, at) if line else None
    rows = _history(case, overview, checked=checked)
    visit = case.contact is Contact.VISIT
    return Console(
        case=case,
        banner=_banner(case, at),
        good=checked,
        is_open=case.is_open(at),
        checked=checked,
        is_contract=customer.service != "mobile",
        card=_card(case, customer, done, overview, checked=checked, at=at),
        section=section,
        rows=[row for row in rows if section in ("all", row.section)][:SHOWN],
        questions=_questions(case) if case.contact is Contact.CALL else [],
        dispute=disputes_page.in_case(case, at) if case.contact is Contact.CABINET else None,
        wrong_left=queries.wrong_left(case.party_id, localdate(at)),
        actions=_actions(agent, deeds_of(case.contact), done, approvals, checked=checked),
        steps=_actions(agent, SHOP_STEPS, done, approvals, checked=checked) if visit else [],
    )


def deeds_of(contact: Contact) -> tuple[Deed, ...]:
    """Return what can be done in such a talk; who wrote asks for nothing but money."""
    return MONEY_DEEDS if contact is Contact.CABINET else (*PHONE_DEEDS, *MONEY_DEEDS)


def _banner(case: Case, at: datetime) -> str:
    lasted = words.lasted(int(((case.closed_at or at) - case.opened_at).total_seconds()))
    if not case.is_open(at):
        said = _("The talk is over: %(outcome)s.") % {"outcome": words.outcome(case.outcome) or _("left open")}
    elif case.is_checked(at) and case.checked_at:
        said = _("Identity confirmed at %(time)s.") % {"time": formats.clock(case.checked_at)}
    else:
        said = _("Identity not checked.")
    seen = _("Actions are recorded and seen by the customer.")
    return f"{words.contact(case.contact)} {lasted}. {said} {seen}"


def _card(
    case: Case, customer: Customer, done: frozenset[str], overview: Overview | None, *, checked: bool, at: datetime
) -> Card:
    status = _status(customer)
    account_id = queries.cabinet_of(case.line_id)
    frozen = bool(account_id and accounts.standing(account_id).frozen_at)
    hold = lines.hold_of(case.line_id, at)
    held = _("until %(time)s") % {"time": formats.moment(hold.until)} if hold else ""
    if not checked:
        facts = [(_("Number"), rules.masked_number(customer.number)), (_("Status"), status)]
        name = rules.masked_name(customer.given_name, customer.family_name)
        return Card(_initials(customer), name, facts, [], customer.blocked_at is not None, frozen, held)
    facts = [(_("Number"), formats.phone(customer.number)), (_("Status"), status)]
    facts += [(bar_words.bar(bar.kind), bar_words.since(bar)) for bar in bars_queries.standing(case.line_id)]
    facts += bar_words.idle(idle_queries.of_line(case.line_id))
    facts += _money(overview) if overview else []
    facts += _family(case.line_id)
    if Deed.TELL_ACCOUNT in done and customer.account_number:
        facts.append((_("Account number"), customer.account_number))
    facts.append((_("Customer since"), formats.day(customer.contract_opened_on, year=True)))
    bars = [_bar(left) for left in overview.left_overs] if overview else []
    return Card(_initials(customer), customer.name, facts, bars, customer.blocked_at is not None, frozen, held)


def _family(line_id: int) -> list[tuple[str, str]]:
    """Return whose package the line shares, and with how many; nothing when it is in no family."""
    family = families_queries.family_of(line_id)
    if not family:
        return []
    owner = next(is_owner for member_id, is_owner, _since in family if member_id == line_id)
    count = ngettext("%(number)s member", "%(number)s members", len(family) - 1) % {"number": len(family) - 1}
    return [(_("Family package"), count if owner else _("takes from another number’s"))]


def _money(overview: Overview) -> list[tuple[str, str]]:
    names = overview.tariff.names
    fee = overview.next_fee
    return [
        (_("Balance"), formats.money(overview.balance_minor)),
        (_("Tariff"), names.get(words.language()) or next(iter(names.values()), "")),
        (_("Fee on %(day)s") % {"day": formats.day(fee.at)}, formats.money(fee.amount_minor)),
    ]


def _status(customer: Customer) -> str:
    if customer.closed_at is not None:
        return _("No longer served")
    return _("Blocked") if customer.blocked_at is not None else _("Active")


def _initials(customer: Customer) -> str:
    return f"{customer.given_name[:1]}{customer.family_name[:1]}".upper()


def _bar(left: LeftOver) -> Bar:
    name = {"voice": _("Minutes"), "data": _("Internet"), "sms": "SMS"}[left.bucket]
    if left.amount is None or left.left is None:
        return Bar(name, _("Unlimited"), 100, low=False)
    share = round(100 * left.left / left.amount) if left.amount else 0
    both = (_quantity(left.bucket, left.left), _quantity(left.bucket, left.amount))
    return Bar(name, _("%(left)s of %(amount)s") % {"left": both[0], "amount": both[1]}, share, low=share < 20)


def _quantity(bucket: str, amount: int) -> str:
    if bucket == "data":
        return formats.data_size(amount)
    if bucket == "voice":
        return f"{formats.number(amount // 60)}{formats.NBSP}{_('min')}"
    return formats.number(amount)


def _questions(case: Case) -> list[Asked]:
    given = queries.answers_in(case.id)
    return [Asked(question, words.question(question), given.get(question)) for question in Question]


def _actions(
    agent: Agent, deeds: tuple[Deed, ...], done: frozenset[str], approvals: Mapping[Deed, Approval], *, checked: bool
) -> list[Action]:
    return [
        Action(
            deed=deed,
            words=words.deed_words(deed),
            key=words.key(deed),
            keys="".join(words.KEYS[deed]),
            done=deed in done,
            waits=deed in approvals and approvals[deed].granted is None,
            granted=deed in approvals and approvals[deed].granted is True,
            may=checked and (deed not in rules.AFTER or rules.AFTER[deed] in done),
        )
        for deed in deeds
        if rules.NEEDS[deed] in agent.permissions
    ]


def _history(case: Case, overview: Overview | None, *, checked: bool) -> list[Row]:
    """Return what happened, the newest first: before the check nothing but this very talk."""
    rows = [_talk(case)]
    if checked:
        rows = [_talk(other) for other in queries.cases_of_party(case.party_id)]
        rows += [_deed(done) for done in queries.done_for(case.party_id)]
        rows += _safety(case.line_id)
        rows += [_order(order) for order in orders.orders(line_ids=[case.line_id])[:SHOWN]]
        rows += [_operation(operation) for operation in overview.operations] if overview else []
    return sorted(rows, key=lambda row: row.at, reverse=True)


def _talk(case: Case) -> Row:
    state = _("Going on") if case.is_open(now()) else _("Over")
    about = " · ".join(part for part in (case.agent_name, words.outcome(case.outcome)) if part)
    return Row(case.opened_at, words.when(case.opened_at), words.contact(case.contact), about, state=state)


def _deed(done: queries.Done) -> Row:
    about = f"{done.agent_name} · {words.contact(done.contact)}"
    return Row(done.at, words.when(done.at), words.deed(done.deed), about)


def _order(order: Order) -> Row:
    """Return a row about an order of a service."""
    amount = order.taken_minor if order.state is State.COMPLETED else order.total_minor if order.is_open else 0
    about = f"{orders_page.state(order)} · {orders_page.by_whom(order)}"
    return Row(
        order.placed_at, words.when(order.placed_at), orders_page.title(order.action, order.names), about,
        amount=formats.money(-amount, sign=True) if amount else "", section="orders",
    )  # fmt: skip


def _safety(line_id: int) -> list[Row]:
    rows = []
    for account_id in lines.accounts_of_line(line_id):
        rows += [
            Row(entry.at, words.when(entry.at), _("Entry into the cabinet"), words.way(entry.way), section="security")
            for entry in security.entries_of(account_id)
        ]
        rows += [
            Row(event.at, words.when(event.at), words.event(event.kind), _disputed(event), section="security")
            for event in security.events_of(account_id)
            if not event.by_staff
        ]
    return rows


def _disputed(event: security.Event) -> str:
    return _("“It was not me”") if event.disputed_at else ""


def _operation(operation: Operation) -> Row:
    """Return a row that never names the other side of a call: that asks the customer for a fresh proof, too."""
    return Row(
        operation.at,
        words.when(operation.at),
        words.spent(operation.kind, operation.method),
        formats.clock(operation.at),
        amount=formats.money(operation.amount_minor, sign=True),
        section="money",
    )


def may_check(agent: Agent, case: Case) -> bool:
    """Return whether the agent may check who it is in this kind of talk."""
    return rules.CHECKS[case.contact] in agent.permissions and Permission.CASES in agent.permissions


def disputable(case: Case) -> list[tuple[int, str]]:
    """Return what the customer may say was somebody else's doing: each event's id, and words for it."""
    account_id = queries.cabinet_of(case.line_id)
    return [
        (event.id, f"{words.event(event.kind)}, {formats.moment(event.at)}")
        for event in (security.events_of(account_id) if account_id is not None else ())
        if event.kind not in CANNOT_BE_DISPUTED and event.disputed_at is None
    ]
