"""Subscriptions of content providers by SMS: asked for and stopped at a provider's short number, agreed to at ours.

The SIM proves who sends; nothing begins without the code that we sent. Answers go to whoever the network names.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.utils import translation

from abonent.domains.catalog.providers import queries as providers_queries
from abonent.domains.catalog.providers.rules import Provider
from abonent.domains.lines import handset
from abonent.domains.lines.handset import Handset
from abonent.domains.messaging import actions as messaging
from abonent.domains.messaging import channels
from abonent.domains.messaging.actions import Inbound
from abonent.domains.messaging.texts import subscriptions as texts
from abonent.domains.orders.subscriptions import actions as subscriptions
from abonent.domains.orders.subscriptions import asking as subscriptions_asking
from abonent.domains.orders.subscriptions import consent as subscriptions_consent
from abonent.domains.orders.subscriptions import queries
from abonent.domains.orders.subscriptions.asking import Wish
from abonent.domains.orders.subscriptions.consent import Gone, WrongCode
from abonent.domains.orders.subscriptions.rules import Why
from abonent.entrypoints.sms import keywords

# Our own space of names for ids that are made of other ids.
NAMES = UUID("0f6a0c59-6a0c-45a7-9ad7-4a4b1a4f5e57")
MENU_EVERY = timedelta(hours=1)


def to_provider(inbound: Inbound, at: datetime) -> None:
    """Do what a text to a provider's short number asks for; one to any other number is nobody's."""
    provider = providers_queries.by_short_number(inbound.recipient, queries.today(at))
    person = handset.of(number=inbound.sender, subscriber=inbound.subscriber) if provider else None
    if provider is None or person is None:
        return
    if keywords.asks_to_stop(inbound.text):
        form_id = uuid5(NAMES, f"stop|{inbound.sender}|{inbound.recipient}|{inbound.received_at.isoformat()}")
        ended = subscriptions.stop_all(
            line_id=person.line_id, form_id=form_id, why=Why.SMS, by="owner", at=at, provider=provider.code
        )
        if not ended:
            _say(person, "subscription nothing", at)
        return
    service = provider.by_word(inbound.text)
    if service is None:
        _say(person, "subscription menu", at, short=provider.short_number, menu=_menu(provider, person.language))
        return
    wish = Wish(
        provider.code, "", person.number, service.code, service.price_minor, service.per, subscriptions_asking.SMS
    )
    try:
        # The code is for us alone: what it says yes to comes from our number, wherever it was asked for.
        with channels.in_talk(handset="", short_number=""):
            subscriptions_asking.ask(wish=wish, at=at)
    except subscriptions_asking.Refused:
        _say(person, "subscription menu", at, short=provider.short_number, menu=_menu(provider, person.language))


def agree(person: Handset, typed: str, at: datetime) -> None:
    """Begin what the code belongs to; the SMS that it began says the rest."""
    try:
        subscriptions_consent.agree_by_sms(line_id=person.line_id, typed=typed, at=at)
    except WrongCode as wrong:
        _answer(person, "subscription wrong", left=str(wrong.left))
    except Gone:
        _answer(person, "subscription wrong", left="0")
    except subscriptions_asking.Refused as refused:
        _answer(person, "subscription not begun", why=str(refused.why))


def stop_all(person: Handset, inbound_id: int, at: datetime) -> None:
    """End everything that the number has from providers, and say how many that was."""
    form_id = uuid5(NAMES, f"stop all|{inbound_id}")
    ended = subscriptions.stop_all(line_id=person.line_id, form_id=form_id, why=Why.SMS, by="owner", at=at)
    if ended:
        _answer(person, "subscriptions stopped", count=str(len(ended)))
    else:
        _say(person, "subscription nothing", at)


def _menu(provider: Provider, language: str) -> str:
    with translation.override(language):
        return "; ".join(
            f"{service.words[0].upper() if service.words else service.code} "
            f"{texts.price(str(service.price_minor), service.per)}"
            for service in provider.services
        )


def _answer(person: Handset, template: str, **params: str) -> None:
    messaging.send(recipient=person.number, template=template, params=params, language=person.language)


def _say(person: Handset, template: str, at: datetime, **params: str) -> None:
    messaging.send_rarely(
        every=MENU_EVERY, recipient=person.number, template=template, params=params, language=person.language, at=at
    )
