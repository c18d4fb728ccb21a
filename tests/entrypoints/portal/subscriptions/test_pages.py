"""The pages of subscriptions (CAB-11): what they cost, consent, stop one and all, ban, content account, disputes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.test import Client

from abonent.domains.billing.content import queries as content_queries
from abonent.domains.identity import freezing
from abonent.domains.lines import models as lines_models
from abonent.domains.lines.network import actions as network
from abonent.domains.lines.queries import Line
from abonent.domains.orders import models
from abonent.domains.orders.subscriptions import actions as subscriptions
from abonent.domains.orders.subscriptions.rules import TERMS, State
from abonent.domains.support.models import Dispute
from tests.factories import cabinet, promised, security
from tests.factories import subscriptions as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
HERE = "/subscriptions/"
# Session, lines; subscriptions, what they cost, the ban; the content account and the balance.
QUERIES_MAX = 15


@pytest.fixture
def today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def subscriber() -> tuple[Line, Client]:
    make.publish(make.OTHER)
    line = cabinet.line()
    promised.pay(line, 100_000, at=NOW - timedelta(days=1))
    return line, security.browser(line)


def begun(line: Line, service: str = "horoscope", **known: object) -> UUID:
    return make.begun(line, service, at=NOW, **known).id


def assert_says(text: str, *said: str) -> None:
    plain = text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert not [one for one in said if one not in plain], plain[-2500:]


def hidden(client: Client, address: str) -> dict[str, str]:
    return dict(
        re.findall(
            r'type="hidden" name="(id|line|ban|amount|way)" value="([^"]*)"', client.get(address).content.decode()
        )
    )


def test_cab_11_sends_strangers_to_sign_in() -> None:
    line, _ = subscriber()
    one = begun(line)
    for address in (HERE, f"{HERE}{one}/", f"{HERE}{one}/stop/", f"{HERE}stop-all/", f"{HERE}ban/", f"{HERE}account/",
                    f"{HERE}{one}/disagree/"):  # fmt: skip
        assert Client().get(address)["Location"].startswith("/login/?next=")
        assert Client().post(address).status_code in (302, 405)
    assert make.now(one).state is State.ACTIVE


def test_cab_11_shows_what_each_costs_how_it_was_agreed_to_and_where_each_charge_is_explained() -> None:
    line, client = subscriber()
    one = begun(line, "films")
    assert f'href="{HERE}"' in client.get("/services/").content.decode()
    assert_says(
        cabinet.words(client, HERE), "Кино · Звёзды", "70,00 ₽ в неделю", "Следующее списание: 29 ноября",
        "Оплачено всего: 70,00 ₽", "Отключить все", "Запретить новые", "Контентный счёт", "СТОП ВСЕ на 3339",
    )  # fmt: skip
    page = client.get(f"{HERE}{one}/").content.decode()
    assert_says(
        cabinet.words(client, f"{HERE}{one}/"), "запрос провайдера", "на странице по ссылке", "••••••", "с НДС", "3300",
        "8 800 000-00-01",
    )  # fmt: skip
    [address] = set(re.findall(r'href="(/statement/charge/[^"]+)"', page))
    assert_says(
        cabinet.words(client, address), "Подписка партнёра", "Кино · Звёзды", "Основной баланс",
        "Цена за неделю, 70,00 ₽ с НДС",
    )  # fmt: skip
    assert_says(cabinet.words(client, "/expenses/"), "Подписки партнёров")
    assert_says(cabinet.words(client, "/statement/"), "Кино · Звёзды")
    assert_says(cabinet.words(client), "Кино · Звёзды")


def test_cab_11_a_stop_is_told_before_and_is_never_one_tap() -> None:
    line, client = subscriber()
    one = begun(line, "films")
    stop = f"{HERE}{one}/stop/"
    assert_says(
        cabinet.words(client, stop), "Отключить «Кино · Звёзды»?", "Вернётся за неиспользованные дни", "60,00 ₽"
    )
    assert make.now(one).state is State.ACTIVE
    for _ in range(2):
        assert client.post(stop)["Location"] == f"{HERE}{one}/?stopped"
    assert_says(cabinet.words(client, f"{HERE}{one}/?stopped"), "отключено в кабинете", "Возвращено", "60,00 ₽")
    assert client.get(stop)["Location"] == f"{HERE}{one}/"
    assert make.balance(line) == 99_000


def test_cab_11_stop_all_says_what_became_of_each_once_at_an_address_that_stays() -> None:
    line, client = subscriber()
    begun(line, "films")
    begun(line)
    make.ask(line, "music", at=NOW, provider=make.OTHER)
    form = hidden(client, f"{HERE}stop-all/")
    for _ in range(2):
        answer = client.post(f"{HERE}stop-all/", form)
        assert answer["Location"] == f"{HERE}stopped/{form['id']}/"
    assert_says(
        cabinet.words(client, answer["Location"]), "3 подписки", "вернулось 60,00 ₽", "работает до конца 22 ноября",
        "Отказано, ничего не списано",
    )  # fmt: skip
    assert client.get(f"{HERE}stop-all/")["Location"] == HERE
    for wrong in ({}, {"id": "x", "line": f"{line.id}"}, {"id": str(uuid4()), "line": "0"}):
        assert client.post(f"{HERE}stop-all/", wrong).status_code == 404
    assert client.get(f"{HERE}stopped/{uuid4()}/").status_code == 404


def test_cab_11_a_ban_is_explained_and_what_it_refused_is_shown() -> None:
    line, client = subscriber()
    assert_says(cabinet.words(client, f"{HERE}ban/"), "получит отказ", "бесплатно")
    assert client.post(f"{HERE}ban/", hidden(client, f"{HERE}ban/"))["Location"] == f"{HERE}?banned"
    make.ask(line, at=NOW)
    assert_says(cabinet.words(client, f"{HERE}?banned"), "Запрещены с 22 ноября 2026", "Отказано", "Гороскоп · Звёзды")
    assert client.post(f"{HERE}ban/", {"ban": "maybe", "line": f"{line.id}"}).status_code == 404
    assert models.ContentBan.objects.filter(until=None).count() == 1
    client.post(f"{HERE}ban/", hidden(client, f"{HERE}ban/"))
    assert not models.ContentBan.objects.filter(until=None).exists()


def test_cab_11_the_link_shows_a_masked_number_and_only_the_code_begins_it() -> None:
    line, client = subscriber()
    asked = make.ask(line, at=NOW)
    address, stranger = f"/subscribe/{asked}/", Client()
    text = cabinet.words(stranger, address)
    assert_says(text, "Гороскоп · Звёзды", "5,00 ₽ в день", "с НДС", "СТОП на 3300")
    assert line.number not in text
    assert line.number[-7:] not in re.sub(r"\D", "", text)
    wrong = stranger.post(address, {"code": "12"})
    assert wrong.status_code == 400
    assert_says(wrong.content.decode(), "осталось попыток: 2", "Ошибка:")
    assert make.now(asked).state is State.ASKED
    done = stranger.post(address, {"code": f" {make.code(asked)[:3]} {make.code(asked)[3:]}"})
    assert_says(done.content.decode(), "Вы согласились на эту подписку")
    assert make.now(asked).state is State.ACTIVE
    assert stranger.post(address, {"code": make.code(asked)}).status_code == 409
    assert make.charges(line) == [("partner-fee", 500)]
    assert stranger.get(f"/subscribe/{uuid4()}/").status_code == 404
    assert client.get(HERE).status_code == 200


def test_cab_11_after_a_new_sim_the_link_and_the_cabinet_say_why_nothing_begins() -> None:
    line, client = subscriber()
    asked, why = make.ask(line, at=NOW), "SIM-карта или переадресация этого номера недавно изменилась"
    assert why not in cabinet.words(client, HERE)
    lines_models.Sim.objects.create(line_id=line.id, imsi="250990000000042", since=line.opened_at)
    network.note_sim_replaced(number=line.number, imsi="250990000000077", at=NOW - timedelta(hours=1), key="sim")
    refused = Client().post(f"/subscribe/{asked}/", {"code": make.code(asked)})
    assert refused.status_code == 409
    assert_says(refused.content.decode(), why, "Ошибка:")
    assert_says(cabinet.words(client, HERE), why)
    assert (make.now(asked).state, make.charges(line)) == (State.ASKED, [])


def test_cab_11_in_a_protected_cabinet_the_link_and_the_cabinet_say_why_nothing_begins() -> None:
    line, client = subscriber()
    asked, account = make.ask(line, at=NOW), security.account_of(client)
    freezing.freeze(account_id=account.pk, event_id=None, at=NOW, keep=client.session.session_key, by="agent:1")
    why = "Кабинет этого номера под защитой"
    refused = Client().post(f"/subscribe/{asked}/", {"code": make.code(asked)})
    assert refused.status_code == 409
    assert_says(refused.content.decode(), why)
    assert_says(cabinet.words(client, HERE), why)
    assert (make.now(asked).state, make.charges(line)) == (State.ASKED, [])


def test_cab_11_what_waits_is_refused_with_a_press() -> None:
    line, client = subscriber()
    asked = make.ask(line, at=NOW)
    assert_says(cabinet.words(client, HERE), "Ждут вашего решения", "ничего не спишется")
    assert client.post(f"{HERE}{asked}/decline/")["Location"] == f"{HERE}?declined"
    assert make.now(asked).state is State.DECLINED
    assert Client().post(f"/subscribe/{asked}/", {"code": make.code(asked)}).status_code == 409


def test_cab_11_the_content_account_is_switched_filled_and_emptied_with_receipts() -> None:
    line, client = subscriber()
    account = f"{HERE}account/"
    assert client.post(f"{account}switch/", {"account": "on", "line": f"{line.id}"})["Location"] == f"{account}?on"
    confirm = f"{account}confirm/?amount=100&way=to"
    assert_says(cabinet.words(client, confirm), "Перевести деньги?", "900,00 ₽", "100,00 ₽", "бесплатно")
    form = hidden(client, confirm)
    for _ in range(2):
        receipt = client.post(f"{account}confirm/", form)["Location"]
        assert receipt == f"{account}{form['id']}/"
    assert_says(cabinet.words(client, receipt), "Контентный счёт пополнен", "100,00 ₽")
    assert content_queries.standing(line.contract_id).balance_minor == 10_000
    begun(line)
    assert content_queries.standing(line.contract_id).balance_minor == 9_500
    assert make.balance(line) == 90_000
    back = hidden(client, f"{account}confirm/?amount=95&way=back")
    client.post(f"{account}confirm/", back)
    assert (content_queries.standing(line.contract_id).balance_minor, make.balance(line)) == (0, 99_500)
    assert_says(cabinet.words(client, "/payments/"), "Пока")


@pytest.mark.parametrize(
    ("amount", "way", "status", "said"),
    [
        ("", "to", 400, "Введите"), ("сто", "to", 400, "Введите"), ("-5", "to", 400, ""), ("0", "to", 400, ""),
        ("1,001", "to", 400, ""), ("2000", "to", 409, "не хватает 1 000,00"), ("15001", "to", 409, "не больше"),
        ("1", "back", 409, "не хватает 1,00"), ("1" * 50, "to", 400, ""),
    ],
)  # fmt: skip
def test_cab_11_a_wrong_sum_is_told_at_its_field_kept_and_moves_nothing(
    amount: str, way: str, status: int, said: str
) -> None:
    line, client = subscriber()
    given = {"amount": amount, "way": way}
    for answer in (
        client.get(f"{HERE}account/confirm/", given),
        client.post(f"{HERE}account/confirm/", {**given, "id": str(uuid4()), "line": f"{line.id}"}),
    ):
        assert answer.status_code == status
        text = answer.content.decode()
        assert_says(text, said, 'id="id_amount_error"', f'value="{amount[:40]}"')
    assert (make.balance(line), content_queries.standing(line.contract_id).balance_minor) == (100_000, 0)


def test_cab_11_who_did_not_agree_gets_the_money_at_once_the_first_time_and_a_person_the_second() -> None:
    line, client = subscriber()
    one, other = begun(line, "films"), begun(line, "films", provider=make.OTHER)
    address = f"{HERE}{one}/disagree/"
    assert_says(cabinet.words(client, address), "за последние 30 дней", "до 1 000,00 ₽", "запрос провайдера")
    assert client.post(address, {"comment": ""})["Location"] == f"{HERE}{one}/?disagreed"
    assert client.post(address)["Location"] == f"{HERE}{one}/"
    assert (make.now(one).state, make.now(one).back_minor, make.balance(line)) == (State.ENDED, 7_000, 93_000)
    assert not Dispute.objects.exists()
    to = client.post(f"{HERE}{other}/disagree/", {"comment": "не подписывался"})["Location"]
    row = Dispute.objects.get()
    assert to == f"/disputes/{row.pk}/?new"
    assert row.comment.endswith(": не подписывался")
    assert (row.reason, make.now(other).state, make.balance(line)) == ("not ordered", State.ENDED, 93_000)
    assert_says(cabinet.words(client, to), "Подписки партнёров")


def test_cab_11_another_s_subscription_is_not_there() -> None:
    line, _ = subscriber()
    one = begun(line)
    stranger = security.browser(cabinet.line("+79000000777"))
    for address in (f"{HERE}{one}/", f"{HERE}{one}/stop/", f"{HERE}{one}/disagree/"):
        assert stranger.get(address).status_code == 404
        assert stranger.post(address).status_code in (404, 405)
    assert stranger.post(f"{HERE}{one}/decline/").status_code == 404
    assert make.now(one).state is State.ACTIVE


def test_cab_11_the_pages_take_few_queries_however_much_there_is() -> None:
    line, client = subscriber()
    begun(line)
    few = cabinet.queries_of(client, HERE)
    for service in ("films", "music"):
        make.begun(line, service, at=NOW + timedelta(days=1))
        make.begun(line, service, at=NOW + timedelta(days=1), provider=make.OTHER)
    assert cabinet.queries_of(client, HERE) == few <= QUERIES_MAX
    assert cabinet.queries_of(client, f"{HERE}stop-all/") <= QUERIES_MAX


def test_cab_11_a_paused_one_says_why_and_costs_nothing() -> None:
    line, client = subscriber()
    one = begun(line)
    promised.spend(line, make.balance(line))
    subscriptions.charge_due(at=NOW + timedelta(days=1))
    assert make.now(one).try_at == NOW + timedelta(days=1) + TERMS[0].retries[0]
    assert_says(cabinet.words(client, HERE), "на паузе", "Не хватает денег")
