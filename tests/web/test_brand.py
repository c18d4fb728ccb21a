"""One colour in, safe tokens out."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.web import brand
from abonent.web.brand import Color, Tokens, contrast

BRANDS = {
    "teal": "#00707a", "red": "#e4002b", "crimson": "#b3002d", "orange": "#ff7a00", "yellow": "#ffc800",
    "lime": "#b4e600", "green": "#00a650", "cyan": "#00d2ff", "blue": "#0057ff", "violet": "#7b2ff7",
    "black": "#101010", "white": "#ffffff",
}  # fmt: skip
SURFACES = {"light": (brand.WHITE, brand.GROUND), "dark": (brand.DARK_SURFACE, brand.DARK_GROUND)}
colors = st.tuples(*[st.integers(0, 255)] * 3)


def theme(name: str, color: Color) -> Tokens:
    return brand.light_theme(color) if name == "light" else brand.dark_theme(color)


def check(tokens: Tokens, grounds: tuple[Color, ...], *, text: float, graphics: float) -> None:
    for ground in (*grounds, tokens.soft):
        assert contrast(tokens.link, ground) >= text, ("link", ground)
    assert contrast(tokens.fill_ink, tokens.fill) >= text, "button"
    for ground in (tokens.hero_top, tokens.hero_end, tokens.hero_note):
        assert contrast(tokens.hero_ink, ground) >= text, ("hero", ground)
    for drawn, ground in product((tokens.gauge, tokens.chart, tokens.mark), grounds):
        assert contrast(drawn, ground) >= graphics, "graphics"


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize("color", BRANDS.values(), ids=BRANDS.keys())
def test_it_is_readable_for_twelve_brands_in_both_themes(color: str, name: str) -> None:
    check(theme(name, brand.parse(color)), SURFACES[name], text=4.5, graphics=3.0)


@given(colors, st.sampled_from(["light", "dark"]))
def test_it_is_readable_whatever_the_brand(color: Color, name: str) -> None:
    check(theme(name, color), SURFACES[name], text=4.5, graphics=3.0)


def test_it_never_darkens_a_light_brand_but_draws_in_ink() -> None:
    yellow = brand.parse(BRANDS["yellow"])
    tokens = brand.light_theme(yellow)
    assert tokens.fill == yellow
    assert (tokens.link, tokens.gauge, tokens.fill_ink, tokens.hero_ink) == (brand.INK,) * 4


@pytest.mark.parametrize("name", ["red", "crimson"])
def test_it_keeps_red_for_what_is_low(name: str) -> None:
    color = brand.parse(BRANDS[name])
    assert brand.is_reddish(color)
    assert brand.light_theme(color).gauge == brand.INK
    assert brand.dark_theme(color).gauge == brand.DARK_INK


@pytest.mark.parametrize("name", ["teal", "blue", "violet", "green", "black"])
def test_it_leaves_other_gauges_in_the_brand(name: str) -> None:
    assert not brand.is_reddish(brand.parse(BRANDS[name]))


@pytest.mark.parametrize("text", ["", "#fff", "00707a0", "#00707g"])
def test_it_refuses_what_is_no_colour(text: str) -> None:
    with pytest.raises(ValueError, match=r"colour|invalid literal"):
        brand.parse(text)


@given(colors)
def test_it_writes_what_it_reads(color: Color) -> None:
    assert brand.parse(brand.written(color)) == color
