"""Logins at other services: one opens one account, whoever asks first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from abonent.domains.identity import actions, links, models
from abonent.domains.identity.links import Outcome
from abonent.domains.identity.models_federation import Link
from abonent.foundation.clock import now


def account() -> int:
    return actions.open_account(language="ru")


def add(account_id: int, uid: str = "1", service: str = "vk") -> Outcome:
    return links.link(account_id=account_id, service=service, uid=uid, name="Вера", at=now())


def kinds(account_id: int) -> list[str]:
    return list(
        models.SecurityEvent.objects.filter(account_id=account_id).order_by("id").values_list("kind", flat=True)
    )


@pytest.mark.django_db
def test_id_14_a_login_opens_one_account_and_its_owner_hears_of_it() -> None:
    mine, other = account(), account()
    assert add(mine) is Outcome.LINKED
    assert add(mine) is Outcome.ALREADY
    assert add(other) is Outcome.ELSEWHERE
    assert add(mine, uid="2") is Outcome.OCCUPIED
    assert add(mine, service="other") is Outcome.LINKED
    assert links.account_of(service="vk", uid="1") == mine
    assert links.account_of(service="vk", uid="2") is None
    assert links.account_of(service="odnoklassniki", uid="1") is None
    assert kinds(mine) == ["link added", "link added"]
    assert kinds(other) == []


@pytest.mark.django_db
def test_id_14_a_login_is_taken_away_by_its_owner_alone() -> None:
    mine, other = account(), account()
    add(mine)
    link = links.links_of(mine)[0]
    assert (link.service, link.name, link.used_at) == ("vk", "Вера", None)
    assert links.unlink(account_id=other, link_id=link.id, at=now()) is None
    assert links.links_of(mine) == [link]
    assert links.unlink(account_id=mine, link_id=link.id, at=now()) == "vk"
    assert links.unlink(account_id=mine, link_id=link.id, at=now()) is None
    assert kinds(mine) == ["link added", "link removed"]
    assert add(other) is Outcome.LINKED


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "kept"),
    [("  Вера \n\t Н. ", "Вера Н."), ("\u202eareV", "areV"), ("x" * 500, "x" * 100), ("\x00", ""), ("<b>", "<b>")],
)
def test_a_name_from_elsewhere_deceives_nobody(given: str, kept: str) -> None:
    assert links.clean_name(given) == kept


@pytest.mark.django_db(transaction=True)
def test_id_14_of_many_who_claim_a_login_at_once_one_gets_it() -> None:
    accounts = [account() for _ in range(8)]

    def claim(account_id: int) -> Outcome:
        try:
            return add(account_id)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(claim, accounts))
    assert outcomes.count(Outcome.LINKED) == 1
    assert outcomes.count(Outcome.ELSEWHERE) == 7
    assert Link.objects.count() == 1
