"""A large catalogue in the cabinet: the beginning of each shelf, one of them by pages, a search (CAB-11, OPS-3)."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.catalog.offers.shelves import ON_A_PAGE, ON_A_SHELF, PAGES_MAX
from tests.factories import cabinet, identity, offers
from tests.factories.cabinet import words

pytestmark = pytest.mark.django_db
MANY = 70


@pytest.fixture
def client() -> Client:
    offers.load(*[offers.offer(f"many-{number:03}", fee_minor=100) for number in range(MANY)])
    return identity.browser()


def codes(client: Client, address: str) -> list[str]:
    return re.findall(r'href="/services/([a-z0-9-]+)/"', client.get(address).content.decode())


def on_shelf() -> list[str]:
    """Return what stands on the shelf of calls for a mobile line outside the north."""
    sold = offers_queries.catalogue().versions
    return sorted(
        one.code for one in sold
        if one.category == "calls" and one.valid_until is None and "mobile" in one.services and not one.regions
    )  # fmt: skip


def test_cab_11_of_a_long_shelf_the_beginning_is_shown_and_a_way_to_all(client: Client) -> None:
    page = client.get("/services/").content.decode()
    assert len([one for one in codes(client, "/services/") if one in on_shelf()]) == ON_A_SHELF
    assert f"Все {len(on_shelf())}" in page
    assert 'href="/services/?category=calls"' in page
    assert 'href="/services/above/"' in page, "a short shelf is there whole"


def test_cab_11_page_by_page_everything_is_shown_once(client: Client) -> None:
    found = [one for page in (1, 2) for one in codes(client, f"/services/?category=calls&page={page}")]
    assert found == on_shelf()
    assert len(codes(client, "/services/?category=calls")) == ON_A_PAGE
    assert "category=calls&amp;page=2" in client.get("/services/?category=calls").content.decode()
    assert "page=3" not in client.get("/services/?category=calls&page=2").content.decode()


def test_cab_11_a_search_finds_names_in_either_language(client: Client) -> None:
    assert codes(client, "/services/?q=УСЛУГА+monthly") == ["monthly"]
    assert codes(client, "/services/?q=ny+06") == [f"many-06{n}" for n in range(10)]
    assert "так не называется" in words(client, "/services/?q=%25")


@pytest.mark.parametrize(
    "asked", ["page=0", "page=-1", "page=x", f"page={'9' * 30}", "category=nowhere", "category=%00", "q=%00", "page=٣"]
)
def test_cab_11_what_nobody_can_ask_for_is_answered(client: Client, asked: str) -> None:
    assert client.get(f"/services/?{asked}").status_code == 200
    assert PAGES_MAX * ON_A_PAGE > 5_000


def test_cab_11_pages_have_few_queries_however_much_is_sold(client: Client) -> None:
    for address in ("/services/", "/services/?category=calls", "/services/?q=many", "/services/monthly/"):
        assert cabinet.queries_of(client, address) <= 14, address
