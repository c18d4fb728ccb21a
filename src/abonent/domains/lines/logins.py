"""What people sign in with besides a code: which account a number, a contract or an address stands for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection

from abonent.domains.customers import queries as customers
from abonent.domains.identity import addresses, temporary
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.passwords import check as passwords_check
from abonent.domains.identity.passwords import rules as rules_passwords
from abonent.domains.identity.passwords.guards import Attempt
from abonent.domains.identity.rules import Way
from abonent.domains.lines import queries
from abonent.domains.lines.rules_logins import Login, LoginKind, login_of
from abonent.foundation import prepared

# Stands for what an unknown login has not got, so that the same is asked of the database.
NOBODY = 0


@dataclass(frozen=True, slots=True)
class Named:
    """The account that a login is a name of, and the line when the login is its number; None and 0: nobody's."""

    account_id: int | None
    line_id: int


@dataclass(frozen=True, slots=True)
class Opened:
    """Who got in by a password, by which line if the login was its number, and with which kind of password."""

    account_id: int
    line_id: int
    way: Way
    # Of the account's own password: what it ends is still to be forgiven.
    attempt: Attempt | None = None


def parse(typed: str) -> Login:
    """Return the login that a person means, or raise `rules_logins.NoLogin`."""
    return login_of(typed, ranges=settings.NUMBER_RANGES, region=settings.NUMBER_REGION)


def named(login: Login) -> Named:
    """Return whom the login names; for a kind of login the work is the same whether it names anybody."""
    if login.kind is LoginKind.EMAIL:
        return Named(addresses.account_with(login.value), 0)
    if login.kind is LoginKind.CONTRACT:
        contract = customers.contract_by_number(login.value)
        return Named(queries.account_of_contract(contract.id if contract else NOBODY), 0)
    row = prepared.row(
        """select access.account_id, line.id
             from lines_line line join lines_lineaccess access on access.line_id = line.id
            where line.number = %s and line.closed_at is null""",
        [login.value],
    )
    return Named(*row) if row else Named(None, 0)


def enter(*, login: Login, typed: str, origin: Origin, language: str, at: datetime, solved: bool = False) -> Opened:
    """Open the account that the login names with what was typed as its password, or a temporary one.

    The wrong passwords before are forgiven together with what is written of the entry, see `Opened.attempt`.

    Raises `passwords_check.WrongPassword`, `hashing.Busy` and `CaptchaNeeded` (nothing was counted), `CodeUsed`.
    """
    who = named(login)
    made = passwords_check.tried(
        account_id=who.account_id, login=str(login), typed=typed, origin=origin, at=at, solved=solved
    )
    if who.account_id is None:
        raise passwords_check.WrongPassword(closed=False)
    if isinstance(made, Attempt):
        return Opened(who.account_id, who.line_id, Way.PASSWORD, made)
    used = temporary.use(made, account_id=who.account_id, language=language, at=at)
    # Who has a password of one's own by now owes none.
    way = Way.PASSWORD if used.own_password_set else Way.TEMPORARY
    return Opened(who.account_id, who.line_id, way)


def own_words(account_id: int) -> list[str]:
    """Return what anybody may know of the account's owner and is no password: numbers, names, the birth date."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select array_agg(distinct line.number) || array_agg(distinct contract.number)
                      || array_agg(distinct contract.account_number) filter (where contract.account_number <> ''),
                      array_agg(distinct party.given_name) || array_agg(distinct party.patronymic)
                      || array_agg(distinct party.family_name),
                      max(party.birth_date)
                 from lines_lineaccess access
                 join lines_line line on line.id = access.line_id
                 join customers_contract contract on contract.id = line.contract_id
                 join customers_party party on party.id = contract.party_id
                where access.account_id = %s""",
            [account_id],
        )
        numbers, names, born = cursor.fetchone()
    return rules_passwords.words_of(numbers=numbers or (), names=names or (), born=born)
