"""Numbers that change their operator in the consoles (CAB-16): the queue, cards, refusals, whose wish it is."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine

from abonent.domains.porting import models, queries
from abonent.domains.porting.rules import Form
from abonent.domains.porting.states import State
from abonent.domains.support.rules import Role
from abonent.foundation.audit.models import Entry
from tests.factories import network, numbers, orders, support
from tests.factories import porting as make
from tests.factories.cabinet import queries_of, words
from tests.factories.porting import AT, NUMBER, OWNER, Central

pytestmark = pytest.mark.django_db
QUEUE = "/staff/porting/"


@pytest.fixture(autouse=True)
def central(settings: Any) -> Any:
    network.open_network(settings)
    numbers.open_server(settings)
    make.rules()
    with time_machine.travel(AT, tick=False):
        yield make.open_central(settings)


def test_cab_16_a_shop_hands_a_card_out_and_the_contact_centre_does_not(central: Central) -> None:
    ref = make.accepted(central, form=Form.SHOP, shop=numbers.SHOP)
    port = models.PortIn.objects.get(ref=ref)
    address = f"{QUEUE}in/{port.id}/"
    shop, centre = (support.browser(support.agent(role)) for role in (Role.SHOP, Role.CONTACT_CENTRE))
    given = {"act": "card", "iccid": numbers.CARD, "document": "45 09 123456"}
    assert centre.post(address, given).status_code == 409
    assert "Выдать карту" not in words(centre, address)
    assert "Выдать карту" in words(shop, address)
    assert NUMBER not in shop.get(QUEUE).content.decode()
    assert shop.post(address, given | {"document": "45 09 000000"}).status_code == 409
    assert shop.post(address, given | {"iccid": "123"}).status_code == 409
    assert models.PortIn.objects.get(ref=ref).iccid == ""
    assert shop.post(address, given)["Location"] == f"{QUEUE}?done"
    assert models.PortIn.objects.get(ref=ref).iccid == numbers.CARD
    assert Entry.objects.filter(action="port-in card handed out").count() == 1
    assert shop.post(f"{QUEUE}in/{2**63}/", given).status_code == 404


def test_cab_16_a_refusal_is_asked_anew_or_worked_off(central: Central) -> None:
    refs = [make.accepted(central)]
    central.say(refs[0], "refused", reason="other owner")
    make.hear(refs[0])
    port = models.PortIn.objects.get(ref=refs[0])
    address = f"{QUEUE}in/{port.id}/"
    client = support.browser(support.agent(Role.CONTACT_CENTRE))
    assert "там другой владелец" in words(client, QUEUE)
    assert queries_of(client, QUEUE) <= 12
    given = {
        "act": "again", "family_name": "Орлова", "given_name": "Анна", "patronymic": "", "birth_date": "17.05.1990",
        "document": "45 09 123456",
    }  # fmt: skip
    assert client.post(address, given | {"document": ""}).status_code == 422
    assert models.PortIn.objects.count() == 1
    assert client.post(address, given)["Location"] == f"{QUEUE}?done"
    again = models.PortIn.objects.exclude(ref=refs[0]).get()
    assert queries.port_in(again.ref).state is State.REQUESTED
    make.work()
    assert central.heard[-1][2].document == OWNER.document  # type: ignore[attr-defined]
    central.say(again.ref, "refused", reason="debt")
    make.hear(again.ref)
    assert client.post(f"{QUEUE}in/{again.id}/", {"act": "nonsense"}).status_code == 404
    models.PortIn.objects.filter(id=again.id).update(seen_by="")
    assert client.post(f"{QUEUE}in/{again.id}/", {"act": "seen"})["Location"] == f"{QUEUE}?done"
    assert "Сейчас к нам ничего не переносят" in words(client, QUEUE)
    acts = set(Entry.objects.values_list("action", flat=True))
    assert {"port-in asked anew", "port-in worked off"} <= acts


def test_cab_16_without_a_document_staff_say_whose_wish_it_is_once(central: Central) -> None:
    line = orders.rich()
    ref = central.want(line.number)
    make.hear(ref)
    port = models.PortOut.objects.get(ref=ref)
    client = support.browser(support.agent(Role.CONTACT_CENTRE))
    assert "Владелец просил" in words(client, QUEUE)
    address = f"{QUEUE}out/{port.id}/"
    assert client.post(address, {"answer": "perhaps"}).status_code == 404
    assert client.post(address, {"answer": "no"})["Location"] == f"{QUEUE}?done"
    assert client.post(address, {"answer": "yes"}).status_code == 409
    assert queries.port_out(stop_ref=port.stop_ref).state is State.REFUSED
    make.work()
    assert central.states[ref].reason == "other owner"
    judged = Entry.objects.get(action="port-out judged")
    assert judged.on_behalf_of == f"party {line.party_id}"
