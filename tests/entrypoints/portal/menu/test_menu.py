"""The entry menu."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories import cabinet, identity

pytestmark = pytest.mark.django_db


def test_fix_1_shows_strangers_only_what_is_built() -> None:
    text = cabinet.words(Client(), "/")
    assert "Мобильная связь" in text
    assert "Домашний интернет и ТВ" in text
    assert "Спутниковое ТВ" in text
    for later in ("Интернет-банк", "Настройки"):
        assert later not in text


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
