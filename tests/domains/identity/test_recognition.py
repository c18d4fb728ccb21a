"""A ticket is believed once, whoever is faster."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection

from abonent.domains.identity import recognition
from abonent.domains.identity.models_federation import UsedTicket
from abonent.domains.identity.recognition_rules import Fault, NotRecognised, Seen, Ticket, nonce_of, sign, ticket_key
from abonent.foundation.clock import now


def ticket(held: str = "mine", *, name: str = "+79000000001") -> str:
    made = Ticket("mobile", name, "testserver", nonce_of(held), int(now().timestamp()), "1")
    return sign(made, ticket_key(settings.RECOGNISER_KEY))


def take(text: str, held: str = "mine") -> Seen | Fault:
    try:
        return recognition.take(ticket=text, held=held, audience="testserver", at=now())
    except NotRecognised as error:
        return error.fault


@pytest.mark.django_db
def test_id_13_a_ticket_is_good_once_and_only_where_it_belongs() -> None:
    text = ticket()
    assert take(text, "another") is Fault.FORGED
    assert UsedTicket.objects.count() == 0
    assert take(text) == Seen("mobile", "+79000000001")
    assert take(text) is Fault.USED
    # Another ticket for the same way there is used up with it.
    assert take(ticket(name="+79000000002")) is Fault.USED
    assert recognition.forget(before=now() + timedelta(minutes=10)) == 1


@pytest.mark.django_db(transaction=True)
def test_id_13_of_many_browsers_with_one_ticket_one_gets_in() -> None:
    text = ticket()

    def attempt(_: int) -> Seen | Fault:
        try:
            return take(text)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(attempt, range(16)))
    assert sorted(map(str, answers)).count("used") == 15
    assert answers.count(Seen("mobile", "+79000000001")) == 1
