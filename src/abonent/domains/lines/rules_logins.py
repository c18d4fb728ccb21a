"""What a person types as a login: a number, a contract or account number, an e-mail address. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from abonent.domains.customers.rules import number_of
from abonent.domains.identity.rules_email import InvalidAddress, address_of
from abonent.foundation.values import InvalidNumber, Msisdn


class LoginKind(StrEnum):
    """What the login is a name of."""

    NUMBER = "number"
    CONTRACT = "contract"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Login:
    """A login in its one form: E.164, a contract or account number, an address in small letters."""

    kind: LoginKind
    value: str

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class NoLogin(ValueError):
    """What was typed can be no login; `empty`: nothing was typed."""

    def __init__(self, *, empty: bool) -> None:
        super().__init__("empty" if empty else "malformed")
        self.empty = empty


def login_of(typed: str, *, ranges: tuple[str, ...], region: str) -> Login:
    """Return the login that `typed` means, or raise `NoLogin`.

    Digits that make a number of ours (`ranges`) are that number; other digits are a contract, as they may be one.
    """
    text = typed.strip()
    if not text:
        raise NoLogin(empty=True)
    if "@" in text:
        try:
            return Login(LoginKind.EMAIL, address_of(text))
        except InvalidAddress:
            raise NoLogin(empty=False) from None
    number = _number_of(text, region)
    if number is not None and number.is_in(ranges):
        return Login(LoginKind.NUMBER, number.e164)
    contract = number_of(text)
    if contract and any(character.isdigit() for character in contract):
        return Login(LoginKind.CONTRACT, contract)
    if number is not None:
        return Login(LoginKind.NUMBER, number.e164)
    raise NoLogin(empty=False)


def _number_of(text: str, region: str) -> Msisdn | None:
    try:
        return Msisdn.parse(text, region)
    except InvalidNumber:
        return None
