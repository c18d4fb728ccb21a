"""Answers to words that ask for something of the number: what it has, a question with its price, an order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from abonent.domains.lines import queries as lines
from abonent.domains.lines.handset import Handset
from abonent.domains.lines.queries import Line
from abonent.domains.messaging import actions as messaging
from abonent.domains.messaging.rules import Priority
from abonent.domains.messaging.secrets import SecretRef
from abonent.domains.orders.handset import actions as handset
from abonent.domains.orders.handset import content as handset_content
from abonent.domains.orders.handset import queries as handset_queries
from abonent.domains.orders.handset.rules import Kind, Said, Wanted
from abonent.entrypoints.sms.commands import Verb
from abonent.entrypoints.sms.reception import CODE
from abonent.foundation import vault

CHANNEL = "sms"
# A machine that answers our answers is answered so often in an hour, and then no more.
TOLD_MAX, SPAN = 12, timedelta(hours=1)
MINOR_A_ROUBLE = 100
WANTED = {
    Verb.CONNECT: Kind.CONNECT, Verb.DISCONNECT: Kind.DISCONNECT, Verb.TARIFF: Kind.TARIFF, Verb.BLOCK: Kind.BLOCK,
    Verb.LOST: Kind.LOST, Verb.PROMISE: Kind.PROMISE,
}  # fmt: skip


def answer(person: Handset, verb: Verb, kept: Mapping[str, str], short_number: str, at: datetime) -> bool:
    """Answer one text to a short number; return whether it meant anything: digits that nobody waits for do not."""
    line = lines.served_by_id(person.line_id)
    if line is None:
        return True
    said = _said(person, line, verb, kept, short_number, at)
    if said is not None:
        _send(person, said, short_number, at)
    return said is not None or "content" in kept


def _said(
    person: Handset, line: Line, verb: Verb, kept: Mapping[str, str], short_number: str, at: datetime
) -> Said | None:
    if verb is Verb.CONFIRM:
        code = vault.unseal(kept["code"], purpose=CODE)
        return handset.confirm_by_code(code=code, line=line, channel=CHANNEL, language=person.language, at=at)
    about = kept.get("about", "")
    keys = kept.get("content", "").split()
    if keys and (about == "?" or handset_content.has(line, keys)):
        return handset_content.stop_meant(line=line, keys=keys, language=person.language, at=at)
    if verb in WANTED and (about or verb is not Verb.TARIFF):
        return _asked(person, line, WANTED[verb], about, short_number, at)
    return {
        Verb.SUBSCRIPTIONS: lambda: handset_content.told(line, person.language),
        Verb.CONTENT: lambda: handset_content.account(line),
        Verb.BAN: lambda: handset_content.ban(line=line, at=at),
        Verb.CANCEL: lambda: handset.call_off(line=line, at=at),
        Verb.BALANCE: lambda: handset_queries.balance(line, at),
        Verb.LEFT: lambda: handset_queries.left(line, at),
        Verb.SERVICES: lambda: handset_queries.services(line, at, person.language),
        Verb.PACKAGES: lambda: handset_queries.packages(line, at, person.language),
        Verb.TARIFF: lambda: handset_queries.tariffs(line, at, person.language),
    }[verb]()


def _asked(person: Handset, line: Line, kind: Kind, about: str, short_number: str, at: datetime) -> Said:
    if about == "?":
        return Said("order refused", {"why": "not yours" if kind is Kind.LOST else "unknown"})
    wanted = Wanted(kind, about)
    if kind is Kind.PROMISE:
        wanted = Wanted(kind, "", int(about or "0") * MINOR_A_ROUBLE)
    return handset.ask(
        line=line, account_id=person.account_id, channel=CHANNEL, wanted=wanted, language=person.language, at=at,
        confirmed=True, short_number=short_number,
    )  # fmt: skip


def _send(person: Handset, said: Said, short_number: str, at: datetime) -> None:
    """Send the answer; the digits that confirm a question are made when it is delivered, and kept nowhere."""
    if said.template == "order taken" and said.params["action"] == Kind.PROMISE:
        # That the money came is told by whoever lent it.
        return
    # What is to be sent next goes where this conversation is.
    params = {**said.params, "to": short_number}
    if said.wish_id is not None:
        messaging.send(
            recipient=person.number, template=said.template, params=params, language=person.language,
            priority=Priority.CODE, secret=SecretRef(handset.SECRET, str(said.wish_id)),
        )  # fmt: skip
        return
    messaging.send_at_most(
        TOLD_MAX, span=SPAN, recipient=person.number, template=said.template, params=params,
        language=person.language, at=at,
    )  # fmt: skip
