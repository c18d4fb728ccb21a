"""The pages of a family that shares a package: its owner's, a member's, who is asked (CAB-16, CAB-12)."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.test import Client

from abonent.domains.billing import models
from abonent.domains.billing.families import actions as families
from abonent.domains.lines.products import actions as products
from abonent.domains.lines.queries import Line
from abonent.domains.messaging.models import Message
from abonent.foundation.clock import now
from abonent.foundation.values import Msisdn
from tests.factories import billing, cabinet, catalog, identity, lines, promised
from tests.factories import families as make
from tests.factories.billing import Use

pytestmark = pytest.mark.django_db
HERE = "/family/group/"
OWNER_QUERIES, MEMBER_QUERIES, NOBODY_QUERIES = 19, 15, 9


def having() -> Line:
    """Return Anna's line with the service, on the tariff of the fictional operator."""
    line = lines.line(tariff_version_id=catalog.of_the_demo("svobodny"))
    products.begin(line_id=line.id, offer_version_id=make.load(), at=now() - timedelta(days=1))
    return line


def asked(owner: Line, line: Line, name: str = "Саша", hours_ago: int = 0) -> UUID:
    at = now() - timedelta(hours=hours_ago)
    return families.ask(form_id=uuid4(), line=owner, number=Msisdn(line.number), name=name, at=at).id


def joined(owner: Line, line: Line, name: str = "Саша") -> UUID:
    families.agree(invitation_id=asked(owner, line, name, hours_ago=2), line=line, at=now() - timedelta(hours=2))
    return models.FamilyMember.objects.get(line_id=line.id, until=None).id


def words_of(content: bytes) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", content.decode())))


def test_cab_16_who_has_no_family_is_told_what_it_is_and_what_it_costs_before_the_service() -> None:
    make.load()
    text = cabinet.words(identity.browser(lines.line()), HERE)
    for said in ("До 3 номеров кроме вашего", "100,00 ₽", "Цена и условия", "Владелец видит, сколько"):
        assert said in text, f"{said!r} not in {text}"


def test_cab_16_the_owner_invites_on_the_page_and_sees_who_has_not_answered() -> None:
    owner, son = having(), lines.line()
    client = identity.browser(owner)
    form = {"number": son.number, "name": "Саша", "form": str(uuid4())}
    for _ in range(2):
        answer = client.post(HERE, form)
        assert (answer.status_code, answer["Location"]) == (302, f"{HERE}?invited")
    assert models.FamilyInvitation.objects.count() == 1
    assert "Приглашены, ещё не ответили Саша" in cabinet.words(client, HERE)
    assert client.post(f"{HERE}withdraw/", {"id": str(models.FamilyInvitation.objects.get().id)}).status_code == 302
    assert models.FamilyInvitation.objects.get().state == "withdrawn"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"number": ""}, "Введите номер"),
        ({"number": "12ab"}, "Введите номер цифрами, без букв"),
        ({"number": "+4930123456"}, "другого"),
        ({"name": "я" * 25}, "слишком длинное"),
    ],
)
def test_cab_16_what_is_typed_wrong_is_kept_and_nobody_is_asked(typed: Mapping[str, str], said: str) -> None:
    client = identity.browser(having())
    answer = client.post(HERE, {"number": "+79005000001", "name": "Сын", "form": str(uuid4()), **typed})
    assert answer.status_code == 200
    assert said in words_of(answer.content)
    for value in typed.values():
        assert html.escape(value) in answer.content.decode()
    assert models.FamilyInvitation.objects.count() == models.FamilyGroup.objects.count() == 0


def test_cab_16_a_refusal_says_why_and_changes_nothing() -> None:
    owner = having()
    answer = identity.browser(owner).post(HERE, {"number": owner.number, "name": "", "form": str(uuid4())})
    assert "Это ваш собственный номер. Введите другой" in words_of(answer.content)
    assert models.FamilyInvitation.objects.count() == 0


def test_cab_16_who_is_asked_reads_the_terms_then_agrees_and_sees_what_is_left_for_them() -> None:
    owner, son = having(), lines.line()
    client, invitation = identity.browser(son), asked(owner, son)
    assert "Вас приглашают" in cabinet.words(client, HERE)
    text = cabinet.words(client, f"{HERE}asked/{invitation}/")
    for said in ("Войти в семью?", "Стоит вам ничего", "Выйти можно в любой момент"):
        assert said in text
    assert client.post(f"{HERE}asked/{invitation}/", {"answer": "yes"})["Location"] == f"{HERE}?joined"
    families.limit(
        member_id=models.FamilyMember.objects.get(line_id=son.id).id, line=owner, limits={"data": 5 * 1024**3}, at=now()
    )
    for address in (HERE, "/home/", "/packages/"):
        text = cabinet.words(client, address)
        assert "Из пакета семьи" in text
        assert "осталось 30 ГБ из 30 ГБ" in text
        assert "по вашему лимиту израсходовано 0 МБ из 5 ГБ" in text


