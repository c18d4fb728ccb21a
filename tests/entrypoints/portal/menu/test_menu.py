"""The entry menu."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.factories import cabinet, identity

pytestmark = pytest.mark.django_db


def test_fix_1_shows_strangers_every_way_in_in_order() -> None:
    text = cabinet.words(Client(), "/")
    places = [text.index(said) for said in ("Мобильная связь", "Домашний интернет и ТВ", "Спутниковое ТВ", "Настройки")]
    assert places == sorted(places)
    assert "Интернет-банк" not in text, "there is none"


def test_fix_1_leads_to_the_internet_bank_when_there_is_one(settings: Any) -> None:
    settings.BANK_ADDRESS = "https://bank.orbita.example/"
    for client in (Client(), identity.browser()):
        page = client.get("/").content.decode()
        assert page.index("Интернет-банк") < page.index("Настройки")
        assert '<a class="entry" href="https://bank.orbita.example/" rel="noreferrer">' in page


def test_fix_1_shows_somebody_signed_in_all_their_lines_under_headings() -> None:
    line = cabinet.line()
    cabinet.another(line, "+79000000002", "legky")
    cabinet.another(line, "700012345", "ekran", "tv")
    cabinet.another(line, "orlova-3312", "dom-100", "internet")
    text = cabinet.words(identity.browser(line), "/")
    places = [
        text.index(said)
        for said in (
            "Мобильная связь",
            "+7 900 000-00-01",
            "+7 900 000-00-02",
            "Домашний интернет и ТВ",
            "orlova-3312",
            "700012345",
        )
    ]
    assert places == sorted(places)


def test_fix_1_opens_the_line_chosen() -> None:
    line = cabinet.line()
    home = cabinet.another(line, "orlova-3312", "dom-100", "internet")
    client = identity.browser(line)
    response = client.post("/line/", {"line": home.id, "next": "/home/"})
    assert (response.status_code, response["Location"]) == (302, "/home/")
    assert "Домашний интернет orlova-3312" in cabinet.words(client)


def test_fix_1_wipes_what_was_kept_offline_only_for_strangers() -> None:
    assert b"data-signed-out" in Client().get("/").content
    assert b"data-signed-out" not in identity.browser(cabinet.line()).get("/").content
