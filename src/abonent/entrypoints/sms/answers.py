"""Answers to SMS from people: a reaction to `messaging.events.InboundReceived`.

Whoever is not served here, or whose SIM is not the one the network names, gets no answer at all: each one costs, and
would tell that somebody reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from abonent.domains.identity.rules import TooMany
from abonent.domains.lines import handset
from abonent.domains.lines.sharing import requests as sharing_requests
from abonent.domains.messaging import actions as messaging
from abonent.domains.messaging import channels
from abonent.domains.messaging.actions import Inbound
from abonent.entrypoints.sms import orders, porting, subscriptions
from abonent.entrypoints.sms.commands import Verb
from abonent.entrypoints.sms.keywords import Word
from abonent.foundation.clock import now

# What only informs is said once an hour to a number, however often it asks.
EVERY = timedelta(hours=1)


@transaction.atomic
def answer(inbound_id: int) -> None:
    """Answer one SMS to our short numbers, once."""
    at = now()
    inbound = messaging.take_up(inbound_id=inbound_id, at=at)
    if inbound is None:
        return
    # Whoever writes to a number reads the answer in the same conversation.
    with channels.in_talk(handset=inbound.sender, short_number=inbound.recipient):
        _answer(inbound, inbound_id, at)


def _answer(inbound: Inbound, inbound_id: int, at: datetime) -> None:
    if inbound.recipient not in (settings.SMS_SENDER, settings.SMS_SERVICE):
        return subscriptions.to_provider(inbound, at)
    person = handset.of(number=inbound.sender, subscriber=inbound.subscriber)
    if person is None:
        return None
    word = inbound.kept.get("word", Word.OTHER)
    if word in list(Verb):
        if not orders.answer(person, Verb(word), inbound.kept, inbound.recipient, at):
            _say(person, "keyword help")
        return None
    if word in (Word.AGREE, Word.STOP_ALL):
        return _of_subscriptions(person, word, inbound.kept.get("code", ""), inbound_id, at)
    if word == Word.STOP_PORT:
        return porting.stop(person, at)
    return _of_the_cabinet(person, word, inbound.kept, at)


def _of_subscriptions(person: handset.Handset, word: str, code: str, inbound_id: int, at: datetime) -> None:
    if word == Word.AGREE:
        return subscriptions.agree(person, code, at)
    return subscriptions.stop_all(person, inbound_id, at)


def _of_the_cabinet(person: handset.Handset, word: str, kept: Mapping[str, str], at: datetime) -> None:
    if word == Word.OTHER:
        return _say(person, "keyword help")
    if word == Word.NUMBERS:
        return _say(person, "keyword numbers", outcome=sharing_requests.ask_from_number(line_id=person.line_id, at=at))
    if word != Word.PASSWORD and not settings.POLICY.password_by_sms:
        return _say(person, "keyword closed")
    if word == Word.OWN_UNSURE:
        return _say(person, "keyword form")
    own = {name: kept.get(name, "") for name in ("hash", "problem")}
    return _send_password(person, own["hash"], own["problem"])


def _send_password(person: handset.Handset, own_password_hash: str, problem: str) -> None:
    try:
        handset.send_temporary_password(
            person=person,
            then_password_hash=own_password_hash,
            problem=problem,
            host=settings.ADDRESS.partition("://")[2],
            at=now(),
        )
    except handset.Held as held:
        _say(person, "keyword held", reason=held.hold.reason, until=held.hold.until.isoformat())
    except handset.Protected:
        _say(person, "keyword protected")
    except TooMany as refused:
        _say(
            person,
            "keyword busy",
            until=refused.until.isoformat() if refused.until else "",
        )


def _say(person: handset.Handset, template: str, **params: str) -> None:
    messaging.send_rarely(
        every=EVERY, recipient=person.number, template=template, params=params, language=person.language, at=now()
    )
