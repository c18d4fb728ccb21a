"""Pages of numbers that change their operator: the form, the lasting address, the stop, what is owed (CAB-16)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from abonent.domains.billing import products as money
from abonent.domains.customers import actions as customers
from abonent.domains.porting import models, queries
from abonent.domains.porting.bringing import actions as bringing
from abonent.domains.porting.bringing import sims as bringing_sims
from abonent.domains.porting.rules import Owner
from abonent.domains.porting.states import State
from tests.factories import cabinet, identity, network, numbers, orders
from tests.factories import porting as make
from tests.factories.porting import AT, NUMBER, OWNER, WINDOW, Central

pytestmark = pytest.mark.django_db
FORM = {
    "number": "8 900 999-00-01", "tariff": make.TARIFF, "form": "esim", "shop": "", "day": "2026-03-20",
    "family_name": "Орлова", "given_name": "Анна", "patronymic": "Ивановна", "birth_date": "17.05.1990",
    "document": "45 09 №123456", "price_minor": "10000",
}  # fmt: skip


@pytest.fixture(autouse=True)
def central(settings: Any) -> Any:
    network.open_network(settings)
    numbers.open_server(settings)
    make.rules()
    with time_machine.travel(AT, tick=False):
        yield make.open_central(settings)


def form(**known: str) -> dict[str, str]:
    found = queries.in_force(AT.date())
    assert found
    return FORM | {"rules": f"{found.id}"} | known


def typed(client: Client, port: models.PortIn) -> Any:
    """Type the code that came to the number, as the browser that asked for it."""
    challenge = identity.models.Challenge.objects.filter(purpose="porting").latest("created_at").id
    return client.post("/port-in/code/", {"code": make.code(challenge, make.Purpose.PORTING, port.number)})


def asked(client: Client, address: str = "/port-in/", **known: str) -> models.PortIn:
    response = client.post(address, form(**known))
    assert response["Location"] == "/port-in/code/", response.content.decode()
    port = models.PortIn.objects.latest("id")
    assert typed(client, port)["Location"] == f"/port-in/{port.ref}/"
    return port


def test_cab_16_a_newcomer_asks_and_has_a_lasting_address(client: Client, central: Central) -> None:
    port = asked(client)
    address = f"/port-in/{port.ref}/"
    assert queries.port_in(port.ref).state is State.REQUESTED
    stranger = Client()
    page = cabinet.words(stranger, address)
    assert "Заявка принята" in page
    assert NUMBER not in stranger.get(address).content.decode(), "the number is masked on a page without a sign-in"
    assert stranger.get(address)["Cache-Control"] == "private, no-store"
    make.work()
    central.say(port.ref, "accepted")
    make.hear(port.ref)
    bringing_sims.look_after(at=AT)
    assert "Показать код eSIM" in cabinet.words(stranger, address)
    assert cabinet.queries_of(stranger, address) <= 5
    assert "SECRET0" not in stranger.get(address).content.decode()
    with time_machine.travel(AT + timedelta(minutes=2), tick=False):
        assert stranger.post(f"{address}code/", {"for": "esim"})["Location"] == "/port-in/code/"
        shown = typed(stranger, port)
    assert "LPA:1$smdp.test$SECRET0" in shown.content.decode()
    with time_machine.travel(WINDOW - timedelta(hours=24), tick=False):
        late = stranger.post(f"{address}cancel/")
        assert (late.status_code, "Отменить уже нельзя" in late.content.decode()) == (409, True)
    assert stranger.post(f"{address}cancel/")["Location"] == address
    assert queries.port_in(port.ref).state is State.CANCELLING


def test_cab_16_a_wrong_code_asks_for_nothing(client: Client) -> None:
    client.post("/port-in/", form())
    wrong = client.post("/port-in/code/", {"code": "000000"})
    assert wrong.status_code == 200
    assert "id_code_error" in wrong.content.decode()
    port = models.PortIn.objects.get()
    assert port.state == "draft"
    assert "Подтвердите, что номер ваш" in cabinet.words(Client(), f"/port-in/{port.ref}/")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"number": ""}, "Введите номер, который переносите"),
        ({"number": "8 900"}, "10 цифр"),
        ({"family_name": " "}, "Введите фамилию"),
        ({"birth_date": "31.02.1990"}, "дат"),
        ({"document": "1"}, "Введите серию и номер"),
        ({"day": "2026-03-12"}, "Выберите день с 18.03.2026 по 06.09.2026"),
        ({"tariff": "legky-no"}, "id_tariff_error"),
        ({"form": "shop"}, "Выберите салон"),
        ({"price_minor": "1"}, "Цена изменилась"),
        ({"number": "+33 6 12 34 56 78"}, "Наш код на этот номер не дойдёт"),
    ],
)
def test_cab_16_a_form_that_is_wrong_says_how_and_keeps_what_was_typed(
    client: Client, wrong: dict[str, str], said: str
) -> None:
    response = client.post("/port-in/", form(**wrong))
    page = response.content.decode()
    assert response.status_code in (409, 422)
    assert said in page
    assert 'value="Анна"' in page
    assert not models.PortIn.objects.exists()


def test_cab_16_what_is_no_request_and_what_nobody_offers_says_so(client: Client, settings: Any) -> None:
    nobody = f"/port-in/{uuid4()}/"
    assert client.get(nobody).status_code == 404
    assert client.post(f"{nobody}cancel/").status_code == 404
    assert client.post(f"{nobody}code/").status_code == 404
    assert client.get(f"/port-out/{uuid4()}/").status_code == 404
    assert client.post(f"/port-out/{uuid4()}/").status_code == 404
    assert "/port-in/" in client.get("/login/").content.decode()
    settings.PORTING = ""
    assert "перенести номер нельзя" in cabinet.words(client, "/port-in/")
    assert client.post("/port-in/", form()).status_code == 200
    assert "/port-in/" not in client.get("/login/").content.decode()
    assert not models.PortIn.objects.exists()


def test_cab_16_in_the_cabinet_the_contract_pays(client: Client, central: Central) -> None:
    line = orders.rich()
    identity.sign_in(client, line)
    assert client.get("/port-in/")["Location"] == "/port-in/mine/"
    assert "100,00" in cabinet.words(client, "/port-in/new/")
    port = asked(client, "/port-in/new/")
    assert money.available(line.contract_id) == 40_000
    assert f"/port-in/{port.ref}/" in client.get("/port-in/mine/").content.decode()
    assert cabinet.queries_of(client, "/port-in/mine/") <= 8
    make.work()
    central.say(port.ref, "refused", reason="debt")
    make.hear(port.ref)
    page = cabinet.words(client, f"/port-in/{port.ref}/")
    assert "У вашего оператора есть долг" in page
    again = client.get(f"/port-in/new/?again={port.ref}").content.decode()
    assert "900" in again
    assert "останется таким, как вы отправили" in again
    assert not any(said in again for said in (OWNER.document, OWNER.family_name)), "it is shown to nobody"
    assert client.get("/port-in/new/?again=nonsense").status_code == 200


EMPTY = dict.fromkeys(("family_name", "given_name", "patronymic", "birth_date", "document"), "")


def refused(central: Central, ref: Any) -> None:
    make.work()
    central.say(ref, "refused", reason="other owner")
    make.hear(ref)


@pytest.mark.parametrize(
    ("typed_anew", "owner"),
    [
        ({}, OWNER),
        ({"document": "4509 654321"}, replace(OWNER, document="4509654321")),
        ({"family_name": "Орлов"}, replace(OWNER, family_name="Орлов", patronymic="")),
    ],
)
def test_cab_16_whoever_asks_anew_types_only_what_was_wrong(
    client: Client, central: Central, typed_anew: dict[str, str], owner: Owner
) -> None:
    first = asked(client)
    refused(central, first.ref)
    page = client.get(f"/port-in/?again={first.ref}").content.decode()
    assert f'name="again" value="{first.ref}"' in page
    assert OWNER.document not in page
    with time_machine.travel(AT + timedelta(minutes=5), tick=False):
        second = asked(client, **EMPTY | typed_anew, again=f"{first.ref}")
    assert bringing.unseal(second.owner) == owner
    assert models.PortIn.objects.get(id=first.id).owner == ""


def test_cab_16_what_is_kept_of_an_owner_serves_nobody_else(client: Client, central: Central) -> None:
    line = orders.rich()
    identity.sign_in(client, line)
    port = asked(client, "/port-in/new/")
    refused(central, port.ref)
    stranger, other = Client(), "+79009990002"
    for browser, address, number in (
        (stranger, "/port-in/", NUMBER), (client, "/port-in/new/", other),
        (identity.browser(orders.rich()), "/port-in/new/", NUMBER),
    ):  # fmt: skip
        page = browser.post(address, form(**EMPTY, again=f"{port.ref}", number=number))
        assert (page.status_code, "Введите фамилию" in page.content.decode()) == (422, True)
    assert models.PortIn.objects.count() == 1


def test_cab_16_too_little_money_leaves_the_request_to_be_confirmed(client: Client) -> None:
    line = orders.rich(5_000)
    identity.sign_in(client, line)
    client.post("/port-in/new/", form())
    port = models.PortIn.objects.get()
    refused = typed(client, port)
    assert refused.status_code == 409
    assert "50,00" in refused.content.decode()
    assert (money.available(line.contract_id), models.PortIn.objects.get().state) == (5_000, "draft")


def test_cab_16_who_takes_the_number_stands_in_the_cabinet_and_is_stopped_with_one_tap(
    client: Client, central: Central
) -> None:
    line = orders.rich(-30_000)
    customers.change_document(party_id=line.party_id, document=OWNER.document)
    identity.sign_in(client, line)
    before = cabinet.words(client, "/port-out/")
    assert "Долг: 300,00" in before
    assert "/topup/?amount=300" in client.get("/port-out/").content.decode()
    ref = central.want(line.number)
    make.hear(ref)
    page = client.get("/port-out/").content.decode()
    stop_ref = models.PortOut.objects.get(ref=ref).stop_ref
    assert make.DONOR in page
    assert f'action="/port-out/{stop_ref}/"' in page
    assert cabinet.queries_of(client, "/port-out/") <= 34
    stranger = Client()
    assert "Ваш номер забирает другой оператор" in cabinet.words(stranger, f"/port-out/{stop_ref}/")
    assert f"{make.DONOR}</title>" not in stranger.get(f"/port-out/{stop_ref}/").content.decode(), "the page is ours"
    assert stranger.post(f"/port-out/{stop_ref}/")["Location"] == f"/port-out/{stop_ref}/"
    assert "Номер остаётся у нас" in cabinet.words(stranger, f"/port-out/{stop_ref}/")
    assert queries.port_out(stop_ref=stop_ref).state is State.STOPPED


def test_cab_16_a_stop_that_is_too_late_says_whom_to_call(client: Client, central: Central) -> None:
    line = orders.rich()
    customers.change_document(party_id=line.party_id, document=OWNER.document)
    ref = central.want(line.number)
    make.hear(ref)
    make.work(AT + timedelta(hours=12))
    stop_ref = models.PortOut.objects.get(ref=ref).stop_ref
    with time_machine.travel(WINDOW - timedelta(hours=24), tick=False):
        late = client.post(f"/port-out/{stop_ref}/")
    assert late.status_code == 409
    assert "Сразу позвоните нам" in late.content.decode()
    assert queries.port_out(stop_ref=stop_ref).state is State.ACCEPTED


@pytest.mark.django_db(transaction=True)
def test_cab_16_the_pages_are_read_outside_of_any_transaction(client: Client, central: Central) -> None:
    line = orders.rich()
    identity.sign_in(client, line)
    make.hear(central.want(line.number))
    for address in ("/port-out/", "/port-in/mine/", "/port-in/new/"):
        assert client.get(address).status_code == 200