def test_cab_16_who_refuses_is_in_no_family() -> None:
    owner, son = having(), lines.line()
    answer = identity.browser(son).post(f"{HERE}asked/{asked(owner, son)}/", {"answer": "no"})
    assert answer["Location"] == f"{HERE}?refused"
    assert models.FamilyInvitation.objects.get().state == "refused"
    assert models.FamilyMember.objects.filter(is_owner=False).count() == 0


def test_cab_16_the_owner_sees_how_much_each_used_and_never_whom_they_called() -> None:
    owner, son = having(), lines.line()
    member = joined(owner, son)
    families.limit(member_id=member, line=owner, limits={"voice": 600, "sms": 0}, at=now() - timedelta(hours=2))
    billing.use(Use(son.number, now() - timedelta(hours=1), duration_s=600 + 180))
    text = cabinet.words(identity.browser(owner), HERE)
    assert "Минуты 3 мин из 10 мин" in text
    assert "SMS нисколько, по вашему лимиту" in text
    assert "остальные израсходовали 3 мин" in text
    assert "осталось 797 мин из 800 мин" in text
    assert "916" not in text


def test_cab_16_the_owner_names_limits_and_removes_a_member() -> None:
    owner, son = having(), lines.line()
    member = joined(owner, son)
    client = identity.browser(owner)
    form = {"name": "Сын", "colour": "pink", "gigabytes": "5", "minutes": "", "messages": "0"}
    assert client.post(f"{HERE}{member}/", form)["Location"] == f"{HERE}?kept"
    limits = dict(models.FamilyLimit.objects.values_list("bucket", "amount"))
    assert limits == {"data": 5 * 1024**3, "sms": 0}
    page = client.get(f"{HERE}{member}/").content.decode()
    assert 'value="5"' in page
    assert "Исключить «Сын»" in cabinet.words(client, f"{HERE}{member}/remove/")
    assert client.post(f"{HERE}{member}/remove/")["Location"] == f"{HERE}?removed"
    assert models.FamilyMember.objects.get(id=member).ended_by == "owner"


def test_cab_16_a_member_that_leaves_while_the_owner_writes_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    owner, son = having(), lines.line()
    member = joined(owner, son)
    client = identity.browser(owner)
    call = families.call

    def late(**given: Any) -> None:
        families.end(member_id=member, line_ids=[son.id], at=now())
        call(**given)

    monkeypatch.setattr(families, "call", late)
    assert client.post(f"{HERE}{member}/", {"name": "Сын", "colour": ""}).status_code == 404


@pytest.mark.parametrize(
    "typed", [{"gigabytes": "пять"}, {"minutes": "-1"}, {"messages": "1.5"}, {"colour": "red"}, {"name": "я" * 25}]
)
def test_cab_16_a_limit_typed_wrong_is_kept_and_changes_nothing(typed: Mapping[str, str]) -> None:
    owner, son = having(), lines.line()
    member = joined(owner, son)
    answer = identity.browser(owner).post(f"{HERE}{member}/", {"name": "Сын", "colour": "", **typed})
    assert answer.status_code == 200
    assert "Ошибка:" in answer.content.decode()
    assert models.FamilyLimit.objects.count() == 0
    assert models.FamilyMember.objects.get(id=member).name == "Саша"


def test_cab_16_a_member_leaves_on_its_own_page() -> None:
    owner, son = having(), lines.line()
    joined(owner, son)
    client = identity.browser(son)
    assert "С этой минуты ваш номер не расходует этот пакет" in cabinet.words(client, f"{HERE}leave/")
    assert client.post(f"{HERE}leave/")["Location"] == f"{HERE}?left"
    assert models.FamilyMember.objects.get(line_id=son.id).ended_by == "member"
    assert client.get(f"{HERE}leave/").status_code == 302


