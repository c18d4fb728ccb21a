"""The e-mail address of an account, in the cabinet."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from abonent.domains.identity import addresses, models
from abonent.domains.identity.guards import Origin
from abonent.domains.messaging.models import Message
from abonent.foundation.clock import now
from tests.domains.identity.test_guards import at_once
from tests.entrypoints.portal.identity.codes.typing import code_in_mail, confirm_address, lift_sends, page, words
from tests.factories import factors, identity

pytestmark = pytest.mark.django_db
ADDRESS = "anna@example.org"


@pytest.fixture
def client() -> Client:
    return identity.browser()


def kinds() -> list[str]:
    return list(models.SecurityEvent.objects.order_by("id").values_list("kind", flat=True))


def test_id_15_an_address_is_set_by_a_code_that_was_sent_to_it(client: Client) -> None:
    done = confirm_address(client, " Anna@Example.org")
    assert done["Location"] == "/security/email/?set"
    assert "Адрес подтверждён" in (said := page(client, "/security/email/?set"))
    assert ADDRESS in said
    account = models.Account.objects.get()
    assert account.email == ADDRESS
    assert account.email_confirmed_at
    assert kinds()[-1] == "email set"


def test_until_the_code_is_entered_the_old_address_stands_and_afterwards_hears_of_it(client: Client) -> None:
    confirm_address(client, ADDRESS)
    client.post("/security/email/", {"email": "new@example.org"})
    wrong = client.post("/security/email/code/", {"code": "000000"})
    assert wrong.status_code == 200
    assert models.Account.objects.get().email == ADDRESS
    client.post("/security/email/code/", {"code": code_in_mail("new@example.org")})
    assert models.Account.objects.get().email == "new@example.org"
    assert Message.objects.filter(recipient=ADDRESS, template="security", params__kind="email set").exists()


def test_the_same_address_again_changes_nothing(client: Client) -> None:
    confirm_address(client, ADDRESS)
    sent = Message.objects.count()
    assert client.post("/security/email/", {"email": ADDRESS})["Location"] == "/security/email/?set"
    assert Message.objects.count() == sent


def test_an_address_is_removed_and_hears_of_it(client: Client) -> None:
    confirm_address(client, ADDRESS)
    assert client.post("/security/email/remove/")["Location"] == "/security/email/?removed"
    account = models.Account.objects.get()
    assert (account.email, account.email_confirmed_at) == (None, None)
    assert kinds()[-1] == "email removed"
    assert Message.objects.filter(recipient=ADDRESS, params__kind="email removed").exists()
    events = len(kinds())
    client.post("/security/email/remove/")
    assert len(kinds()) == events, "twice is once"


def test_looking_at_the_address_of_removal_removes_nothing(client: Client) -> None:
    confirm_address(client, ADDRESS)
    client.get("/security/email/remove/")
    assert models.Account.objects.get().email == ADDRESS


def test_id_17_an_address_of_another_cabinet_answers_like_any_and_tells_its_owner(client: Client) -> None:
    confirm_address(client, ADDRESS)
    other = identity.browser()
    lift_sends()
    asked = other.post("/security/email/", {"email": ADDRESS})
    fresh = identity.browser().post("/security/email/", {"email": "free@example.org"})
    assert (asked.status_code, asked["Location"]) == (fresh.status_code, fresh["Location"])
    letter = Message.objects.filter(recipient=ADDRESS).latest("created_at")
    assert (letter.template, letter.state) == ("address_taken", "queued")
    assert "Этот адрес хотели добавить в другой кабинет" in identity.last_text(ADDRESS)
    challenge = models.Challenge.objects.filter(number=ADDRESS).latest("created_at")
    refused = other.post("/security/email/code/", {"code": identity.code_of(challenge.id)})
    assert "Код не подошёл" in words(refused)
    assert models.Account.objects.filter(email=ADDRESS).count() == 1


@pytest.mark.parametrize("address", ["/security/email/", "/security/email/code/", "/security/email/remove/"])
def test_it_asks_to_prove_anew(client: Client, address: str) -> None:
    with time_machine.travel(now() + timedelta(minutes=6)):
        for answer in (client.get(address), client.post(address, {"email": ADDRESS, "code": "123456"})):
            assert answer.status_code == 302
            assert answer["Location"].startswith("/login/confirm/")
    assert models.Account.objects.get().email is None


def test_who_is_asked_for_a_second_factor_shows_it_before_the_address_changes(client: Client) -> None:
    factors.with_totp(models.Account.objects.get().pk)
    for answer in (client.get("/security/email/"), client.post("/security/email/", {"email": ADDRESS})):
        assert answer["Location"].startswith("/login/confirm/?")
        assert answer["Location"].endswith("&factor=1")
    assert not models.Challenge.objects.filter(purpose="address").exists()


def test_a_code_of_one_account_sets_no_address_of_another(client: Client) -> None:
    client.post("/security/email/", {"email": ADDRESS})
    other = identity.browser()
    other.cookies["code-address"] = client.cookies["code-address"].value
    other.post("/security/email/code/", {"code": code_in_mail(ADDRESS)})
    assert not models.Account.objects.filter(email=ADDRESS).exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_confirm_the_same_address_at_once_agree_that_it_is_one_s() -> None:
    accounts = [identity.account(), identity.account()]
    challenges = []
    for account in accounts:
        lift_sends()
        challenges.append(
            addresses.request_confirmation(
                account_id=account, address=ADDRESS, again=None, origin=Origin(), host="abonent.test", language="ru",
                at=now(),
            )
        )  # fmt: skip
    answers = at_once(
        lambda place: addresses.set_address(
            account_id=accounts[place], challenge_id=challenges[place], typed=identity.code_of(challenges[place]),
            at=now(),
        ),
        times=2,
    )  # fmt: skip
    assert answers.count(ADDRESS) == 1
    assert models.Account.objects.filter(email=ADDRESS).count() == 1
    assert kinds() == ["email set"]
