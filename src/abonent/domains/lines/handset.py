"""What people ask for by SMS from their own handset: an SMS from our own network proves the SIM it came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from abonent.domains.identity import actions as identity
from abonent.domains.identity import hashing, temporary
from abonent.domains.identity import queries as accounts
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.passwords import actions as passwords
from abonent.domains.identity.passwords import rules as rules_passwords
from abonent.domains.identity.rules import Channel
from abonent.domains.lines import actions, logins, models, queries, rules
from abonent.domains.lines.rules import Holder
from abonent.foundation.values import InvalidNumber, Msisdn

TEMPORARY_LIFE = timedelta(minutes=30)
BY = "self"


class Held(Exception):
    """The SIM or the forwarding of the number changed lately: an SMS to it proves nothing by itself."""

    def __init__(self, hold: rules.Hold) -> None:
        super().__init__(hold.reason)
        self.hold = hold


class Protected(Exception):
    """The owner said that somebody else did something in the cabinet: until that is lifted no password is made."""


@dataclass(frozen=True, slots=True)
class Handset:
    """Whose SIM an SMS came from; `language` is the one to answer in."""

    line_id: int
    number: str
    account_id: int | None
    language: str
    is_protected: bool = False


def of(*, number: str, subscriber: str) -> Handset | None:
    """Return whose handset sent an SMS as `number` from the SIM `subscriber` (IMSI), or None: no line of ours.

    A line whose SIM is known is spoken for by that SIM alone: who forges the number does not know it.
    """
    line = _line_of(number)
    if line is None:
        return None
    imsi = _imsi_of(line.id)
    if imsi is not None and imsi != subscriber:
        return None
    account_id = queries.account_of(line.id)
    if account_id is None:
        return Handset(line.id, line.number, None, line.language)
    standing = accounts.standing(account_id)
    return Handset(line.id, line.number, account_id, standing.language, standing.frozen_at is not None)


def sim_of(number: str) -> str:
    """Return how the network knows the SIM of `number` (IMSI), empty when it is nobody's or was never told."""
    line = _line_of(number)
    return (line and _imsi_of(line.id)) or ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A password that came by SMS: its hash, or what it lacks (`rules_passwords.Problem`); both empty: nobody's."""

    kept: str = ""
    problem: str = ""


def judge(*, number: str, password: str) -> Judged:
    """Look at a password that `number` sent and return what may be kept of it; raise `hashing.Busy`."""
    line = _line_of(number)
    if line is None:
        return Judged()
    account_id = queries.account_of(line.id)
    own_words = logins.own_words(account_id) if account_id else _own_words_of(line)
    found = passwords.problems(password, own_words)
    return Judged(problem=found[0]) if found else Judged(kept=hashing.made(password))


def send_temporary_password(*, person: Handset, then_password_hash: str, problem: str, host: str, at: datetime) -> UUID:
    """Send a password that lives half an hour, and opens once; make the account when there was none.

    With `then_password_hash` that password becomes permanent once the temporary one was used; with `problem` the
    person then hears why theirs did not. Raises `Held`, `Protected` and `identity.rules.TooMany`.
    """
    if person.is_protected:
        raise Protected
    hold = queries.hold_of(person.line_id, at)
    if hold is not None:
        raise Held(hold)
    with transaction.atomic():
        account_id = _account_of(person, at)
        return temporary.issue(
            account_id=account_id,
            number=person.number,
            channel=Channel.SMS,
            recipient=person.number,
            life=TEMPORARY_LIFE,
            origin=Origin(),
            language=person.language,
            host=host,
            at=at,
            by=BY,
            then_password_hash=then_password_hash,
            problem=problem,
        )


def _account_of(person: Handset, at: datetime) -> int:
    # As at entry: two first texts at once must agree on one account.
    models.Line.objects.select_for_update(no_key=True).get(id=person.line_id)
    account_id = queries.account_of(person.line_id)
    if account_id is None:
        account_id = identity.open_account(language=person.language)
        actions.give_access(line_id=person.line_id, account_id=account_id, at=at)
    return account_id


def _line_of(number: str) -> queries.Line | None:
    try:
        parsed = Msisdn.parse(number)
    except InvalidNumber:
        return None
    if parsed.e164 != number:
        # A network writes numbers in full; anything else is a name that looks like one.
        return None
    if rules.holder_of(parsed, ranges=settings.NUMBER_RANGES, region=settings.NUMBER_REGION) is not Holder.OURS:
        return None
    line = queries.served_by_number(number)
    if line is None or line.service != "mobile":
        return None
    # A line that is blocked gets no codes, and no password either.
    return line if models.Line.objects.filter(id=line.id, blocked_at=None).exists() else None


def _own_words_of(line: queries.Line) -> list[str]:
    """Return what anybody may know of somebody who never signed in."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select given_name, patronymic, family_name, birth_date from customers_party where id = %s", [line.party_id]
        )
        *names, born = cursor.fetchone()
    return rules_passwords.words_of(numbers=[line.number], names=names, born=born)


def _imsi_of(line_id: int) -> str | None:
    return models.Sim.objects.filter(line_id=line_id, until=None).values_list("imsi", flat=True).first()
