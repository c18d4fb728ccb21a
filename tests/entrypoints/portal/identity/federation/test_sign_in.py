"""Sign-in by another service: linked by one ordinary sign-in, made by nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib.auth import SESSION_KEY
from django.test import Client

from abonent.domains.identity import links
from abonent.domains.identity.models import Account, SecurityEvent, SignIn
from abonent.domains.identity.models_federation import Link
from abonent.domains.lines import models as line_models
from abonent.domains.lines import queries as line_queries
from abonent.foundation.clock import now
from tests.entrypoints.portal.identity.federation.conftest import LEV, VERA, Played, Traveller, address_of
from tests.factories import identity, lines

pytestmark = pytest.mark.django_db
SERVICES = ["vk", "odnoklassniki", "other"]
NUMBER = "+79000000001"


def nobody_came(client: Client) -> None:
    assert SESSION_KEY not in client.session
    assert Link.objects.count() == SignIn.objects.count() == 0


def linked(traveller: Traveller, service: str = "other", person: str = VERA) -> int:
    """Link the person's login by one ordinary sign-in; return the account."""
    line = lines.line(number=NUMBER)
    traveller.go(service, person)
    identity.sign_in(traveller.client, line)
    traveller.client.post("/logout/")
    account_id = line_queries.account_of(line.id)
    assert account_id
    return account_id


@pytest.mark.parametrize("service", SERVICES)
def test_id_14_a_login_is_linked_by_one_ordinary_sign_in_and_then_opens_the_cabinet(
    services: Played, traveller: Traveller, service: str
) -> None:
    line = lines.line(number=NUMBER)
    came = traveller.go(service, wanted="/expenses/")
    assert came["Location"] == "/login/linking/?next=%2Fexpenses%2F"
    assert "Вера Северная" in traveller.client.get(came["Location"]).content.decode()
    assert Account.objects.count() == 0
    nobody_came(traveller.client)

    traveller.client.post("/login/", {"number": NUMBER, "next": "/expenses/"})
    entered = traveller.client.post("/login/code/", {"code": identity.last_code(NUMBER)})
    assert "%2Fsecurity%2Flinked%2F" in entered["Location"]
    assert "открывает ваш кабинет" in traveller.client.get("/security/linked/?next=/expenses/").content.decode()
    assert SecurityEvent.objects.filter(kind="link added").count() == 1
    account_id = line_queries.account_of(line.id)

    again = Traveller()
    came = again.go(service, wanted="/expenses/")
    assert came.status_code == 302
    assert again.client.session[SESSION_KEY] == str(account_id)
    assert SignIn.objects.filter(way="social").count() == 1
    assert links.links_of(account_id)[0].used_at is not None
    # Somebody else at the same service is a stranger.
    stranger = Traveller()
    assert stranger.go(service, LEV)["Location"].startswith("/login/linking/")


def test_id_14_a_login_proves_nothing_afresh(services: Played, traveller: Traveller) -> None:
    linked(traveller)
    traveller.go("other")
    assert traveller.client.get("/home/").status_code == 200
    assert traveller.client.get("/statement/")["Location"].startswith("/login/confirm/")


def test_id_14_nothing_of_the_service_is_kept_but_who_it_is(services: Played, traveller: Traveller) -> None:
    account_id = linked(traveller)
    traveller.go("other")
    assert [model.objects.count() for model in (EmailAddress, SocialAccount, SocialApp, SocialToken)] == [0] * 4
    account = Account.objects.get(id=account_id)
    assert (account.email, account.has_usable_password()) == (None, False)


def test_id_14_an_e_mail_of_the_service_opens_nobodys_cabinet(services: Played, traveller: Traveller) -> None:
    """Pre-hijacking: whoever writes another's confirmed address into a service is still a stranger here."""
    line = lines.line(number=NUMBER)
    identity.browser(line)
    Account.objects.update(email="vera@example.test", email_confirmed_at=now())
    services.lies["/openid/userinfo"] = {"sub": VERA, "email": "vera@example.test", "email_verified": True}
    assert traveller.go("other")["Location"].startswith("/login/linking/")
    assert SESSION_KEY not in traveller.client.session
    assert Link.objects.count() == 0


def test_id_14_a_login_that_waits_is_forgotten_when_asked_and_after_ten_minutes(
    services: Played, traveller: Traveller
) -> None:
    line = lines.line(number=NUMBER)
    traveller.go("vk")
    assert "VK" in traveller.client.get("/login/").content.decode()
    assert traveller.client.post("/login/linking/")["Location"] == "/login/?next=%2Fhome%2F"
    identity.sign_in(traveller.client, line)
    assert Link.objects.count() == 0
    late = Traveller()
    late.go("vk")
    with time_machine.travel(now() + timedelta(minutes=11)):
        identity.sign_in(late.client, line)
    assert Link.objects.count() == 0


def test_id_14_a_login_that_opens_another_cabinet_is_taken_from_nobody(services: Played, traveller: Traveller) -> None:
    account_id = linked(traveller)
    other = Traveller()
    identity.sign_in(other.client, lines.line(number="+79000000002"))
    address = address_of(other.client.post("/security/links/add/", {"service": "other"}))
    assert other.client.get(other.choose(address))["Location"] == "/security/linked/?next=%2Fsecurity%2Flinks%2F"
    assert "другой кабинет" in other.client.get("/security/linked/").content.decode()
    assert Link.objects.get().account_id == account_id


def test_id_18_a_sim_replaced_lately_adds_no_login(services: Played, traveller: Traveller) -> None:
    line = lines.line(number=NUMBER)
    start = now() - timedelta(hours=2)
    line_models.Sim.objects.create(
        line_id=line.id, imsi="250010000000001", since=start - timedelta(days=9), until=start
    )
    line_models.Sim.objects.create(line_id=line.id, imsi="250010000000002", since=start)
    traveller.go("vk")
    traveller.client.post("/login/", {"number": NUMBER})
    traveller.client.post("/login/code/", {"code": identity.last_code(NUMBER)})
    assert Link.objects.count() == 0


def test_id_14_the_second_factor_is_asked_after_a_login_too(services: Played, traveller: Traveller) -> None:
    linked(traveller)
    Account.objects.update(has_second_factor=True)
    came = traveller.go("other")
    assert came["Location"] == "/login/second/"
    assert SESSION_KEY not in traveller.client.session
