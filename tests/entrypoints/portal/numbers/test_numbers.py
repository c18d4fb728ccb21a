"""The pages of one's numbers (CAB-15): the list, adding a relative's and one's own, names, the end of it."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from abonent.domains.identity import models as identity_models
from abonent.domains.lines import models
from abonent.domains.lines.queries import Line
from abonent.domains.lines.sharing.rules import Role
from abonent.web import format as formats
from tests.factories import cabinet, identity, lines, passwords, security
from tests.factories import sharing as make

pytestmark = pytest.mark.django_db
HERE = "/numbers/"
QUERIES = 7


@pytest.fixture
def viewer() -> Line:
    return make.anna()


@pytest.fixture
def line() -> Line:
    return make.boris()


@pytest.fixture
def client(viewer: Line) -> Client:
    return security.browser(viewer)


def wished(client: Client, number: str, role: Role = Role.VIEWER) -> str:
    form = re.search(r'name="form" value="([^"]+)"', client.get(f"{HERE}add/").content.decode())
    assert form
    return str(client.post(f"{HERE}add/", {"form": form[1], "number": number, "role": role})["Location"])


def test_cab_15_a_relatives_number_is_added_by_the_code_and_seen_as_far_as_agreed(client: Client, line: Line) -> None:
    page = wished(client, line.number)
    said = cabinet.words(client, page)
    assert "Только баланс" in said
    assert "не открываются никому" in said
    code_page = client.post(page, {"way": "code"})["Location"]
    assert code_page == f"{page}code/"
    typed = identity.last_code(line.number)
    assert client.post(code_page, {"code": typed})["Location"] == f"{HERE}?added"
    said = cabinet.words(client, f"{HERE}?added")
    assert "Готово" in said
    assert formats.phone(line.number).replace("\xa0", " ") in said
    assert client.post("/line/", {"line": line.id})["Location"] == "/home/"
    home = cabinet.words(client)
    assert "Вы видите этот номер" in home
    assert "Осталось в пакетах" not in home
    assert "Последние операции" not in home
    assert client.get("/expenses/").status_code == 403
    share = models.Share.objects.get()
    assert share.looked_at is not None
    assert "последний просмотр" in cabinet.words(security.browser(line), HERE)


def test_cab_15_the_owner_ends_it_without_a_code_and_it_is_gone_with_the_next_request(
    client: Client, viewer: Line, line: Line
) -> None:
    share_id = make.shared(viewer, line)
    client.post("/line/", {"line": line.id})
    assert "Вы видите этот номер" in cabinet.words(client)
    owner = security.browser(line, by=None)
    assert "Анна О." in cabinet.words(owner, HERE)
    assert viewer.number not in owner.get(HERE).content.decode()
    stranger = security.browser(make.anna())
    assert stranger.post(f"{HERE}end/", {"share": share_id}).status_code == 404
    assert stranger.get(f"{HERE}share/{share_id}/").status_code == 404
    assert owner.post(f"{HERE}end/", {"share": share_id})["Location"] == f"{HERE}?ended"
    assert "Вы видите этот номер" not in cabinet.words(client)
    assert client.post("/line/", {"line": line.id}).status_code == 404
    assert "Доступ закрыл владелец номера" in cabinet.words(client, f"{HERE}share/{share_id}/")


def test_cab_15_the_owner_chooses_how_much_with_a_fresh_proof_and_who_looks_cannot(
    client: Client, viewer: Line, line: Line
) -> None:
    share_id = make.shared(viewer, line, Role.VIEWER)
    role = f"{HERE}share/{share_id}/role/"
    assert client.post(role, {"role": "full"}).status_code == 404
    stale = security.browser(line, by=None)
    assert stale.post(role, {"role": "full"})["Location"].startswith("/login/confirm/")
    owner = security.browser(line)
    assert owner.post(role, {"role": "everything"}).status_code == 404
    assert owner.post(role, {"role": "full"})["Location"] == f"{HERE}?role"
    client.post("/line/", {"line": line.id})
    assert client.get("/services/").status_code == 200
    assert client.get("/statement/").status_code == 403
    assert client.get("/transfer/").status_code == 403


def test_cab_15_the_password_of_the_number_agrees_and_a_wrong_one_tells_nothing(client: Client, line: Line) -> None:
    passwords.account(line)
    page = wished(client, line.number, Role.ACCOUNTANT)
    wrong = client.post(page, {"way": "password", "password": "wrong horse"})
    nobody = client.post(wished(client, "+79001119988"), {"way": "password", "password": "wrong horse"})
    said = "Это не пароль того номера"
    assert said in wrong.content.decode()
    assert said in nobody.content.decode()
    assert "Пусть владелец" in client.post(page, {"way": "password", "password": ""}).content.decode()
    done = client.post(page, {"way": "password", "password": passwords.PASSWORD})
    assert done["Location"] == f"{HERE}?added"
    assert models.Share.objects.get().consent == "password"


def test_id_17_a_number_of_nobody_is_answered_as_one_of_somebody(client: Client, line: Line) -> None:
    answers = []
    for number in (line.number, "+79001119977"):
        page = wished(client, number)
        response = client.post(page, {"way": "code"})
        code = client.get(response["Location"]).content.decode()
        shown = formats.phone(number).replace("\xa0", "&nbsp;")
        plain = re.sub(r"[0-9a-f-]{36}|value=\"[^\"]*\"|nonce=\"[^\"]*\"", "", code)
        plain = plain.replace(formats.phone(number), "N").replace(shown, "N")
        answers.append((response.status_code, re.sub(r"\b\d{3}\b", "R", plain)))
        identity_models.NumberGuard.objects.update(sends=[])
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"number": ""}, "Введите номер"),
        ({"number": "+14155552671", "role": "viewer"}, "другого оператора"),
        ({"number": "+79001234567", "role": "king"}, "Выберите, что попросить"),
        ({"number": "+79001234567"}, "Выберите, что попросить"),
    ],
)
def test_bad_wishes_are_explained(client: Client, typed: dict[str, str], said: str) -> None:
    response = client.post(f"{HERE}add/", typed)
    assert response.status_code == 200
    assert said in response.content.decode()
    assert not models.ShareWish.objects.exists()


def test_cab_15_names_colours_and_places_are_ones_own(client: Client, viewer: Line, line: Line) -> None:
    make.shared(viewer, line)
    address = f"{HERE}line/{line.id}/"
    assert client.post(address, {"name": "Мама", "colour": "teal", "place": "1"})["Location"] == f"{HERE}?kept"
    said = cabinet.words(client, HERE)
    assert said.index("Мама") < said.index(formats.phone(viewer.number).replace("\xa0", " "), said.index("Мама"))
    assert "Мама" in cabinet.words(client, "/security/"), "in the switcher of every page"
    assert "Мама" not in cabinet.words(security.browser(line), HERE)
    long = client.post(address, {"name": "я" * 25, "colour": "teal", "place": "1"})
    assert "Имя слишком длинное" in long.content.decode()
    assert "Выберите один из этих цветов" in client.post(
        address, {"name": "", "colour": "red", "place": "1"}
    ).content.decode()  # fmt: skip
    assert "Выберите место" in client.post(address, {"name": "", "colour": "", "place": "9"}).content.decode()
    assert "&lt;b&gt;" in client.post(
        address, {"name": "<b>" * 9, "colour": "", "place": "1"}
    ).content.decode()  # fmt: skip
    assert client.get(f"{HERE}line/{make.boris().id}/").status_code == 404


def test_cab_15_the_sums_count_each_contract_once_and_what_may_not_be_seen_not_at_all(
    client: Client, viewer: Line, line: Line
) -> None:
    lines.line(contract_id=viewer.contract_id, is_main=False)
    make.shared(viewer, line, Role.VIEWER)
    said = cabinet.words(client, HERE)
    assert said.count("баланс") >= 3
    assert said.count("расходы") == 2, "of a number seen as a viewer no expenses"


def test_the_list_takes_as_many_queries_for_many_numbers_as_for_few(client: Client, viewer: Line) -> None:
    cabinet.queries_of(client, HERE)
    few = cabinet.queries_of(client, HERE)
    for _ in range(4):
        make.shared(viewer, make.boris())
    assert few <= QUERIES
    assert cabinet.queries_of(client, HERE) == few
    assert cabinet.queries_of(client) <= 6, "the home page has not become dearer"


def test_a_wish_of_somebody_else_is_not_there(client: Client, line: Line) -> None:
    page = wished(client, line.number)
    other = security.browser(make.anna())
    for address in (page, f"{page}code/"):
        assert other.get(address).status_code == 404
    assert other.post(f"{page}code/again/").status_code == 404
