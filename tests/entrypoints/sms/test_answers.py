"""What is answered to SMS from people, and to whom nothing."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from itertools import count

import pytest
import time_machine
from django.contrib.auth.hashers import check_password
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from abonent.domains.identity import models as identity_tables
from abonent.domains.identity import temporary
from abonent.domains.identity.actions import open_account
from abonent.domains.identity.policy import CLASSIC
from abonent.domains.lines import actions as lines_actions
from abonent.domains.lines import models as lines_tables
from abonent.domains.lines.queries import Line, account_of
from abonent.domains.messaging import actions as messaging
from abonent.domains.messaging import delivery, jobs
from abonent.domains.messaging.models import InboundMessage, Message
from abonent.entrypoints.sms import answers
from abonent.foundation import outbox
from abonent.foundation.clock import now
from tests.factories import identity, lines

pytestmark = pytest.mark.django_db
IMSI = "250990000000001"
OWN = "Kemuta-Voridi-42"
_keys = count(1)


def text(sender: str, words: str, *, to: str = "3339", imsi: str = "", key: str = "") -> bool:
    """Let a text come in, and its reaction run."""
    new = messaging.receive(
        channel="sms", sender=sender, recipient=to, text=words, key=key or f"k{next(_keys)}", subscriber=imsi
    )
    if new:
        job = ProcrastinateJob.objects.filter(task_name="react").latest("id")
        outbox.react(**job.args)
    return new


def answered(number: str) -> list[str]:
    return list(Message.objects.filter(recipient=number).order_by("created_at").values_list("template", flat=True))


def sim(line: Line, imsi: str = IMSI, *, days: int = 100) -> None:
    lines_tables.Sim.objects.filter(line_id=line.id, until=None).update(until=now())
    lines_tables.Sim.objects.create(line_id=line.id, imsi=imsi, since=now() - timedelta(days=days))


@pytest.mark.parametrize("word", ["ПАРОЛЬ", "password", "gfhjkm"])
@pytest.mark.parametrize("to", ["3339", "111"])
def test_id_7_the_word_brings_a_temporary_password_that_lives_half_an_hour(word: str, to: str) -> None:
    line = lines.line()
    text(line.number, word, to=to)
    assert answered(line.number) == ["temporary"]
    challenge = identity_tables.Challenge.objects.get()
    assert (challenge.purpose, challenge.number, challenge.subject) == ("temporary", line.number, account_of(line.id))
    assert challenge.expires_at - challenge.created_at == timedelta(minutes=30)
    said = identity.last_text(line.number)
    assert temporary.to_deliver(str(challenge.id), now()) in said  # type: ignore[operator]
    assert "30 минут" in said


def test_id_7_an_account_that_is_there_is_the_one() -> None:
    line = lines.line()
    account_id = open_account(language="ru")
    lines_actions.give_access(line_id=line.id, account_id=account_id, at=now())
    text(line.number, "ПАРОЛЬ")
    assert account_of(line.id) == account_id
    assert identity_tables.Challenge.objects.get(purpose="temporary").subject == account_id


def test_id_7_one_text_is_one_answer_however_often_it_comes() -> None:
    line = lines.line()
    assert text(line.number, "ПАРОЛЬ", key="one")
    assert not text(line.number, "ПАРОЛЬ", key="one")
    answers.answer(InboundMessage.objects.get().pk)
    assert answered(line.number) == ["temporary"]


def test_id_7_sendings_are_those_of_codes_and_too_many_are_said_once() -> None:
    line = lines.line()
    text(line.number, "ПАРОЛЬ")
    for _ in range(3):
        text(line.number, "ПАРОЛЬ")
    assert answered(line.number) == ["temporary", "keyword busy"]
    assert "слишком много" in identity.last_text(line.number)
    with time_machine.travel(now() + timedelta(seconds=61)):
        text(line.number, "ПАРОЛЬ")
        assert answered(line.number)[-1] == "temporary"
        # The same one, so that late messages cannot confuse.
        assert identity_tables.Challenge.objects.count() == 1


def test_id_7_a_password_sent_again_says_how_long_it_still_lives() -> None:
    line, at = lines.line(), now()
    with time_machine.travel(at, tick=False):
        text(line.number, "ПАРОЛЬ")
        first = identity.last_text(line.number)
    with time_machine.travel(at + timedelta(minutes=19, seconds=30), tick=False):
        text(line.number, "ПАРОЛЬ")
        again = identity.last_text(line.number)
    assert first.split()[0] == again.split()[0]
    assert "10 минут" in again


def test_another_text_gets_help_once_an_hour() -> None:
    line = lines.line()
    for words in ("привет", "как дела", "🙂"):
        text(line.number, words)
    assert answered(line.number) == ["keyword help"]
    said = identity.last_text(line.number)
    assert "ПАРОЛЬ" in said
    assert "3339" in said
    assert "25" not in said
    assert "бесплатны" in said
    with time_machine.travel(now() + timedelta(minutes=61)):
        text(line.number, "алло")
    assert answered(line.number) == ["keyword help", "keyword help"]


@pytest.mark.parametrize(
    "sender",
    ["+79009999999", "+79161234567", "+14155550123", "0890", "3339", "Bank-Opora", "ПАРОЛЬ", "", "7900", "+7900000000x",
     "8 900 999 99 99", "+٧٩٠٠٩٩٩٩٩٩٩"],
)  # fmt: skip
@pytest.mark.parametrize("words", ["ПАРОЛЬ", "25 Kemuta-Voridi-42", "привет"])
def test_id_17_whoever_is_not_served_here_gets_no_answer(settings, sender: str, words: str) -> None:  # type: ignore[no-untyped-def]
    settings.POLICY = CLASSIC
    text(sender, words)
    assert not Message.objects.exists()
    assert not identity_tables.Challenge.objects.exists()
    assert not identity_tables.Account.objects.exists()
    assert InboundMessage.objects.get().kept == {}


def test_the_number_written_another_way_is_a_forged_name() -> None:
    line = lines.line()
    text(f"8{line.number[2:]}", "ПАРОЛЬ")
    text(line.number[1:], "ПАРОЛЬ")
    assert not Message.objects.exists()


def test_a_line_that_is_no_telephone_or_is_closed_or_blocked_gets_no_answer() -> None:
    closed, blocked = lines.line(), lines.line()
    lines_tables.Line.objects.filter(id=closed.id).update(closed_at=now())
    lines_tables.Line.objects.filter(id=blocked.id).update(blocked_at=now())
    for number in (closed.number, blocked.number):
        text(number, "ПАРОЛЬ")
    assert not Message.objects.exists()


@pytest.mark.parametrize("imsi", ["", "250990000000002", IMSI[:-1], "ПАРОЛЬ"])
def test_id_18_only_the_sim_that_the_network_knows_speaks_for_the_line(imsi: str) -> None:
    line = lines.line()
    sim(line)
    text(line.number, "ПАРОЛЬ", imsi=imsi)
    assert not Message.objects.exists()
    text(line.number, "ПАРОЛЬ", imsi=IMSI)
    assert answered(line.number) == ["temporary"]


def test_id_18_the_sim_before_the_last_speaks_for_nobody() -> None:
    line = lines.line()
    sim(line, "250990000000009", days=200)
    sim(line, IMSI, days=100)
    text(line.number, "ПАРОЛЬ", imsi="250990000000009")
    assert not Message.objects.exists()


@pytest.mark.parametrize("words", ["ПАРОЛЬ", "25 Kemuta-Voridi-42"])
def test_id_18_after_a_new_sim_the_answer_says_what_is_left_and_holds_no_secret(settings, words: str) -> None:  # type: ignore[no-untyped-def]
    settings.POLICY = CLASSIC
    line = lines.line()
    sim(line, "250990000000009", days=200)
    lines_tables.Sim.objects.filter(line_id=line.id).update(until=now())
    lines_tables.Sim.objects.create(line_id=line.id, imsi=IMSI, since=now() - timedelta(hours=2))
    for _ in range(2):
        text(line.number, words, to="111", imsi=IMSI)
    assert answered(line.number) == ["keyword held"]
    assert not identity_tables.Challenge.objects.exists()
    said = identity.last_text(line.number)
    assert "SIM" in said
    assert "салон" in said


def test_id_18_changed_forwarding_holds_it_as_well() -> None:
    line = lines.line()
    lines_tables.Forwarding.objects.create(line_id=line.id, condition="all", target="+79000000002", since=now())
    text(line.number, "ПАРОЛЬ")
    assert answered(line.number) == ["keyword held"]
    assert "Переадресацию" in identity.last_text(line.number)


@pytest.mark.parametrize("words", ["ПАРОЛЬ", "25 Kemuta-Voridi-42"])
def test_a_protected_cabinet_gets_no_password_and_hears_what_lifts_that(settings, words: str) -> None:  # type: ignore[no-untyped-def]
    settings.POLICY = CLASSIC
    line = lines.line()
    account_id = open_account(language="ru")
    lines_actions.give_access(line_id=line.id, account_id=account_id, at=now())
    identity_tables.Account.objects.filter(id=account_id).update(frozen_at=now())
    text(line.number, words, to="111")
    assert answered(line.number) == ["keyword protected"]
    assert "снимите защиту" in identity.last_text(line.number)
    assert not identity_tables.Challenge.objects.exists()


def test_id_8_by_default_a_password_by_sms_is_refused_with_another_way_and_not_kept() -> None:
    line = lines.line()
    text(line.number, f"25 {OWN}", to="111")
    assert answered(line.number) == ["keyword closed"]
    said = identity.last_text(line.number)
    assert "не сохранили" in said
    assert "ПАРОЛЬ" in said
    row = InboundMessage.objects.get()
    assert (row.text, row.kept) == ("25 •••", {})
    assert not identity_tables.Challenge.objects.exists()


@pytest.mark.parametrize("words", [f"25 {OWN}", f" 25  {OWN} ", f"25{OWN}", f"２５ {OWN}", f"«25 {OWN}»"])
def test_id_8_classic_the_own_password_becomes_a_hash_and_waits_for_the_one_time_one(settings, words: str) -> None:  # type: ignore[no-untyped-def]
    settings.POLICY = CLASSIC
    line = lines.line()
    text(line.number, words, to="111")
    assert answered(line.number) == ["temporary"]
    assert "станет постоянным" in identity.last_text(line.number)
    challenge = identity_tables.Challenge.objects.get()
    assert check_password(OWN, challenge.next_password)
    assert InboundMessage.objects.get().kept == {}


@pytest.mark.parametrize(
    ("password", "problem"),
    [("short", "short"), ("kemutavoridi42", "no capital"), ("Kemuta-Voridi", "no digit"), ("x" * 200 + "A1", "long")],
)
def test_id_8_classic_what_is_wrong_is_found_at_reception_and_kept_for_the_second_sms(  # type: ignore[no-untyped-def]
    settings, password: str, problem: str
) -> None:
    settings.POLICY = CLASSIC
    line = lines.line()
    text(line.number, f"25 {password}", to="111")
    challenge = identity_tables.Challenge.objects.get()
    assert (challenge.next_password, challenge.next_problem) == ("", problem)
    assert answered(line.number) == ["temporary"]


@pytest.mark.parametrize("known", [False, True])
def test_id_8_classic_the_own_number_is_no_password(settings, known: bool) -> None:  # type: ignore[no-untyped-def]
    settings.POLICY = CLASSIC
    line = lines.line()
    if known:
        lines_actions.give_access(line_id=line.id, account_id=open_account(language="ru"), at=now())
    text(line.number, f"25 Aa{line.number[2:]}", to="111")
    assert identity_tables.Challenge.objects.get().next_problem == "own word"


@pytest.mark.parametrize("words", ["25", f"25 «{OWN}»", f"25 <{OWN}>", f"25-{OWN}", "2 5 x"])
def test_id_8_classic_a_form_nobody_can_be_sure_of_is_answered_with_what_to_do(settings, words: str) -> None:  # type: ignore[no-untyped-def]
    settings.POLICY = CLASSIC
    line = lines.line()
    text(line.number, words, to="111")
    assert answered(line.number) == ["keyword form"]
    assert "25, пробел" in identity.last_text(line.number)
    assert InboundMessage.objects.get().text == "25 •••"
    assert not identity_tables.Challenge.objects.exists()


@pytest.mark.parametrize("to", ["3339", "111", "112", "0890", "+79000000009"])
@pytest.mark.parametrize("words", [f"25 {OWN}", f"25{OWN}", f"25 «{OWN}»"])
@pytest.mark.parametrize("policy", ["modern", "classic"])
def test_id_8_the_password_is_stored_and_logged_nowhere(  # type: ignore[no-untyped-def]
    settings, caplog: pytest.LogCaptureFixture, policy: str, words: str, to: str
) -> None:
    if policy == "classic":
        settings.POLICY = CLASSIC
    line = lines.line()
    with caplog.at_level(logging.DEBUG):
        text(line.number, words, to=to)
    assert OWN not in InboundMessage.objects.get().text
    assert OWN not in str(list(ProcrastinateJob.objects.values_list("args", flat=True)))
    assert OWN not in caplog.text


@pytest.mark.parametrize("words", ["123456", OWN, "мой код 4821", "x" * 670, "🙂" * 335, "\0", "26 Password1"])
def test_of_a_text_that_is_not_understood_nothing_is_kept(words: str) -> None:
    line = lines.line()
    text(line.number, words)
    assert InboundMessage.objects.get().text == "•••"
    assert answered(line.number) == ["keyword help"]


def test_a_text_to_somebody_else_is_nobody_s_to_answer_and_is_kept_as_it_is() -> None:
    line = lines.line()
    text(line.number, "ПАРОЛЬ\0", to="0890")
    assert InboundMessage.objects.get().text == "ПАРОЛЬ"
    assert not Message.objects.exists()


def test_what_people_wrote_is_gone_after_thirty_days_and_an_unanswered_hash_after_one() -> None:
    for key, days in (("old", 31), ("young", 29), ("unanswered", 2), ("new", 0)):
        messaging.receive(channel="sms", sender="+79000000001", recipient="0890", text="x", key=key)
        at = now() - timedelta(days=days)
        InboundMessage.objects.filter(key=key).update(received_at=at, kept={"hash": "h"})
    jobs.forget_inbound(0)
    assert dict(InboundMessage.objects.values_list("key", "kept")) == {
        "young": {}, "unanswered": {}, "new": {"hash": "h"},
    }  # fmt: skip


def test_the_answer_is_in_the_language_of_the_person() -> None:
    line = lines.line()
    lines_actions.give_access(line_id=line.id, account_id=open_account(language="en"), at=now())
    text(line.number, "hello")
    assert "We did not understand you" in identity.last_text(line.number)


def test_a_temporary_password_goes_out_through_the_gateway() -> None:
    line = lines.line()
    text(line.number, "ПАРОЛЬ")
    message = Message.objects.get()
    delivery.deliver(message.id)
    message.refresh_from_db()
    assert message.state == "sent"


def clear_jobs() -> None:
    """Empty the queue: its tables are not Django's, which empties its own only."""
    with connection.cursor() as cursor:
        cursor.execute("truncate procrastinate_jobs cascade")


