"""The stylesheet, the icons, the templates' environments."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template import TemplateDoesNotExist, engines
from django.test import Client
from django.utils import translation
from jinja2 import UndefinedError

from abonent.web import icons, stylesheet
from abonent.web.environment import PageEnvironment, Pages

BIGGEST = 8 * 1024


@pytest.mark.parametrize("address", [stylesheet.address, stylesheet.cabinet_address])
def test_it_is_a_small_stylesheet_kept_for_ever(address: Callable[[], str]) -> None:
    response = Client().get(address(), headers={"accept-encoding": "gzip"})
    assert response["Content-Type"] == "text/css; charset=utf-8"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["Vary"] == "Accept-Encoding"
    assert len(response.content) <= BIGGEST
    assert gzip.decompress(response.content) == Client().get(address()).content


def test_it_answers_an_old_address_without_keeping_it() -> None:
    response = Client().get("/style-00000000.css")
    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
    assert Client().get("/style-zz.css").status_code == 404


def test_it_is_another_sheet_for_another_brand() -> None:
    assert "--fill:#00707a" in stylesheet.text_for("#00707a")
    assert "--fill:#ffc800" in stylesheet.text_for("#ffc800")


def test_it_uses_only_colours_that_are_defined() -> None:
    text = stylesheet.text_for("#00707a") + Client().get(stylesheet.cabinet_address()).content.decode()
    used = set(re.findall(r"var\(--([a-z0-9-]+)", text))
    defined = set(re.findall(r"--([a-z0-9-]+):", text))
    assert used <= defined


def test_it_names_fonts_and_pictures_that_exist() -> None:
    text = stylesheet.text_for("#00707a")
    for name in re.findall(r"url\(/static/([^?)]+)", text):
        assert finders.find(name), name


def test_it_has_no_style_and_no_script_inside_a_template() -> None:
    for path in (Path(stylesheet.STYLES).parent / "templates").rglob("*.html"):
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", path.read_text()), path


@pytest.mark.parametrize("path", sorted(icons.DRAWINGS.glob("*.svg")), ids=lambda path: path.stem)
def test_it_draws_icons_in_the_colour_of_the_text(path: Path) -> None:
    drawn = icons.icon(path.stem)
    assert drawn.startswith('<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="')
    assert "fill=" not in drawn


def environment(language: str) -> PageEnvironment:
    engine = next(engine for engine in engines.all() if isinstance(engine, Pages))
    return engine.environment_of(language)


def test_it_sets_the_words_when_a_template_is_compiled() -> None:
    assert environment("ru").from_string('{{ _("Balance") }}').render() == "Баланс"
    assert environment("en").from_string('{{ _("Balance") }}').render() == "Balance"
    assert "gettext" not in environment("ru").compile('{{ _("Balance") }}', raw=True)


def test_it_still_fills_in_what_is_known_later() -> None:
    with translation.override("ru"):
        text = environment("ru").from_string('{{ _("of %(amount)s", amount=amount) }}').render(amount="<b>")
    assert text == "из &lt;b&gt;"


def test_it_escapes_and_refuses_names_nobody_gave() -> None:
    assert environment("ru").from_string("{{ text }}").render(text="<script>") == "&lt;script&gt;"
    with pytest.raises(UndefinedError):
        environment("ru").from_string("{{ nothing }}").render()


def test_it_says_which_template_is_missing() -> None:
    engine = next(engine for engine in engines.all() if isinstance(engine, Pages))
    with pytest.raises(TemplateDoesNotExist, match=r"nothing\.html"):
        engine.get_template("nothing.html")


def test_it_serves_static_files_for_a_year_under_the_hash_of_their_content() -> None:
    page = Client().get("/offline/").content.decode()
    for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', page):
        response = Client().get(address)
        assert response.status_code == 200, address
        assert "max-age=31536000" in response["Cache-Control"]
        assert re.search(r"\?v=[0-9a-f]{8}$", address)
        assert response.getvalue()


def test_it_treats_a_message_as_a_format_like_jinja_does() -> None:
    assert environment("en").from_string('{{ _("100 %% more") }}').render() == "100 % more"
