"""Drafts in the console: written in forms or YAML, compared, previewed, published by another (OPS-3)."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.test import Client

from abonent.domains.catalog import queries as catalog
from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.catalog.offers import yaml as offers_yaml
from abonent.domains.help import queries as helping
from abonent.domains.support.drafts import queries as drafts_queries
from abonent.domains.support.drafts.rules import Kind, State
from abonent.domains.support.queries import Agent
from abonent.domains.support.rules import Role
from abonent.foundation.clock import now
from tests.factories import cabinet, offers, support
from tests.factories import drafts as make
from tests.factories.cabinet import words

pytestmark = pytest.mark.django_db
ADDRESS = "/staff/catalogue/"


@pytest.fixture
def writer() -> Agent:
    offers.load()
    return support.agent(Role.PRODUCT)


@pytest.fixture
def client(writer: Agent) -> Client:
    return support.browser(writer)


@pytest.fixture
def lead() -> Client:
    return support.browser(support.agent(Role.PRODUCT_LEAD))


class Form(HTMLParser):
    """Reads what the fields of a page's last form hold."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.held: dict[str, object] = {}
        self.inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "form":
            self.held = {}
        elif tag in ("select", "textarea"):
            self.inside = name
            self.held[name] = ""
        elif tag == "option" and "selected" in given:
            self.held[self.inside] = given["value"]
        elif tag == "input" and given.get("type") == "checkbox":
            if "checked" in given:
                self.held.setdefault(name, []).append(given["value"])
        elif tag == "input":
            self.held[name] = given.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag in ("select", "textarea"):
            self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside and self.get_starttag_text() and self.get_starttag_text().startswith("<textarea"):
            self.held[self.inside] = data.removeprefix("\n")


def fields(client: Client, address: str) -> dict[str, object]:
    """Return what the form of the page holds."""
    return Form(client.get(address).content.decode()).held


def typed(values: dict[str, object], **others: object) -> dict[str, object]:
    return {name: f"{value}" if not isinstance(value, list) else value for name, value in (values | others).items()}


def address_of(draft_id: int) -> str:
    return f"{ADDRESS}drafts/{draft_id}/"


def begun(client: Client, kind: str, code: str, **sent: str) -> str:
    """Begin a draft from what is there; return its address."""
    response = client.post(f"{ADDRESS}{kind}/{code}/draft/", sent)
    assert response.status_code == 302, response.status_code
    return re.sub("edit/$", "", response["Location"])


def send(client: Client, address: str, name: str, **more: str):
    draft_id = int(address.split("/")[-2])
    draft = drafts_queries.draft(draft_id)
    return client.post(f"{address}{name}/", {"revision": draft.revision, "seen": make.seen(draft_id), **more})


def test_ops_3_a_price_changes_from_a_form_to_the_cabinet(client: Client, lead: Client) -> None:
    address = begun(client, "offer", "monthly", since="2025-01-01", how="anew")
    sent = typed(fields(client, f"{address}edit/"), fee="95,50", valid_from=f"{make.tomorrow(5)}")
    assert client.post(f"{address}edit/", sent)["Location"] == f"{address}?saved"
    page = words(client, address)
    assert "90,00 ₽" in page
    assert "95,50 ₽" in page
    assert "Первый день" in page
    assert send(client, address, "hand-over", note="Срочно")["Location"] == f"{address}?hand-over"
    assert "Это написали вы: решить должен кто-то другой." in words(client, address)
    assert "1 черновик ждёт вас" in words(lead, "/staff/")
    assert "Срочно" in words(lead, address)
    assert send(lead, address, "publish")["Location"] == f"{address}?publish"
    versions = offers_queries.of_offers(["monthly"])
    assert [(one.fee_minor, one.valid_until) for one in versions] == [(9_000, make.tomorrow(5)), (9_550, None)]


def test_ops_3_a_service_from_nothing_keeps_what_was_typed_when_it_is_wrong(client: Client) -> None:
    address = f"{ADDRESS}new/offer/"
    sent = typed(
        fields(client, address), code="Novel!", name_ru="Новая", text_ru="Что даёт.", text_en="What it gives.",
        fee="-1",
        requires="base, Bad!",
    )  # fmt: skip
    page = client.post(address, sent).content.decode()
    for said in (
        "Строчные латинские буквы, цифры и дефисы, не больше 40", "Заполните «Название по-английски»",
        "Цена не бывает отрицательной",
        "«Bad!» — не код",
    ):  # fmt: skip
        assert said in page
    assert 'value="Новая"' in page
    assert drafts_queries.drafts() == []
    sent |= {"code": "novel", "name_en": "Novel", "fee": "10", "requires": "nobody"}
    page = client.post(address, sent).content.decode()
    assert "для novel нужна nobody, а её нет" in page
    assert drafts_queries.drafts() == []
    sent["requires"] = "base"
    location = client.post(address, sent)["Location"]
    draft = drafts_queries.draft(int(location.split("/")[-2]))
    assert offers_yaml.parse(draft.text).versions[0].requires == ("base",)
    assert "Новое" in words(client, location)


