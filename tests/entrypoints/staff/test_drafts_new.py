"""Drafts from nothing, packages in their sizes, shops, ends: typed in forms, refused with what was typed (OPS-3)."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import Client

from abonent.domains.catalog import queries as catalog
from abonent.domains.catalog import rules, tariffs_blank, tariffs_yaml
from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.catalog.offers import yaml as offers_yaml
from abonent.domains.catalog.offers.rules import Category
from abonent.domains.catalog.packages_rules import Package
from abonent.domains.help import actions as help_actions
from abonent.domains.help import queries as helping
from abonent.domains.help.rules import City, Drawn, Help, Shop
from abonent.domains.support.drafts import queries as drafts_queries
from abonent.domains.support.queries import Agent
from abonent.domains.support.rules import Role
from abonent.foundation.clock import now
from tests.entrypoints.staff.test_drafts import ADDRESS, Form, begun, fields, send, typed
from tests.factories import cabinet, offers, support
from tests.factories import drafts as make
from tests.factories.cabinet import words

pytestmark = pytest.mark.django_db
RIVER = Drawn("river", {"ru": "Луна", "en": "Luna"}, ((55.7, 37.1), (55.72, 37.2)))
CITY = City("lunensk", {"ru": "Луненск", "en": "Lunensk"}, "Europe/Moscow", (RIVER,))
OTHER = City("bor", {"ru": "Бор", "en": "Bor"}, "Asia/Yekaterinburg", ())
SHOP = Shop(
    "lenina-12", "lunensk", {"ru": "улица Ленина, 12", "en": "12 Lenin Street"}, {}, (None,) * 7, 55.7355, 37.208
)
SIZE = {
    "size_0_code": "more-1", "size_0_name_ru": "Ещё 1 ГБ", "size_0_name_en": "1 GB more", "size_0_text_ru": "Гигабайт.",
    "size_0_text_en": "A gigabyte.", "size_0_amount": "1 ГБ", "size_0_price": "70",
}  # fmt: skip
NEXT = {name.replace("size_0", "size_1"): value.replace("1", "5") for name, value in SIZE.items()}
TARIFF = {
    "code": "veter", "name_ru": "Ветер", "name_en": "Wind", "about_ru": "О ветре.", "about_en": "Of the wind.",
    "fee": "450", "voice": "300 мин", "data_": "20 ГБ",
}  # fmt: skip


@pytest.fixture
def writer() -> Agent:
    offers.load()
    help_actions.load(Help(cities=(CITY, OTHER), shops=(SHOP,)), at=now())
    return support.agent(Role.PRODUCT)


@pytest.fixture
def client(writer: Agent) -> Client:
    return support.browser(writer)


@pytest.fixture
def lead() -> Client:
    return support.browser(support.agent(Role.PRODUCT_LEAD))


def published(client: Client, lead: Client, address: str) -> None:
    """Have a draft published by a second person."""
    assert send(client, address, "hand-over").status_code == 302
    assert send(lead, address, "publish")["Location"] == f"{address}?publish"


def standing() -> tuple[object, ...]:
    """Return all that a draft could change."""
    return (
        drafts_queries.drafts(), offers_queries.catalogue(), catalog.all_tariffs(), helping.shops(), helping.cities(),
    )  # fmt: skip


def new_tariff(client: Client, service: str = "mobile", **others: str) -> dict[str, object]:
    form = fields(client, f"{ADDRESS}new/tariff/?service={service}")
    prices = {name: "1" for name in form if name.startswith("price_")}
    return typed(form, **{**prices, **TARIFF, **others})


def test_ops_3_a_package_is_drafted_in_sizes_each_with_its_price(client: Client, lead: Client) -> None:
    address = f"{ADDRESS}new/package/"
    sent = typed(fields(client, address), **SIZE, days="30", hours="1-7", renews="on")
    more = client.post(address, sent | {"more": "1"})
    assert more.status_code == 200
    page = more.content.decode()
    assert 'value="Ещё 1 ГБ"' in page
    assert 'name="size_1_price"' in page
    assert 'class="error"' not in page
    assert drafts_queries.drafts() == []
    response = client.post(address, sent | NEXT | {"rows": "2"})
    assert response.status_code == 302, words(client, address)
    published(client, lead, response["Location"])
    found = offers_queries.of_offers(["more-1", "more-5"])
    assert [(one.code, one.once_minor, one.package.amount) for one in found if one.package] == [
        ("more-1", 7_000, 1024**3), ("more-5", 7_000, 5 * 1024**3),
    ]  # fmt: skip
    assert {(one.package.days, str(one.package.hours), one.package.renews) for one in found if one.package} == {
        (30, "01:00–07:00", True)
    }


def test_ops_3_a_size_is_added_to_a_package_that_is_sold_and_one_is_taken_out(client: Client, lead: Client) -> None:
    offers.load(offers.offer("sized", network=(), once_minor=5_000, package=Package("voice", 6_000, 30)))
    address = begun(client, "offer", "sized", since=f"{offers.FROM}", how="anew")
    edit = f"{address}edit/"
    before = fields(client, edit)
    assert before["size_0_amount"] == "100 мин"
    # The new one goes before the first in the order of codes: the draft stays that of the first.
    sent = typed(before, **{**NEXT, "size_1_code": "bigger", "size_1_amount": "5 ч"}, rows="2")
    assert client.post(edit, sent)["Location"] == f"{address}?saved"
    draft = drafts_queries.draft(int(address.split("/")[-2]))
    assert draft.code == "sized"
    assert [one.code for one in offers_yaml.parse(draft.text).versions] == ["bigger", "sized"]
    without = typed(
        fields(client, edit), **{name.replace("size_1", "size_0"): "" for name in NEXT if "code" not in name}
    )
    assert client.post(edit, without)["Location"] == f"{address}?saved"
    published(client, lead, address)
    assert [one.valid_until for one in offers_queries.of_offers(["sized"])][-1] is None
    assert offers_queries.of_offers(["bigger"]) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"size_0_amount": "много"}, "Введите размер, например"),
        ({"size_0_amount": "5 мин"}, "Введите размер, например"),
        ({"size_0_price": "-1"}, "Цена не бывает отрицательной"),
        ({"size_0_name_en": ""}, "Введите название"),
        ({"size_0_name_ru": "ы" * 101}, "не более 100 символов"),
        ({"size_0_code": "monthly"}, "уже занят"),
        ({"size_0_code": "No!"}, "Строчные латинские буквы"),
        ({**NEXT, "rows": "2", "size_1_code": "more-1"}, "У каждого размера свой код"),
        ({"days": "400"}, "Введите число дней от 1 до 366"),
        ({"days": "²"}, "Введите число дней от 1 до 366"),
        ({"hours": "7"}, "Пишите часы как 1-7"),
        ({"hours": "3-3"}, "Пишите часы как 1-7"),
        (dict.fromkeys(SIZE, ""), "Введите хотя бы один размер"),
        ({"requires": "nobody"}, "а её нет"),
        ({"requires": "more-1"}, "нужна она сама"),
        ({"valid_until": "2020-01-01"}, "кончается раньше, чем начинается"),
        ({"shelf_code": "Ш"}, "Заполните «Категория по-русски»"),
        ({"rows": "9" * 30}, ""),
    ],
    ids=repr,
)
def test_ops_3_a_package_with_a_fault_is_refused_whole_and_stays_typed(client: Client, change, says: str) -> None:
    address = f"{ADDRESS}new/package/"
    sent = typed(fields(client, address), **SIZE) | change
    before = standing()
    response = client.post(address, sent)
    if not says:
        assert response.status_code in (200, 302)
        return
    page = response.content.decode()
    assert says in page
    kept = Form(page).held
    assert {name: kept.get(name) for name in SIZE} == {name: sent[name] for name in SIZE}
    assert standing() == before


def test_ops_3_a_service_stands_in_a_new_category(client: Client, lead: Client) -> None:
    address = f"{ADDRESS}new/offer/"
    sent = typed(
        fields(client, address), code="novel", name_ru="Новая", name_en="Novel", text_ru="Что даёт.", text_en="What.",
        services=["mobile"], shelf_code="home", shelf_ru="Дом", shelf_en="Home",
    )  # fmt: skip
    before = offers_queries.categories()
    address = client.post(address, sent)["Location"]
    assert fields(client, f"{address}edit/")["shelf_ru"] == "Дом"
    published(client, lead, address)
    assert offers_queries.categories() == (*before, Category("home", {"ru": "Дом", "en": "Home"}))
    assert offers_queries.of_offers(["novel"])[0].category == "home"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"code": "monthly"}, "Код «monthly» уже занят"),
        ({"requires": "above"}, "замкнулись в кольцо"),
        ({"fee": "-5"}, "Цена не бывает отрицательной"),
        ({"text_en": " "}, "Заполните «Текст по-английски»"),
        ({"name_ru": "ы" * 101}, "не более 100 символов"),
        ({"valid_until": "2020-01-01"}, "кончается раньше"),
    ],
    ids=repr,
)
def test_ops_3_a_service_with_a_fault_is_refused_whole_and_stays_typed(client: Client, change, says: str) -> None:
    if "requires" in change:
        offers.load(offers.offer("over", requires=("base",)))
        address = f"{begun(client, 'offer', 'base', since=f'{offers.FROM}', how='anew')}edit/"
    else:
        address = f"{ADDRESS}new/offer/"
    sent = typed(
        fields(client, address), code="novel", name_ru="Новая", name_en="Novel", text_ru="Что даёт.", text_en="What."
    )
    sent |= change
    before = standing()
    page = client.post(address, sent).content.decode()
    assert says in page
    kept = Form(page).held
    names = {"name_ru", "name_en", *change}
    assert {name: kept.get(name) for name in names} == {name: sent[name] for name in names}
    assert standing() == before


def test_ops_3_a_tariff_is_drafted_from_nothing_and_sold_from_its_day_on(client: Client, lead: Client) -> None:
    address = f"{ADDRESS}new/tariff/"
    sent = new_tariff(client, price_content="0", sms="без ограничений", shortage="wait", switching="50")
    response = client.post(address, sent)
    assert response.status_code == 302
    address = response["Location"]
    edited = typed(fields(client, f"{address}edit/"), name_ru="Ветерок")
    assert client.post(f"{address}edit/", edited)["Location"] == f"{address}?saved"
    published(client, lead, address)
    (offer,) = catalog.of_tariff("veter")
    version = offer.version
    assert (version.names["ru"], version.fee_minor, version.category) == ("Ветерок", 45_000, "phone")
    assert [(one.bucket, one.amount) for one in version.terms.allowances] == [
        ("voice", 18_000), ("data", 20 * 1024**3), ("sms", None),
    ]  # fmt: skip
    assert {one.code: one.price_minor for one in version.terms.prices}["content"] == 0
    assert (version.terms.fee.shortage, version.terms.switching.price_minor) == ("wait", 5_000)
    # What it keeps for ever is asked for no more.
    again = begun(client, "tariff", "veter", since=f"{version.valid_from}", how="same")
    assert not {"name_ru", "code", "category"} & set(fields(client, f"{again}edit/"))


@pytest.mark.parametrize("service", ["internet", "tv", "satellite"])
def test_ops_3_a_tariff_by_wire_has_speeds_and_channels(client: Client, lead: Client, service: str) -> None:
    sent = new_tariff(client, service, voice="", data_="", down_kbps="100000", channels="90")
    response = client.post(f"{ADDRESS}new/tariff/?service={service}", sent)
    assert response.status_code == 302
    published(client, lead, response["Location"])
    (offer,) = catalog.of_tariff("veter")
    assert (offer.version.service, offer.version.category) == (service, "fixed")
    assert (offer.version.terms.access.down_kbps, offer.version.terms.access.channels) == (100_000, 90)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"code": "svobodny"}, "Код «svobodny» уже занят"),
        ({"price_voice-out": ""}, ": введите цену; 0, если бесплатно"),
        ({"fee": " "}, ": введите цену; 0, если бесплатно"),
        ({"price_voice-out": "-1"}, "Цена не бывает отрицательной"),
        ({"name_en": ""}, "Заполните «Название по-английски»"),
        ({"about_ru": ""}, "Заполните «Текст по-русски»"),
        ({"name_ru": "ы" * 101}, "не более 100 символов"),
        ({"data_": "пять"}, "Введите размер, например"),
        ({"valid_from": "2020-01-01"}, "не раньше сегодняшнего дня"),
        ({"valid_from": "завтра"}, "Введите день"),
        ({"sold_until": "2020-01-01"}, "до будущего дня"),
        ({"shortage": "daily"}, "by_days"),
        ({"shortage": "never"}, "Выберите"),
    ],
    ids=repr,
)
def test_ops_3_a_tariff_with_a_fault_is_refused_whole_and_stays_typed(client: Client, change, says: str) -> None:
    make.published_tariff()
    sent = new_tariff(client) | change
    before = standing()
    page = client.post(f"{ADDRESS}new/tariff/", sent).content.decode()
    assert says in page
    kept = Form(page).held
    assert {name: kept.get(name) for name in TARIFF} == {name: sent[name] for name in TARIFF}
    assert standing() == before


def test_ops_3_a_shop_is_opened_moved_with_its_map_and_closed(client: Client, lead: Client) -> None:
    address = f"{ADDRESS}new/shop/"
    assert re.findall(r'<label for="id_hours_(?:mon|sun)">(\w+)', client.get(address).content.decode()) == [
        "Понедельник", "Воскресенье",
    ]  # fmt: skip
    sent = typed(
        fields(client, address), code="sadovaya-8", city="bor", address_ru="Садовая, 8", address_en="8 Garden St",
        hours_mon="9:00-20:00", hours_sun="00:00-24:00", latitude="55,74", longitude="-37.2",
    )  # fmt: skip
    page = client.post(address, sent).content.decode()
    assert "Пишите часы как 09:00-20:00" in page
    assert 'value="Садовая, 8"' in page
    assert len(helping.shops()) == 1
    address = client.post(address, sent | {"hours_mon": "09:00–20:00"})["Location"]
    assert "круглосуточно" in words(client, f"{address}preview/") or "00:00–24:00" in words(
        client, f"{address}preview/"
    )
    published(client, lead, address)
    assert helping.shops()[0] == SHOP
    new = helping.shops()[1]
    assert (new.code, new.city, new.latitude, new.longitude) == ("sadovaya-8", "bor", 55.74, -37.2)
    # The lines that were shown are those of another city: they are not its map.
    assert helping.cities() == [CITY, OTHER]
    address = begun(client, "shop", "lenina-12", how="same")
    sent = typed(
        fields(client, f"{address}edit/"), drawn="street; Лесная; Forest St; 55.7 37.1, 55.8 37.2", about_ru="Пандус"
    )
    assert "Заполните «Что важно знать, по-английски»" in client.post(f"{address}edit/", sent).content.decode()
    client.post(f"{address}edit/", sent | {"about_en": "A ramp"})
    seen = words(client, address)
    assert "Лесная" in seen
    assert "Пандус" in seen
    published(client, lead, address)
    assert helping.shops()[0].about == {"ru": "Пандус", "en": "A ramp"}
    assert [line.names["en"] for line in helping.cities()[0].drawn] == ["Forest St"]
    gone = begun(client, "shop", "lenina-12", how="gone")
    published(client, lead, gone)
    assert [one.code for one in helping.shops()] == ["sadovaya-8"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"code": "lenina-12"}, "уже занят"),
        ({"city": "nowhere"}, "Выберите"),
        ({"address_en": ""}, "Заполните «Адрес по-английски»"),
        ({"latitude": "99"}, "Введите градусы"),
        ({"longitude": "east"}, "Введите градусы"),
        ({"hours_tue": "20:00-09:00"}, "Пишите часы как"),
        ({"hours_tue": "99:99-99:99"}, "Пишите часы как"),
        ({"drawn": "canal; К; C; 1 2"}, "Строка 1: напишите river"),
        ({"drawn": "river; К; C; 1 2\nriver; К; 1 2"}, "Строка 2: напишите river"),
        ({"drawn": "river; К; C; 91 2"}, "Строка 1: напишите river"),
        ({"address_ru": "ы" * 201}, "не более 200 символов"),
    ],
    ids=repr,
)
def test_ops_3_a_shop_with_a_fault_is_refused_whole_and_stays_typed(client: Client, change, says: str) -> None:
    address = f"{ADDRESS}new/shop/"
    sent = typed(
        fields(client, address), code="sadovaya-8", address_ru="Садовая, 8", address_en="8 Garden St", latitude="55.74",
        longitude="37.2",
    ) | change  # fmt: skip
    before = standing()
    page = client.post(address, sent).content.decode()
    assert says in page
    kept = Form(page).held
    names = ("code", "address_ru", "address_en", "latitude", "longitude", "drawn", "hours_tue")
    assert {name: kept.get(name) for name in names} == {name: sent[name] for name in names}
    assert standing() == before


def test_ops_3_a_service_and_a_tariff_end_on_a_day_by_one_button(client: Client, lead: Client) -> None:
    sheet = make.published_tariff()
    for kind, code, since in (("offer", "monthly", offers.FROM), ("tariff", "svobodny", sheet.version.valid_from)):
        address = begun(client, kind, code, since=f"{since}", how="end")
        published(client, lead, address)
    (offer,) = offers_queries.of_offers(["monthly"])
    (tariff,) = catalog.of_tariff("svobodny")
    assert offer.valid_until == tariff.sold_until
    assert isinstance(tariff.sold_until, date)
    assert "Архив" in words(client, f"{ADDRESS}?kind=tariff")
    assert 'value="end"' in client.get(f"{ADDRESS}?kind=tariff").content.decode()
    assert 'value="end"' not in client.get(f"{ADDRESS}?state=withdrawn").content.decode()


def test_ops_3_a_draft_of_a_shop_or_a_tariff_opens_in_yaml_too(client: Client) -> None:
    address = begun(client, "shop", "lenina-12", how="same")
    text = str(fields(client, f"{address}yaml/")["text"])
    assert "time_zone: Europe/Moscow" in text
    page = client.post(f"{address}yaml/", {"revision": 1, "text": text.replace("Europe/Moscow", "Mars/North")})
    assert "Mars/North" in page.content.decode()
    assert drafts_queries.draft(int(address.split("/")[-2])).revision == 1
    client.post(f"{address}yaml/", {"revision": 1, "text": text.replace("55.7355", "55.8")})
    assert fields(client, f"{address}edit/")["latitude"] == "55.8"


@pytest.mark.parametrize("kind", ["package", "tariff", "shop", "question", "offer"])
def test_ops_3_forms_of_what_is_new_have_few_queries(client: Client, kind: str) -> None:
    assert cabinet.queries_of(client, f"{ADDRESS}new/{kind}/") <= 6
    assert cabinet.queries_of(client, f"{ADDRESS}?kind=shop") <= 8


def test_ops_3_a_tariff_from_nothing_answers_all_usage() -> None:
    for service in ("mobile", "internet", "tv", "satellite"):
        sheet = tariffs_blank.blank(service, date(2030, 1, 1))
        rules.check(sheet.version.terms)
        assert tariffs_yaml.write(sheet)
