"""A forgotten password: a code to what the login names, by SMS or e-mail, and whose account it proves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from abonent.domains.customers import queries as customers
from abonent.domains.identity import actions as identity
from abonent.domains.identity import queries as accounts
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.rules import Channel, CodeExpired, Purpose
from abonent.domains.lines import actions, logins, queries
from abonent.domains.lines.rules import Hold
from abonent.domains.lines.rules_logins import Login, LoginKind

# Stands for what an unknown login has not got, so that the same is asked of the database.
NOBODY = 0


@dataclass(frozen=True, slots=True)
class Target:
    """Where a code goes and what it proves: a line (the login is its number), or else an account; None: nothing.

    `address` is empty when it goes to the login itself; `hidden` is the number whose limits count besides;
    `forwarded`: calls to it may end elsewhere.
    """

    subject: int | None
    address: str = ""
    hidden: str | None = None
    forwarded: bool = False


@dataclass(frozen=True, slots=True)
class Reset:
    """Who proved to be whom; `hold`: the SIM changed lately, so an SMS alone proves nothing."""

    account_id: int
    line_id: int
    hold: Hold | None


def target_of(login: Login, channel: Channel) -> Target:
    """Return where a code for the login goes; for each kind of login and channel the work is always the same."""
    if login.kind is LoginKind.NUMBER:
        reached = queries.reached_by(login.value)
        line_id = reached.line_id if reached else NOBODY
        if channel is not Channel.EMAIL:
            return Target(line_id or None, forwarded=reached is not None and reached.forwarded)
        address = accounts.email_of(queries.account_of(line_id) or NOBODY)
        return Target(line_id if address else None, address)
    account_id = logins.named(login).account_id or NOBODY
    number = queries.main_number_of(account_id) or ""
    address = accounts.email_of(account_id)
    if login.kind is LoginKind.CONTRACT:
        contract = customers.contract_by_number(login.value)
        if contract is not None and contract.entered_at is not None:
            number, address = contract.contact_number or number, contract.contact_email or address
    sent_to = address if channel is Channel.EMAIL else number
    subject = account_id if account_id and sent_to else None
    return Target(subject, sent_to if sent_to != login.value else "", number)


def request_code(
    *,
    login: Login,
    channel: Channel,
    again: UUID | None,
    origin: Origin,
    host: str,
    language: str,
    at: datetime,
    solved: bool = False,
    number_proven: bool = False,
) -> UUID:
    """Send a code that leads to a new password; return the challenge for the browser that asked.

    A login that nobody has, or without such an address, costs the same work, gives the same answer and gets nothing.
    `number_proven`: the person proved the number a moment ago, so its limits have nothing to keep out.
    Raises `TooMany` and `CaptchaNeeded`.
    """
    target = target_of(login, channel)
    return identity.send_code(
        purpose=Purpose.RESET,
        number=login.value,
        subject=target.subject,
        address=target.address,
        hidden=None if number_proven else target.hidden,
        channel=channel,
        withheld=channel is Channel.VOICE and target.forwarded,
        again=again,
        origin=origin,
        host=host,
        language=language,
        at=at,
        solved=solved,
    )


def enter(*, challenge_id: UUID, typed: str, language: str, at: datetime) -> Reset:
    """Return whose account the code proves; of a number that never entered, it is made now.

    Raises what `identity.actions.check_code` raises. What was given to somebody else meanwhile proves nothing.
    """
    sent = accounts.waiting(challenge_id, Purpose.RESET, at)
    right = identity.check_code(challenge_id=challenge_id, purpose=Purpose.RESET, typed=typed, at=at)
    login = logins.parse(right.number)
    target = target_of(login, sent.channel)
    with transaction.atomic():
        if target.subject != right.subject or target.address != sent.address:
            raise CodeExpired
        line_id = right.subject if login.kind is LoginKind.NUMBER else 0
        try:
            account_id = actions.open_line(line_id=line_id, language=language, at=at) if line_id else right.subject
        except actions.ContractEnded:
            raise CodeExpired from None
        # The line first, then the code: in the order in which an event of the network takes them.
        identity.use_code(right, at=at)
    hold = None
    if sent.channel is not Channel.EMAIL:
        hold = queries.hold_of_number(sent.address or login.value, at)
    # An e-mail proves the account, not the SIM that the line is served with.
    return Reset(account_id, 0 if sent.channel is Channel.EMAIL else line_id, hold)