def test_ops_3_yaml_is_refused_with_lines_and_taken_as_it_is(client: Client, writer: Agent) -> None:
    draft_id = make.make(writer)
    address = address_of(draft_id)
    text = make.text(fee_minor=12_300)
    page = client.post(f"{address}yaml/", {"revision": 1, "text": text.replace("12300", "много")}).content.decode()
    assert re.search(r"Строка \d+: нужна сумма", page)
    assert "много" in page
    assert drafts_queries.draft(draft_id).revision == 1
    client.post(f"{address}yaml/", {"revision": 1, "text": text.replace("\n", "\r\n")})
    response = client.get(f"{address}draft.yaml")
    assert response.content.decode() == text
    assert 'filename="offer-novel.yaml"' in response["Content-Disposition"]
    assert response["Content-Type"].startswith("application/yaml")


def test_ops_3_who_wrote_cannot_publish_and_is_told(lead: Client) -> None:
    offers.load()
    own = support.agent(Role.PRODUCT_LEAD)
    address = address_of(make.handed_over(own))
    browser = support.browser(own)
    response = send(browser, address, "publish")
    assert response.status_code == 409
    assert "Это написали вы, или часть этого" in response.content.decode()
    assert not offers_queries.of_offers(["novel"])


def test_ops_3_it_is_sent_back_with_a_reason_only(writer: Agent, client: Client, lead: Client) -> None:
    address = address_of(make.handed_over(writer))
    page = send(lead, address, "send-back", reason=" ").content.decode()
    assert "Напишите, что изменить" in page
    assert drafts_queries.draft(int(address.split("/")[-2])).state is State.WAITING
    send(lead, address, "send-back", reason="Дорого")
    assert "Дорого" in words(client, address)


def test_ops_3_what_was_seen_is_what_is_published(writer: Agent, client: Client, lead: Client) -> None:
    draft_id = make.handed_over(writer)
    address, seen, revision = address_of(draft_id), make.seen(draft_id), 1
    send(client, address, "take-back")
    client.post(f"{address}yaml/", {"revision": 1, "text": make.text(fee_minor=99_900)})
    send(client, address, "hand-over")
    response = lead.post(f"{address}publish/", {"revision": revision, "seen": seen})
    assert response.status_code == 409
    assert "изменили" in response.content.decode()
    assert not offers_queries.of_offers(["novel"])


def test_ops_3_a_tariff_is_edited_with_each_price_and_its_reason(client: Client, lead: Client) -> None:
    sheet = make.published_tariff()
    address = begun(client, "tariff", "svobodny", since=f"{sheet.version.valid_from}", how="anew")
    price = sheet.version.terms.prices[0]
    sent = typed(
        fields(client, f"{address}edit/"), fee="777", valid_from=f"{make.tomorrow(20)}", why_ru="Дорожает", why_en="",
    ) | {f"price_{price.code}": "3,30"}  # fmt: skip
    assert "Скажите, почему, на обоих языках" in client.post(f"{address}edit/", sent).content.decode()
    sent["why_en"] = "Dearer"
    assert client.post(f"{address}edit/", sent)["Location"] == f"{address}?saved"
    send(client, address, "hand-over")
    assert "777,00 ₽" in words(lead, f"{address}preview/")
    send(lead, address, "publish")
    new = catalog.of_tariff("svobodny")[-1].version
    assert (new.fee_minor, new.terms.prices[0].price_minor) == (77_700, 330)
    assert new.terms.allowances == sheet.version.terms.allowances
    listed = words(client, f"{ADDRESS}?kind=tariff&state=coming")
    assert "777,00 ₽ в месяц" in listed


