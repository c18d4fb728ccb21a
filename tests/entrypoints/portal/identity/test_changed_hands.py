"""Drills: a number that was given to somebody else, a SIM in a thief's hands. What opened before opens nothing now."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core import signing
from django.db import connection
from django.test import Client

from abonent.domains.identity import models, temporary
from abonent.domains.identity.factors.models import Passkey
from abonent.domains.identity.models_federation import Link
from abonent.domains.identity.rules import Channel, Purpose
from abonent.domains.lines import queries
from abonent.domains.lines.models import LineAccess
from abonent.domains.lines.network import actions as network
from abonent.domains.lines.network.rules import Noted
from abonent.domains.lines.queries import Line
from abonent.entrypoints.portal.identity import browser
from abonent.foundation.clock import now
from tests.factories import cabinet, identity
from tests.factories import passwords as factory
from tests.factories.passwords import PASSWORD
from tests.factories.statement import VOICE, Used, use

pytestmark = pytest.mark.django_db
NUMBER = "+79000000001"
SECRET_PEER, SHOWN_PEER = "+79165554433", "44-33"
NEW_PASSWORD = "brittle kettle 7"


@pytest.fixture
def line() -> Line:
    """A number with an account, a password, and somebody it called."""
    line = factory.account(cabinet.line(NUMBER))
    use(line, [Used(now() - timedelta(days=1), VOICE, peer=SECRET_PEER, duration_s=60)])
    return line


def signed_in(line: Line) -> Client:
    models.NumberGuard.objects.update(sends=[])
    client = Client()
    client.get("/login/")
    identity.sign_in(client, line)
    return client


def fresh_code(client: Client, address: str = "/login/", **fields: str) -> None:
    models.NumberGuard.objects.update(sends=[])
    client.post(address, {"number": NUMBER} | fields)


def release() -> None:
    assert network.note_released(number=NUMBER, at=now(), key="released") is Noted.DONE


def next_owner() -> Line:
    return cabinet.line(NUMBER)


def is_out(answer: Any) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith("/login/")


def test_id_18_an_old_session_ends_with_the_number(line: Line) -> None:
    old = signed_in(line)
    assert SHOWN_PEER in old.get("/statement/").content.decode()
    address = "/statement/?q=4433"
    release()
    next_owner()
    for page in ("/home/", "/expenses/", address, "/statement.csv", "/security/"):
        answer = old.get(page)
        assert is_out(answer) or answer.status_code == 404, page
    assert models.Session.objects.filter(account_id__isnull=False).count() == 0


def test_id_18_a_code_on_its_way_opens_neither_cabinet(line: Line) -> None:
    waiting = Client()
    fresh_code(waiting)
    code = identity.last_code(NUMBER)
    release()
    next_owner()
    answer = waiting.post("/login/code/", {"code": code})
    assert answer.status_code in (200, 429)
    assert is_out(waiting.get("/home/"))


def test_id_18_a_code_for_a_new_password_dies_too(line: Line) -> None:
    waiting = Client()
    models.NumberGuard.objects.update(sends=[])
    waiting.post("/login/forgot/", {"login": NUMBER, "channel": "sms"})
    code = identity.last_code(NUMBER)
    release()
    next_owner()
    assert waiting.post("/login/forgot/code/", {"code": code}).status_code in (200, 429)
    assert is_out(waiting.get("/login/new-password/"))


def test_id_18_the_old_password_opens_nothing(line: Line) -> None:
    release()
    next_owner()
    client = Client()
    assert client.post("/login/password/", {"login": NUMBER, "password": PASSWORD}).status_code == 200
    assert is_out(client.get("/home/"))


def test_id_18_a_one_time_password_opens_nothing(line: Line) -> None:
    typed = factory.temporary_password(line)
    account = factory.account_of(line)
    release()
    next_owner()
    assert temporary.living_of(account, now()) is None
    assert Client().post("/login/password/", {"login": NUMBER, "password": typed}).status_code == 200


def test_id_18_linked_logins_and_passkeys_of_the_old_owner_are_gone(line: Line) -> None:
    account = factory.account_of(line)
    Link.objects.create(account_id=account, service="vk", uid="1", linked_at=now())
    Passkey.objects.create(
        account_id=account, credential_id="c", user_handle="h", public_key=b"k", sign_count=0, name="n",
        created_at=now(),
    )  # fmt: skip
    release()
    assert Link.objects.count() == Passkey.objects.count() == models.Device.objects.count() == 0


def test_id_18_the_next_owner_has_a_cabinet_of_their_own_and_sees_nothing_of_the_old(line: Line) -> None:
    account = factory.account_of(line)
    release()
    new = next_owner()
    client = signed_in(new)
    assert queries.account_of(new.id) not in (None, account)
    for page in ("/home/", "/expenses/", "/statement/"):
        answer = client.get(page)
        assert answer.status_code == 200
        assert SHOWN_PEER not in answer.content.decode()
    assert client.post("/line/", {"line": str(line.id)}).status_code == 404


def test_id_18_the_locks_of_the_old_owner_do_not_keep_the_next_one_out(line: Line) -> None:
    client = Client()
    for _ in range(3):
        client.post("/login/password/", {"login": NUMBER, "password": "wrong"})
    models.NumberGuard.objects.update_or_create(
        number=NUMBER, defaults={"failures_in_a_row": 100, "seen_at": now(), "failures": [now()] * 10}
    )
    release()
    assert signed_in(next_owner()).get("/home/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_id_18_an_entry_at_the_same_moment_leaves_no_way_into_the_old_cabinet() -> None:
    line = cabinet.line(NUMBER)
    waiting = [Client() for _ in range(4)]
    for client in waiting:
        fresh_code(client)
    code = {id(client): identity.code_of(held_by(client)) for client in waiting}

    def enter(client: Client) -> None:
        try:
            client.post("/login/code/", {"code": code[id(client)]})
        finally:
            connection.close()

    def give_away(_: object) -> None:
        try:
            network.note_released(number=NUMBER, at=now(), key="released")
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        jobs = [pool.submit(enter, client) for client in waiting[:2]]
        jobs.append(pool.submit(give_away, None))
        jobs += [pool.submit(enter, client) for client in waiting[2:]]
        for job in jobs:
            job.result()
    assert LineAccess.objects.filter(line_id=line.id).count() == 0
    assert all(is_out(client.get("/home/")) for client in waiting)


def held_by(client: Client) -> UUID:
    """Return the challenge that the browser holds."""
    name = browser._held_name(Purpose.ENTRY)
    return UUID(signing.loads(client.cookies[name].value, salt=name)[0])


def test_id_18_after_a_sim_swap_an_sms_alone_opens_no_statement_and_sets_no_password(line: Line) -> None:
    network.note_sim_replaced(number=NUMBER, imsi="999010000000001", at=now() - timedelta(hours=1), key="swap")
    thief = signed_in(line)
    assert is_out(thief.get("/statement/"))
    asked = thief.post("/login/confirm/", {"next": "/statement/", "way": "sms"})
    assert asked.status_code == 200, "no code is sent for a fresh proof"
    for address in ("/security/password/", "/security/email/", "/security/factors/", "/security/links/"):
        answer = thief.get(address)
        if answer.status_code == 200:
            continue
        assert is_out(answer), address
    assert Client().post("/login/password/", {"login": NUMBER, "password": PASSWORD}).status_code == 302


def test_id_18_after_a_sim_swap_a_forgotten_password_waits_a_day(line: Line) -> None:
    network.note_sim_replaced(number=NUMBER, imsi="999010000000001", at=now() - timedelta(hours=1), key="swap")
    thief = Client()
    models.NumberGuard.objects.update(sends=[])
    thief.post("/login/forgot/", {"login": NUMBER, "channel": "sms"})
    thief.post("/login/forgot/code/", {"code": identity.last_code(NUMBER)})
    thief.post("/login/new-password/", {"password": NEW_PASSWORD})
    assert Client().post("/login/password/", {"login": NUMBER, "password": NEW_PASSWORD}).status_code == 200
    assert Client().post("/login/password/", {"login": NUMBER, "password": PASSWORD}).status_code == 302
    with time_machine.travel(now() + timedelta(hours=24)):
        owner = Client()
        models.NumberGuard.objects.update(sends=[])
        owner.post("/login/forgot/", {"login": NUMBER, "channel": "sms"})
        owner.post("/login/forgot/code/", {"code": identity.last_code(NUMBER)})
        assert owner.post("/login/new-password/", {"password": NEW_PASSWORD}).status_code == 302
        assert Client().post("/login/password/", {"login": NUMBER, "password": NEW_PASSWORD}).status_code == 302


def test_id_18_a_one_time_password_sent_before_the_swap_is_worth_nothing(line: Line) -> None:
    typed = factory.temporary_password(line)
    network.note_sim_replaced(number=NUMBER, imsi="999010000000001", at=now(), key="swap")
    assert Client().post("/login/password/", {"login": NUMBER, "password": typed}).status_code == 200


def test_id_11_an_envelope_of_the_shop_outlives_the_new_sim(line: Line) -> None:
    typed = factory.temporary_password(line, channel=Channel.PAPER)
    network.note_sim_replaced(number=NUMBER, imsi="999010000000001", at=now(), key="swap")
    assert Client().post("/login/password/", {"login": NUMBER, "password": typed}).status_code == 302


def test_id_19_a_blocked_number_opens_by_password_and_says_what_to_do(line: Line) -> None:
    network.note_unused(number=NUMBER, at=now(), key="unused")
    client = Client()
    fresh_code(client)
    assert models.Challenge.objects.latest("created_at").subject is None
    assert client.post("/login/password/", {"login": NUMBER, "password": PASSWORD}).status_code == 302
    assert "им не пользовались 183 дня" in cabinet.words(client)


def test_a_known_browser_stays_known_after_a_sim_swap(line: Line) -> None:
    own = signed_in(line)
    network.note_sim_replaced(number=NUMBER, imsi="999010000000001", at=now(), key="swap")
    assert own.get("/home/").status_code == 200
    assert models.Device.objects.exists()
