"""Words that ask for something of the number: what it has, or an order. Pure; the words are data."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from abonent.domains.orders.handset import rules as handset_rules
from abonent.entrypoints.sms.keywords import LOOKS_CYRILLIC, LOOKS_LATIN, TO_CYRILLIC_KEYS, TO_LATIN_KEYS


class Verb(StrEnum):
    """What is wanted."""

    BALANCE = "balance"
    LEFT = "left"
    SERVICES = "services"
    PACKAGES = "packages"
    CONNECT = "connect"
    DISCONNECT = "disconnect"
    TARIFF = "tariff"
    BLOCK = "block"
    LOST = "lost"
    PROMISE = "promise"
    # Of other companies: what they charge for, what pays for it, and that nobody may ask anew.
    SUBSCRIPTIONS = "subscriptions"
    CONTENT = "content"
    BAN = "ban"
    # What was ordered last is not wanted after all.
    CANCEL = "cancel"
    # The digits that confirm what was asked.
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True)
class Command:
    """A verb, and what it is about: a word of the catalogue, a number, a sum or the digits; empty: nothing was said.

    Not `said_verb`: the word stood alone, and may be none of ours.
    """

    verb: Verb
    about: str = ""
    said_verb: bool = True


# How each may be written; the first of each language is the one we tell.
WORDS: dict[Verb, tuple[str, ...]] = {
    Verb.BALANCE: ("БАЛАНС", "BALANCE", "СЧЕТ"),
    Verb.LEFT: ("ОСТАТОК", "LEFT", "ОСТАТКИ", "ЛЕФТ"),
    Verb.SERVICES: ("УСЛУГИ", "SERVICES"),
    Verb.PACKAGES: ("ПАКЕТЫ", "PACKAGES", "ПАКЕТ"),
    Verb.CONNECT: ("ВКЛ", "ON", "ПОДКЛЮЧИТЬ", "CONNECT", "ВКЛЮЧИТЬ", "КУПИТЬ", "BUY"),
    Verb.DISCONNECT: ("ВЫКЛ", "OFF", "ОТКЛЮЧИТЬ", "DISCONNECT", "СТОП", "STOP"),
    Verb.TARIFF: ("ТАРИФ", "TARIFF"),
    Verb.BLOCK: ("БЛОК", "BLOCK", "ЗАБЛОКИРОВАТЬ"),
    Verb.LOST: ("ПОТЕРЯН", "LOST", "УТЕРЯН", "УКРАДЕН", "STOLEN"),
    Verb.SUBSCRIPTIONS: ("ПОДПИСКИ", "SUBSCRIPTIONS", "ПОДПИСКА"),
    Verb.CONTENT: ("КОНТЕНТ", "CONTENT"),
    Verb.BAN: ("ЗАПРЕТ", "BAN", "ЗАПРЕТИТЬ"),
    Verb.CANCEL: ("ОТМЕНА", "CANCEL", "ОТМЕНИТЬ", "UNDO"),
    Verb.PROMISE: ("ОБЕЩАННЫЙ", "PROMISE", "ОП", "ДОВЕРИТЕЛЬНЫЙ"),
}
# Before a code some write that they agree.
YES = ("ДА", "YES", "ОК", "OK")
# What cannot stand alone: without a word after it nobody knows what is meant.
NEEDS_MORE = frozenset({Verb.CONNECT, Verb.DISCONNECT, Verb.LOST})
TAKES_MORE = NEEDS_MORE | {Verb.TARIFF, Verb.PROMISE}
LENGTH_MAX = 60
_YES = {word.casefold() for word in YES}
_BY_WORD = {word.casefold(): verb for verb, words in WORDS.items() for word in words}


def understood(text: str) -> Command | None:
    """Return what a text asks for; None: no word of ours, or nothing to go with it."""
    plain = " ".join(re.sub(r"[^\w+]+", " ", unicodedata.normalize("NFKC", text[: 4 * LENGTH_MAX])).split())
    if not plain or len(plain) > LENGTH_MAX:
        return None
    first, _, rest = plain.partition(" ")
    if handset_rules.is_code(plain) or (_readings(first) & _YES and handset_rules.is_code(rest)):
        return Command(Verb.CONFIRM, rest or plain)
    verb = next((_BY_WORD[reading] for reading in sorted(_readings(first)) if reading in _BY_WORD), None)
    if verb is None:
        # The word of a service alone means that it is wanted; whoever knows the catalogue says whether it is one.
        return Command(Verb.CONNECT, plain, said_verb=False) if not rest else None
    if bool(rest) > (verb in TAKES_MORE) or (verb in NEEDS_MORE and not rest):
        return None
    return Command(verb, rest)


def _readings(word: str) -> set[str]:
    """Return what a word may be that was typed with letters that look alike, or under the other layout."""
    small = word.casefold().replace("ё", "е")
    return {
        small,
        small.translate(LOOKS_CYRILLIC),
        small.translate(LOOKS_LATIN),
        small.translate(TO_CYRILLIC_KEYS),
        small.translate(TO_LATIN_KEYS),
    }