def test_cab_16_what_is_anothers_is_not_there() -> None:
    owner, son, stranger = having(), lines.line(), having()
    invitation, member = asked(owner, lines.line()), joined(owner, son)
    client = identity.browser(stranger)
    for address in (f"{HERE}asked/{invitation}/", f"{HERE}{member}/", f"{HERE}{member}/remove/"):
        assert client.get(address).status_code == 404
        assert client.post(address, {"answer": "yes"}).status_code == 404
    for named in (str(invitation), "no id"):
        assert client.post(f"{HERE}withdraw/", {"id": named}).status_code == 404
    assert models.FamilyMember.objects.filter(is_owner=False, until=None).count() == 1
    assert models.FamilyInvitation.objects.get(id=invitation).state == "waiting"


def test_cab_16_the_pages_take_as_many_queries_whoever_is_in_the_family() -> None:
    owner, son = having(), lines.line()
    client = identity.browser(owner)
    joined(owner, son)
    cabinet.queries_of(client, HERE)
    few = cabinet.queries_of(client, HERE)
    joined(owner, lines.line(), "Бабушка")
    asked(owner, lines.line())
    assert few == cabinet.queries_of(client, HERE) <= OWNER_QUERIES
    assert cabinet.queries_of(identity.browser(son), HERE) <= MEMBER_QUERIES
    assert cabinet.queries_of(identity.browser(lines.line()), HERE) <= NOBODY_QUERIES


def test_cab_16_a_charge_is_explained_by_the_package_of_the_family() -> None:
    owner, son = having(), lines.line()
    families.limit(member_id=joined(owner, son), line=owner, limits={"voice": 120}, at=now() - timedelta(hours=2))
    billing.use(Use(son.number, now() - timedelta(hours=1), duration_s=600 + 180))
    charge = models.Charge.objects.get()
    client: Client = identity.browser(son)
    text = cabinet.words(client, f"/statement/charge/{charge.id}/")
    assert "из пакета семьи: 2" in text


def payer_asked(owner: Line, son: Line) -> tuple[UUID, Client, Client]:
    """Let the owner ask a member to pay, on the page; return the member, its browser and the owner's."""
    member = joined(owner, son)
    client = identity.browser(owner)
    text = cabinet.words(client, f"{HERE}{member}/payer/")
    assert "Попросить другой номер платить за семью?" in text
    assert "100,00 ₽" in text
    form = {"form": str(uuid4())}
    for _ in range(2):
        assert client.post(f"{HERE}{member}/payer/", form)["Location"] == f"{HERE}?payer-asked"
    assert models.FamilyHandover.objects.count() == 1
    assert "Другой плательщик Саша" in cabinet.words(client, HERE)
    return member, identity.browser(son), client


def fields(client: Client) -> dict[str, str]:
    page = client.get(f"{HERE}payer/").content.decode()
    return dict(re.findall(r'type="hidden" name="(id|from)" value="([^"]*)"', page))


def test_cab_16_a_member_agrees_to_pay_having_read_price_and_day_and_may_still_refuse() -> None:
    owner, son = having(), lines.line()
    promised.pay(son, 100_00, at=now())
    _, client, _ = payer_asked(owner, son)
    assert "Вас просят платить за семью" in cabinet.words(client, HERE)
    text = cabinet.words(client, f"{HERE}payer/")
    for said in ("Платить за семью?", "Плата в месяц 100,00 ₽", "С какого дня", "Баланс сейчас 100,00 ₽"):
        assert said in text, text
    sent = fields(client)
    assert client.post(f"{HERE}payer/", sent | {"answer": "yes"})["Location"] == f"{HERE}?payer-agreed"
    assert models.FamilyHandover.objects.get().state == "agreed"
    assert "Вы будете платить за семью" in cabinet.words(client, HERE)
    assert client.post(f"{HERE}payer/", sent | {"answer": "no"})["Location"] == f"{HERE}?payer-refused"
    assert models.FamilyHandover.objects.get().state == "refused"


def test_cab_16_who_has_too_little_is_told_so_and_does_not_agree() -> None:
    owner, son = having(), lines.line()
    _, client, _ = payer_asked(owner, son)
    answer = client.post(f"{HERE}payer/", fields(client) | {"answer": "yes"})
    assert answer.status_code == 200
    assert "На балансе меньше платы. Сначала пополните" in words_of(answer.content)
    assert models.FamilyHandover.objects.get().state == "waiting"


