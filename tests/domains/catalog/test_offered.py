"""What is on sale, and what only its holders see (CAB-10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from abonent.domains.catalog import actions, queries
from tests.factories import catalog

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 22)


def published(code: str, *, valid_from: date = date(2024, 1, 1), fee_minor: int = 100, service: str = "mobile") -> int:
    version = replace(
        catalog.SMALL, tariff_code=code, valid_from=valid_from, fee_minor=fee_minor, service=service
    )  # fmt: skip
    return actions.publish(version)


def test_cab_10_a_tariff_is_sold_in_the_version_in_force_that_day() -> None:
    held = published("one")
    published("one", valid_from=date(2026, 11, 22), fee_minor=200)
    published("one", valid_from=date(2026, 11, 23), fee_minor=300)
    published("later", valid_from=date(2026, 11, 23))
    published("other", service="tv")
    offered = queries.offered(service="mobile", held=held, day=DAY)
    assert [(offer.version.tariff_code, offer.version.fee_minor) for offer in offered.on_sale] == [("one", 200)]
    assert offered.own.version.fee_minor == 100
    assert [offer.version.fee_minor for offer in offered.all] == [100, 200]
    found = offered.find("one")
    assert found
    assert found.version.fee_minor == 200
    assert not offered.find("later")


def test_cab_10_only_its_holder_sees_what_is_not_sold_any_more() -> None:
    archived, sold = published("old"), published("new")
    actions.present(tariff_code="old", about={"ru": "Старый", "en": "Old"}, sold_until=DAY)
    holders = queries.offered(service="mobile", held=archived, day=DAY)
    assert [offer.version.tariff_code for offer in holders.all] == ["old", "new"]
    assert holders.find("old") is holders.own
    assert holders.own.about == {"ru": "Старый", "en": "Old"}
    others = queries.offered(service="mobile", held=sold, day=DAY)
    assert [offer.version.tariff_code for offer in others.all] == ["new"]
    assert others.find("old") is None


def test_cab_10_nothing_is_said_of_a_tariff_that_is_not_there() -> None:
    with pytest.raises(LookupError):
        actions.present(tariff_code="none", about={"ru": "", "en": ""})