def test_ops_3_a_question_is_written_in_both_languages(client: Client, lead: Client, writer: Agent) -> None:
    make.publish(support.agent(Role.PRODUCT_LEAD), make.handed_over(writer, make.QUESTION, Kind.QUESTION))
    address = begun(client, "question", "change-number", how="same")
    sent = typed(fields(client, f"{address}edit/"), body_ru="На [сайте](https://example.com/).")
    assert "Ссылка ведёт на страницу этого сайта" in client.post(f"{address}edit/", sent).content.decode()
    sent["body_ru"] = "В **любом** [салоне](/help/shops/)."
    client.post(f"{address}edit/", sent)
    assert "<b>любом</b>" in client.get(f"{address}preview/").content.decode()
    send(client, address, "hand-over")
    send(lead, address, "publish")
    assert helping.answer("change-number", "ru").body == "В **любом** [салоне](/help/shops/)."
    gone = begun(client, "question", "change-number", how="gone")
    assert "клиенты его больше не найдут" in words(client, gone)
    send(client, gone, "hand-over")
    send(lead, gone, "publish")
    with pytest.raises(helping.NoSuchQuestion):
        helping.answer("change-number", "ru")


def test_ops_3_the_list_has_versions_by_state_and_a_search(client: Client, writer: Agent, lead: Client) -> None:
    make.publish(support.agent(Role.PRODUCT_LEAD), make.handed_over(writer, make.text("monthly")))
    assert "Услуга Monthly" in words(client, f"{ADDRESS}?state=coming")
    assert "Услуга Ended" in words(client, f"{ADDRESS}?state=withdrawn")
    assert "Услуга Ended" not in words(client, ADDRESS)
    found = words(client, f"{ADDRESS}?q=monthLY")
    assert "Услуга Monthly" in found
    assert "Услуга Free" not in found
    assert "Так здесь ничего не называется" in words(client, f"{ADDRESS}?q=нет+такого")


def test_ops_3_a_long_list_goes_on_on_the_next_page(client: Client) -> None:
    offers.load(*[offers.offer(f"many-{number:03}") for number in range(60)])
    first = client.get(ADDRESS).content.decode()
    following = re.search(r'href="(\?kind=offer[^"]*after=[^"]*)"', first)
    assert following
    second = client.get(f"{ADDRESS}{following[1].replace('&amp;', '&')}").content.decode()
    codes = [re.findall(r"/staff/catalogue/offer/([a-z0-9-]+)/draft/", page) for page in (first, second)]
    assert (len(codes[0]), len(codes[1])) == (50, 21)
    assert codes[0] + codes[1] == sorted({one.code for one in offers_queries.catalogue().versions} - {"ended"})
    assert cabinet.queries_of(client, ADDRESS) <= 8


def test_ops_3_pages_of_a_draft_have_few_queries(client: Client, writer: Agent) -> None:
    address = address_of(make.make(writer))
    for path in ("", "edit/", "yaml/", "preview/"):
        assert cabinet.queries_of(client, f"{address}{path}") <= 9, path


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("offer/monthly/draft/", {"how": "gone", "since": "2025-01-01"}),
        ("offer/monthly/draft/", {"how": "anew", "since": "yesterday"}),
        ("offer/nobody/draft/", {"how": "anew", "since": "2025-01-01"}),
        ("tariff/nobody/draft/", {"how": "same", "since": "2025-01-01"}),
        ("question/nobody/draft/", {"how": "same"}),
        ("thing/monthly/draft/", {"how": "same", "since": "2025-01-01"}),
        (f"drafts/{2**63}/publish/", {}),
        ("drafts/999/publish/", {}),
        ("new/thing/", {}),
        ("question/nobody/draft/", {"how": "anew"}),
        ("shop/nobody/draft/", {"how": "gone"}),
        ("offer/monthly/draft/", {"how": "end", "since": "2026"}),
    ],
)
def test_ops_3_what_is_not_there_is_not_found(client: Client, path: str, sent: dict[str, str]) -> None:
    assert client.post(f"{ADDRESS}{path}", sent).status_code == 404
    assert drafts_queries.drafts() == []


def test_ops_3_an_act_that_is_none_or_without_its_revision_changes_nothing(client: Client, writer: Agent) -> None:
    draft_id = make.make(writer)
    assert client.post(f"{address_of(draft_id)}burn/", {"revision": 1}).status_code == 404
    for revision in ("", "x", "9" * 30, "2"):
        assert client.post(f"{address_of(draft_id)}discard/", {"revision": revision}).status_code == 409
    assert drafts_queries.draft(draft_id).state is State.DRAFT
    assert client.post(f"{address_of(draft_id)}discard/", {"revision": "1"})["Location"] == f"{ADDRESS}?discarded"


def test_ops_3_everything_is_there_in_english(client: Client, writer: Agent) -> None:
    client.cookies["language"] = "en"
    page = words(client, address_of(make.make(writer)))
    assert now()
    assert "Waits" not in page
    assert "Hand over" in page