@pytest.mark.django_db(transaction=True)
def test_id_7_many_texts_at_once_make_one_account_and_send_one_password() -> None:
    line = lines.line()
    clear_jobs()
    for place in range(6):
        messaging.receive(channel="sms", sender=line.number, recipient="3339", text="ПАРОЛЬ", key=f"at once {place}")
    ids = list(InboundMessage.objects.values_list("pk", flat=True))
    start = threading.Barrier(2 * len(ids), timeout=60)

    def work(inbound_id: int) -> None:
        start.wait()
        try:
            answers.answer(inbound_id)
        finally:
            connection.close()

    # Each one twice, as after a worker that was thought dead.
    threads = [threading.Thread(target=work, args=[inbound_id]) for inbound_id in ids * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    clear_jobs()
    assert sorted(answered(line.number)) == ["keyword busy", "temporary"]
    assert identity_tables.Account.objects.count() == 1
    assert identity_tables.Challenge.objects.count() == 1


@pytest.mark.parametrize("word", ["НОМЕРА", "numbers", "yjvthf"])
def test_cab_15_the_word_asks_for_number_management_and_is_answered(word: str) -> None:
    mine = lines.line(is_main=False)
    second = lines.line(contract_id=mine.contract_id, is_main=False)
    lines_actions.open_line(line_id=mine.id, language="ru", at=now())
    text(second.number, word)
    request = lines_tables.NumberRequest.objects.get()
    assert (request.number, request.from_number) == (second.number, True)
    assert Message.objects.exclude(state="withheld").get(recipient=second.number).template == "keyword numbers"
    assert "2 рабочих дней" in identity.last_text(second.number)
