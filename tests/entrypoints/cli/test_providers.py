"""`abonent providers`: terms from a day on, a provider's key; a bad file changes nothing (CAB-11)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from abonent.domains.catalog import models
from abonent.domains.catalog.providers import queries as providers_queries
from abonent.domains.orders.subscriptions import gateway as subscriptions_gateway
from abonent.entrypoints.cli import providers as command

pytestmark = pytest.mark.django_db(transaction=True)
SERVICE = {
    "code": "horoscope", "names": {"ru": "Гороскоп", "en": "Horoscope"}, "price_minor": 500, "per": "day",
    "words": ["гороскоп"],
}  # fmt: skip
TERMS: dict[str, Any] = {
    "code": "stars", "names": {"ru": "Звёзды", "en": "Stars"}, "contact": "a", "short_number": "3300", "phone": "b",
    "services": [SERVICE],
}  # fmt: skip


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(command.app, list(words))
    return done.exit_code, done.output


def published(folder: Path, terms: object, day: str = "2024-01-01") -> int:
    file = folder / "terms.json"
    file.write_text(terms if isinstance(terms, str) else json.dumps(terms))
    return run("publish", str(file), "--from", day)[0]


def test_cab_11_a_provider_is_published_once_for_a_day_and_has_a_key(tmp_path: Path) -> None:
    assert run("key", "stars")[0] == 1
    assert [published(tmp_path, TERMS) for _ in range(2)] == [0, 0]
    dearer = {**TERMS, "services": [{**SERVICE, "price_minor": 600}]}
    assert published(tmp_path, dearer) == 1
    assert published(tmp_path, dearer, "2025-01-01") == 0
    assert [one.services[0].price_minor for one in providers_queries.versions()] == [500, 600]
    assert run("key", "stars")[1].strip() == subscriptions_gateway.provider_key("stars")


@pytest.mark.parametrize(
    "wrong",
    [
        "", "[]", "{}", {"code": "S"}, {"names": {"ru": "x"}}, {"names": "x"}, {"short_number": "12"}, {"services": []},
        {"services": [{**SERVICE, "price_minor": 0}]}, {"services": [{**SERVICE, "price_minor": 1.5}]},
        {"services": [{**SERVICE, "per": "year"}]}, {"services": [SERVICE, SERVICE]}, {"services": [{"code": "x"}]},
        {"services": [{**SERVICE, "words": ["Два слова"]}]}, {"url": "http://far.example/"}, {"more": 1}, {"phone": 7},
    ],
    ids=repr,
)  # fmt: skip
def test_cab_11_bad_terms_are_refused_whole(tmp_path: Path, wrong: Any) -> None:
    assert published(tmp_path, wrong if isinstance(wrong, str) else {**TERMS, **wrong}) == 1
    assert not models.ProviderVersion.objects.exists()


def test_cab_11_a_short_number_is_of_one_provider(tmp_path: Path) -> None:
    assert published(tmp_path, TERMS) == 0
    assert published(tmp_path, {**TERMS, "code": "moons"}) == 1
    assert models.ProviderVersion.objects.count() == 1
