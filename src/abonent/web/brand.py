"""One brand colour in, safe tokens out. Pure.

A colour is three numbers 0-255. Contrast is WCAG's ratio, 1 to 21. What comes out keeps text at 4.6 : 1 and graphics
at 3.4 : 1 or better on every ground they stand on, whatever colour an operator gives.
"""

from __future__ import annotations

import colorsys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Color = tuple[int, int, int]

TEXT = 4.6
GRAPHICS = 3.4
HERO_TEXT = 5.2
DARK_TEXT = 6.0
DARK_GRAPHICS = 4.0

WHITE: Color = (255, 255, 255)
INK: Color = (0x14, 0x20, 0x1E)
GROUND: Color = (0xF4, 0xF3, 0xEF)
DARK_GROUND: Color = (0x0E, 0x14, 0x13)
DARK_SURFACE: Color = (0x18, 0x20, 0x1F)
DARK_INK: Color = (0xEA, 0xF0, 0xEE)
BAD: Color = (0xB3, 0x26, 0x1E)

# Against white below this, a colour is light: good as a ground under dark ink, never as ink itself.
LIGHT_BELOW = 3.0
REDDISH_DEGREES = 20


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one theme that come from the brand.

    `fill` with `fill_ink` on it; `link` is brand as text; `soft` the tint behind current items; `gauge` draws amounts,
    `chart` the first slice, `mark` the operator's sign; `hero_top` to `hero_end` the balance card, with `hero_ink` on
    it and on its notes in `hero_note`.
    """

    fill: Color
    fill_ink: Color
    link: Color
    soft: Color
    gauge: Color
    chart: Color
    mark: Color
    hero_top: Color
    hero_end: Color
    hero_ink: Color
    hero_note: Color


def parse(text: str) -> Color:
    """Return the colour written `#rrggbb`; raises ValueError."""
    if len(text) != 7 or text[0] != "#":
        raise ValueError(f"{text!r} is no colour; write #rrggbb")
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def written(color: Color) -> str:
    """Return `#rrggbb`."""
    return "#{:02x}{:02x}{:02x}".format(*color)


def contrast(one: Color, other: Color) -> float:
    """Return WCAG's contrast ratio of two colours."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mixed(color: Color, ground: Color, share: float) -> Color:
    """Return `color` laid over `ground` with opacity `share`."""
    red, green, blue = (round(c * share + g * (1 - share)) for c, g in zip(color, ground, strict=True))
    return red, green, blue


def is_light(brand: Color) -> bool:
    return contrast(brand, WHITE) < LIGHT_BELOW


def is_reddish(brand: Color) -> bool:
    """Whether the brand is so near the colour of errors that a gauge in it would look like a warning."""
    hue, _, saturation = _hls(brand)
    apart = abs(hue - _hls(BAD)[0]) * 360
    return saturation > 0.2 and min(apart, 360 - apart) <= REDDISH_DEGREES


def light_theme(brand: Color) -> Tokens:
    """Return the tokens on warm paper."""
    if is_light(brand):
        # Darkened yellow turns to mustard: a light brand only fills, and ink draws.
        return Tokens(
            fill=brand, fill_ink=INK, link=INK, soft=mixed(brand, WHITE, 0.28), gauge=INK, chart=INK, mark=INK,
            hero_top=brand, hero_end=_scaled(brand, 0.95), hero_ink=INK,
            hero_note=_lightest_note(brand),
        )  # fmt: skip
    fill = _darkened(brand, lambda c: contrast(c, WHITE) >= TEXT)
    soft = mixed(brand, WHITE, 0.1)
    link = _darkened(brand, lambda c: all(contrast(c, ground) >= TEXT for ground in (WHITE, GROUND, soft)))
    graphics = _darkened(brand, lambda c: contrast(c, GROUND) >= GRAPHICS)
    hero = _darkened(brand, lambda c: contrast(c, WHITE) >= HERO_TEXT)
    return Tokens(
        fill=fill, fill_ink=WHITE, link=link, soft=soft, gauge=INK if is_reddish(brand) else graphics,
        chart=graphics, mark=graphics, hero_top=hero, hero_end=_scaled(hero, 0.8), hero_ink=WHITE,
        hero_note=_scaled(hero, 0.65),
    )  # fmt: skip


def dark_theme(brand: Color) -> Tokens:
    """Return the tokens in the dark."""
    soft = mixed(brand, DARK_SURFACE, 0.2)
    grounds = (DARK_SURFACE, DARK_GROUND, soft)
    link = _lightened(brand, lambda c: all(contrast(c, ground) >= DARK_TEXT for ground in grounds))
    graphics = _lightened(brand, lambda c: contrast(c, DARK_SURFACE) >= DARK_GRAPHICS)
    light = light_theme(brand)
    return Tokens(
        fill=link, fill_ink=DARK_GROUND, link=link, soft=soft, gauge=DARK_INK if is_reddish(brand) else graphics,
        chart=graphics, mark=graphics, hero_top=light.hero_top, hero_end=light.hero_end, hero_ink=light.hero_ink,
        hero_note=light.hero_note,
    )  # fmt: skip


def _lightest_note(brand: Color) -> Color:
    return _first(lambda c: contrast(c, INK) >= TEXT, [_scaled(brand, 0.9 + step / 100) for step in range(11)])


def _luminance(color: Color) -> float:
    def linear(part: int) -> float:
        share = part / 255
        return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)

    red, green, blue = map(linear, color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _hls(color: Color) -> tuple[float, float, float]:
    """Return hue 0-1, saturation last, in this room's own order (hue, lightness, saturation)."""
    red, green, blue = color
    return colorsys.rgb_to_hls(red / 255, green / 255, blue / 255)


def _scaled(color: Color, by: float) -> Color:
    red, green, blue = (round(part * by) for part in color)
    return red, green, blue


def _darkened(color: Color, enough: Callable[[Color], bool]) -> Color:
    return _first(enough, [_scaled(color, 1 - step / 100) for step in range(100)])


def _lightened(color: Color, enough: Callable[[Color], bool]) -> Color:
    return _first(enough, [mixed(WHITE, color, step / 100) for step in range(101)])


def _first(enough: Callable[[Color], bool], colors: Sequence[Color]) -> Color:
    return next((color for color in colors if enough(color)), colors[-1])
