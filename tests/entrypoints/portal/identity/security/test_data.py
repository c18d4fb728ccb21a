"""A copy of one's data, and its deletion: asked for, called off, done."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.apps import apps
from django.db import connection, models
from django.db.models import ProtectedError
from django.test import Client
from pypdf import PdfReader

from abonent.domains.identity import erasing as asking
from abonent.domains.identity import freezing
from abonent.domains.identity import models as identity_models
from abonent.domains.identity.rules import EventKind
from abonent.domains.lines import erasing
from abonent.domains.lines import queries as line_queries
from abonent.domains.lines.jobs import erase_accounts
from abonent.domains.lines.queries import Line
from abonent.domains.messaging import actions as messaging
from abonent.domains.messaging.models import InboundMessage, Message
from abonent.domains.support.models import Agent
from abonent.entrypoints.portal.identity.security import copy, copy_summary
from abonent.entrypoints.portal.visitor import Visitor
from abonent.foundation.clock import now
from tests.factories import cabinet, identity, lines, security, statement

pytestmark = pytest.mark.django_db
COPY = "/security/data/copy/"
NUMBER = "+79000000001"

# Tables that stand in no copy, and why.
NOT_IN_A_COPY = {
    # Of nobody: the catalogue, money between accounts (what it was for stands in charges and payments), sources.
    "catalog_tariff": "sold to everybody",
    "catalog_tariffversion": "sold to everybody",
    "catalog_destination": "sold to everybody",
    "catalog_zone": "sold to everybody",
    "catalog_offer": "sold to everybody",
    "voice_tone": "sold to everybody",
    "voice_platformrules": "the rules of tones as they were told to who plays them",
    "catalog_offercategory": "sold to everybody",
    "catalog_offerversion": "sold to everybody",
    "ledger_account": "the sums stand in charges and payments",
    "ledger_pending": "what is held and for how long is told where it was ordered",
    "ledger_transfer": "the sums stand in charges and payments",
    "billing_rerating": "work to be done, gone within minutes",
    "billing_feescharged": "the fees stand in charges",
    "billing_productfees": "the fees stand in charges",
    "billing_registry": "files of the gateway, of nobody in particular",
    "billing_registrymatch": "which payment stood in which file; the payments are there themselves",
    "lines_devicemodel": "handed out to everybody on the same terms",
    "support_act": "papers of things that were handed out; the things stand with their lines",
    "support_draft": "written by staff, about what is sold and said",
    "support_draftstep": "who of staff did what with a draft",
    "billing_registrydifference": "what accounting looks into; the payments are there themselves",
    "payments_notice": "a word of the bank's, gone after 90 days; what came of it stands in payments",
    "billing_cashbackpartner": "of a shop",
    "billing_cashbackterms": "terms of a shop, the same for everybody",
    "billing_promisedrules": "terms of the operator, the same for everybody",
    "billing_idlerules": "terms of the operator, the same for everybody",
    "catalog_offerword": "sold to everybody",
    "lines_freenumber": "of nobody; whoever looks at one keeps it from others for minutes",
    "lines_awaynumber": "of a number that nobody here has",
    "porting_portingrules": "terms of the operator, the same for everybody",
    "lines_sparecard": "of nobody until a line has it",
    "orders_numberrules": "terms of the operator, the same for everybody",
    "orders_simrules": "terms of the operator, the same for everybody",
    "help_topic": "texts of the operator, the same for everybody",
    "help_question": "texts of the operator, the same for everybody",
    "help_word": "words of those texts",
    "help_helped": "counters of a day, of nobody in particular",
    "help_contact": "of the operator",
    "help_city": "of the operator",
    "help_shop": "of the operator",
    "support_visitterms": "terms of the operator, the same for everybody",
    "support_visitbooking": "a place in a window; whose it is stands with the visit",
    "orders_providersuspension": "of a company",
    "catalog_provider_version": "of a company",
    "orders_blockrules": "terms of the operator, the same for everybody",
    "billing_pricereason": "why the operator changed a tariff, the same for everybody",
    "usage_parked": "records of a number that nobody has",
    # Counters and marks that keep guessing out: times, hashes, for two days at most.
    "identity_numberguard": "a counter",
    "identity_passwordguard": "a counter",
    "identity_sendflow": "a counter",
    "identity_factorguard": "a counter",
    "identity_captcha": "lives for minutes",
    "identity_challenge": "lives for two days; what was sent stands in messages",
    "identity_spentchallenge": "a hash, so that nothing is used twice",
    "identity_usedticket": "a hash, so that nothing is used twice",
    # Of members of staff, or of the work between them.
    "support_agent": "of a member of staff",
    "support_approval": "a word between members of staff; what it led to stands in what staff did",
    "support_provider_proposal": "a word between members of staff, about a company",
    "support_entryguard": "a counter, of logins of staff",
    "support_partyguard": "a counter",
    "audit_entry": "sealed evidence about members of staff; what they did stands in what staff did",
}


def visitor(line: Line) -> Visitor:
    account_id = line_queries.account_of(line.id)
    assert account_id
    return Visitor(account_id, line_queries.of_account(account_id), line, line.id)


def opened(client: Client) -> zipfile.ZipFile:
    answer = client.post(COPY)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]


def test_id_19_the_copy_holds_what_is_held_on_the_person_and_nothing_of_others() -> None:
    line, stranger = cabinet.line(NUMBER), cabinet.line("+79000000777")
    client = security.browser(line)
    statement.use(line, [statement.Used(now(), peer="+79160000001", amount_minor=250, duration_s=332)])
    statement.use(stranger, [statement.Used(now(), peer="+79160000002", amount_minor=250, duration_s=332)])
    messaging.send(recipient=NUMBER, template="security", params={"kind": "exported"}, language="ru")
    messaging.send(recipient=stranger.number, template="security", params={"kind": "exported"}, language="ru")
    archive = opened(client)
    assert archive.testzip() is None
    files = {name: archive.read(name) for name in archive.namelist()}
    held = {name: json.loads(content) for name, content in files.items() if name.endswith(".json")}
    assert [row["number"] for row in held["lines.json"]] == [NUMBER]
    assert [row["peer"] for row in held["usage.json"]] == ["+79160000001"]
    assert held["usage.json"][0]["kind"] == "voice"
    assert held["person.json"][0]["family_name"] == "Орлова"
    assert len(held["charges.json"]) == 1
    assert len(held["messages.json"]) == 1
    assert held["sign-ins.json"]
    assert [row["kind"] for row in held["changes.json"]] == ["exported"]
    whole = b"".join(files[name] for name in held)
    assert stranger.number.encode() not in whole
    assert b"+79160000002" not in whole
    assert b"argon2" not in whole
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(files["summary.pdf"])).pages)
    assert "Что мы о вас храним" in text
    assert "usage.json · 1" in text


def test_id_19_a_number_on_anothers_contract_gives_its_own_data_only() -> None:
    main = cabinet.line(NUMBER)
    child = cabinet.another(main, "+79000000002", "legky")
    security.browser(main)
    held = {name: json.loads((archive := opened(security.browser(child))).read(name)) for name in ("person.json",)}
    assert held["person.json"] == []
    assert json.loads(archive.read("contracts.json")) == []
    assert [row["number"] for row in json.loads(archive.read("lines.json"))] == [child.number]


def test_id_19_a_copy_asks_for_a_fresh_proof_and_is_written_down() -> None:
    client = security.browser(lines.line(), by=None)
    for answer in (client.get("/security/data/"), client.post(COPY)):
        assert answer["Location"].startswith("/login/confirm/")
    account = security.account_of(client)
    assert not identity_models.SecurityEvent.objects.filter(account=account).exists()
    opened(security.browser(line_queries.of_account(account.pk)[0], mark="b"))
    assert identity_models.SecurityEvent.objects.filter(account=account, kind=EventKind.EXPORTED).count() == 1


def test_id_19_a_fourth_copy_a_day_waits() -> None:
    client = security.browser(lines.line())
    for _ in range(3):
        opened(client)
    refused = client.post(COPY)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 23 * 3600
    assert "три раза в сутки" in refused.content.decode()
    assert identity_models.SecurityEvent.objects.filter(kind=EventKind.EXPORTED).count() == 3


def test_perf_the_copy_takes_the_same_memory_whatever_its_size() -> None:
    peaks = []
    # The first time much is only read in: fonts, words, plans.
    for number, rows in (("+79000000001", 1), ("+79000000777", 1_000), ("+79000000778", 15_000)):
        line = cabinet.line(number)
        security.browser(line)
        start = now()
        statement.use(line, [statement.Used(start - timedelta(seconds=n), peer=f"+7916{n:07}") for n in range(rows)])
        tracemalloc.start()
        with copy.write(copy.parts(visitor(line), None), visitor(line), now()) as file:
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
            assert len(json.loads(zipfile.ZipFile(file).read("usage.json"))) == rows
    assert peaks[2] - peaks[1] < 2 * 1024 * 1024


def decided() -> dict[str, str]:
    """Return every table of ours with what is decided about it."""
    line = cabinet.line(NUMBER)
    security.browser(line)
    found = copy.parts(visitor(line), None)
    return NOT_IN_A_COPY | {table: part.name for part in found for table in part.tables}


def test_id_19_every_table_stands_in_the_copy_or_is_left_out_for_a_reason() -> None:
    ours = {
        model._meta.db_table
        for model in apps.get_models()
        if model.__module__.startswith(("abonent.domains.", "abonent.foundation."))
    }
    known = decided()
    assert not ours - set(known), "decide what a copy of a person's data holds of these"
    assert not set(known) - ours, "there is no such table any more"


def test_every_file_of_the_copy_is_explained() -> None:
    line = cabinet.line(NUMBER)
    security.browser(line)
    assert [part.name for part in copy.parts(visitor(line), None)] == list(copy_summary.names())


def marked_account() -> tuple[Client, Line]:
    """Return somebody whose data can be told wherever they lie."""
    line = cabinet.line(NUMBER)
    client = security.browser(line, mark="marked", agent="MarkedAgent/7 Chrome Windows")
    account = security.account_of(client)
    identity_models.Account.objects.filter(id=account.pk).update(email="marked@example.org")
    security.event(account.pk, EventKind.EMAIL_SET)
    identity.challenge(NUMBER)
    for recipient in (NUMBER, "marked@example.org"):
        messaging.send(
            channel="sms" if recipient == NUMBER else "email", recipient=recipient, template="security",
            params={"kind": "exported", "agent": "MarkedAgent"}, language="ru",
        )  # fmt: skip
    InboundMessage.objects.create(
        key=str(uuid4()), channel="sms", sender=NUMBER, recipient="3339", text="marked", received_at=now()
    )
    return client, line


def kept_of(account_id: int) -> set[str]:
    """Return the tables that still hold a mark of the person, outside contracts and lines."""
    found = set()
    for model in apps.get_models():
        table = model._meta.db_table
        if not model.__module__.startswith(("abonent.domains.", "abonent.foundation.")):
            continue
        columns = [
            field.column
            for field in model._meta.local_fields
            if isinstance(field, models.CharField | models.TextField | models.JSONField)
        ]
        marks = [f"{column}::text ~* 'marked|79000000001'" for column in columns]
        marks += [
            f"{field.column} = {account_id}"
            for field in model._meta.local_fields
            if field.is_relation and field.related_model is identity_models.Account
        ]
        if not marks:
            continue
        with connection.cursor() as cursor:
            cursor.execute(f'select exists (select from "{table}" where {" or ".join(marks)})')
            if cursor.fetchone()[0]:
                found.add(table)
    return found


# The contract goes on; the one message that says that it is done; counters of the number, for two days.
STAYS = {"lines_line", "messaging_message", "identity_numberguard"}


def test_id_19_deletion_leaves_nothing_but_the_contract_and_the_number_opens_a_fresh_cabinet() -> None:
    client, line = marked_account()
    account_id = security.account_of(client).pk
    client.post("/security/erasure/ask/")
    erase_accounts(timestamp=0)
    assert identity_models.Account.objects.filter(id=account_id).exists(), "not before its day"
    with time_machine.travel(now() + timedelta(days=7, minutes=1)):
        erase_accounts(timestamp=0)
        erase_accounts(timestamp=0)
        assert not identity_models.Account.objects.filter(id=account_id).exists()
        assert kept_of(account_id) <= STAYS
        last = Message.objects.get()
        assert (last.recipient, last.template, last.params) == (NUMBER, "erased", {})
        assert "Ваш кабинет удалён" in identity.last_text(NUMBER)
        assert client.get("/home/")["Location"].startswith("/login/")
        assert line_queries.served_by_number(NUMBER)
        anew = security.browser(line)
        assert security.account_of(anew).pk != account_id
        assert "Ваш кабинет удалён" not in anew.get("/security/").content.decode()


def test_id_19_a_failure_in_the_middle_deletes_nothing() -> None:
    client, _line = marked_account()
    account_id = security.account_of(client).pk
    asking.ask(account_id=account_id, at=now() - timedelta(days=8))
    messages = Message.objects.count()
    # A member of staff is not deleted: the database refuses, after the messages are gone already.
    staff = Agent.objects.create(
        account_id=account_id, login="anna", name="Anna", roles=[], created_at=now(), sessions_from=now()
    )
    with pytest.raises(ProtectedError):
        erasing.erase(account_id=account_id, at=now())
    assert identity_models.Account.objects.filter(id=account_id).exists()
    assert Message.objects.count() == messages
    staff.delete()
    assert erasing.erase(account_id=account_id, at=now())
    assert not erasing.erase(account_id=account_id, at=now())


def test_id_19_messages_to_a_number_with_a_cabinet_of_its_own_stay() -> None:
    main = cabinet.line(NUMBER)
    child = cabinet.another(main, "+79000000002", "legky")
    account_id = security.account_of(security.browser(main)).pk
    security.browser(child)
    messaging.send(recipient=child.number, template="security", params={"kind": "exported"}, language="ru")
    asking.ask(account_id=account_id, at=now() - timedelta(days=8))
    assert erasing.erase(account_id=account_id, at=now())
    assert Message.objects.filter(recipient=child.number).exists()


def test_id_19_deletion_is_asked_for_with_a_fresh_proof_once_and_called_off_at_any_time() -> None:
    line = lines.line(number=NUMBER)
    client = security.browser(line)
    assert (
        security.browser(line, mark="b", by=None)
        .post("/security/erasure/ask/")["Location"]
        .startswith("/login/confirm/")
    )
    assert "ещё 3 года после" in cabinet.words(client, "/security/erasure/ask/")
    assert client.post("/security/erasure/ask/")["Location"] == "/security/erasure/"
    asked = security.account_of(client).erase_at
    client.post("/security/erasure/ask/")
    assert security.account_of(client).erase_at == asked
    assert client.get("/security/erasure/ask/")["Location"] == "/security/erasure/"
    assert "Кабинет будет удалён" in cabinet.words(client, "/security/erasure/")
    assert "Кабинет будет удалён" in cabinet.words(client, "/home/")
    assert client.post("/security/erasure/")["Location"] == "/security/erasure/?kept"
    assert "Удаление отменено" in cabinet.words(client, "/security/erasure/?kept")
    assert security.account_of(client).erase_at is None
    kinds = identity_models.SecurityEvent.objects.values_list("kind", flat=True)
    assert sorted(kinds) == ["erasure asked", "erasure undone", "new device"]


def test_id_19_any_sign_in_shows_that_the_cabinet_is_to_be_deleted() -> None:
    line = lines.line(number=NUMBER)
    asking.ask(account_id=security.account_of(security.browser(line)).pk, at=now())
    fresh = Client()
    fresh.post("/login/", {"number": NUMBER})
    entered = fresh.post("/login/code/", {"code": identity.last_code(NUMBER)})
    assert entered["Location"] == "/security/erasure/?next=%2Fhome%2F"
    assert 'href="/home/"' in fresh.get(entered["Location"]).content.decode()


def test_sec_saying_that_it_was_not_me_calls_the_deletion_off() -> None:
    client = security.browser(lines.line())
    account = security.account_of(client)
    asking.ask(account_id=account.pk, at=now())
    event = identity_models.SecurityEvent.objects.get(kind=EventKind.ERASURE_ASKED)
    freezing.freeze(account_id=account.pk, event_id=event.pk, at=now())
    with time_machine.travel(now() + timedelta(days=8)):
        erase_accounts(timestamp=0)
    assert identity_models.Account.objects.filter(id=account.pk).exists()