def test_cab_16_paying_for_a_family_needs_a_fresh_proof() -> None:
    owner, son = having(), lines.line()
    _, client, _ = payer_asked(owner, son)
    sent = fields(client)
    with time_machine.travel(now() + timedelta(hours=1)):
        answer = client.post(f"{HERE}payer/", sent | {"answer": "yes"})
    assert answer.status_code == 302
    assert "/login/" in answer["Location"] or "confirm" in answer["Location"]
    assert models.FamilyHandover.objects.get().state == "waiting"


def test_cab_16_only_the_two_sides_see_and_change_who_is_to_pay() -> None:
    owner, son, stranger = having(), lines.line(), having()
    member, client, browser = payer_asked(owner, son)
    sent = fields(client)
    other = identity.browser(stranger)
    for address in (f"{HERE}{member}/payer/", f"{HERE}payer/"):
        assert other.get(address).status_code == 404
        assert other.post(address, sent | {"form": str(uuid4()), "answer": "yes"}).status_code == 404
    for named in (sent["id"], "no id"):
        assert other.post(f"{HERE}payer/withdraw/", {"id": named}).status_code == 404
    assert client.post(f"{HERE}payer/", {"id": sent["id"], "from": "never", "answer": "yes"}).status_code == 404
    assert models.FamilyHandover.objects.get().state == "waiting"
    assert browser.post(f"{HERE}payer/withdraw/", {"id": sent["id"]})["Location"] == f"{HERE}?payer-withdrawn"
    assert models.FamilyHandover.objects.get().state == "withdrawn"


def test_cab_16_a_number_joins_by_a_code_that_says_who_pays_how_much() -> None:
    owner, son = having(), lines.line()
    invitation, client = asked(owner, son, hours_ago=2), identity.browser(owner)
    assert "Согласие по коду" in cabinet.words(client, HERE)
    page = f"{HERE}code/{invitation}/"
    assert "Вы платите за семью 100,00 ₽ в месяц" in cabinet.words(client, page)
    assert client.post(page, {"way": "code"})["Location"] == f"{page}enter/"
    text = identity.last_text(son.number)
    assert "100,00\N{NO-BREAK SPACE}₽" in text
    assert "скажите" in text or "назовите" in text.lower() or "только" in text
    typed = identity.last_code(son.number)
    wrong = f"{(int(typed) + 1) % 10**6:06}"
    assert client.post(f"{page}enter/", {"code": wrong}).status_code == 200
    assert models.FamilyMember.objects.filter(line_id=son.id).count() == 0
    assert client.post(f"{page}enter/", {"code": typed})["Location"] == f"{HERE}?agreed"
    assert models.FamilyMember.objects.filter(line_id=son.id, until=None).count() == 1
    assert client.get(page).status_code == 404


def test_cab_16_a_code_for_a_family_agrees_to_no_other_and_to_nobodys_number_nothing_comes() -> None:
    owner, son, aunt, stranger = having(), lines.line(), lines.line(), having()
    client = identity.browser(owner)
    first, second = asked(owner, son), asked(owner, aunt)
    client.post(f"{HERE}code/{first}/", {"way": "code"})
    typed = identity.last_code(son.number)
    client.post(f"{HERE}code/{second}/", {"way": "code"})
    assert client.post(f"{HERE}code/{second}/enter/", {"code": typed}).status_code == 200
    assert models.FamilyMember.objects.filter(is_owner=False).count() == 0
    nobody = families.ask(form_id=uuid4(), line=owner, number=Msisdn("+79009999999"), name="", at=now()).id
    assert client.post(f"{HERE}code/{nobody}/", {"way": "code"})["Location"] == f"{HERE}code/{nobody}/enter/"
    assert Message.objects.filter(recipient="+79009999999").exclude(state="withheld").count() == 0
    other = identity.browser(stranger)
    for address in (f"{HERE}code/{first}/", f"{HERE}code/{first}/enter/"):
        assert other.get(address).status_code == 404
        assert other.post(address, {"way": "code", "code": typed}).status_code == 404


def test_cab_16_a_number_whose_sim_has_just_changed_or_that_is_blocked_agrees_by_no_code() -> None:
    owner, son = having(), lines.line()
    client, invitation = identity.browser(owner), asked(owner, son)
    page = f"{HERE}code/{invitation}/"
    client.post(page, {"way": "code"})
    typed = identity.last_code(son.number)
    promised.blocked(son, now())
    answer = client.post(f"{page}enter/", {"code": typed})
    assert answer.status_code != 500
    assert models.FamilyMember.objects.filter(is_owner=False).count() == 0
    assert models.FamilyInvitation.objects.get().state == "waiting"
