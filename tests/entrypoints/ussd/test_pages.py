"""Texts cut into pages that a handset can show (CH-2)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from abonent.entrypoints.ussd.pages import GSM_MAX, OTHER_MAX, cut, fits

WORDS = st.text(alphabet="абвг ABC.,\n€[]😀", max_size=400)
LINES = st.lists(st.text(alphabet="абв xyz€", min_size=1, max_size=90).filter(str.strip), max_size=12)
MORE = "0 Ещё"


@given(WORDS, LINES)
def test_ch_2_every_page_fits_and_every_line_can_be_chosen_once(text: str, choices: list[str]) -> None:
    found = cut(text, choices, MORE)
    assert all(fits(page) for page, _ in found)
    assert sum(count for _, count in found) == len(choices)
    assert all(page.endswith(MORE) for page, _ in found[:-1])


@given(WORDS)
def test_ch_2_nothing_of_a_text_is_lost(text: str) -> None:
    shown = "".join(page.removesuffix(f"\n{MORE}") for page, _ in cut(text, [], MORE))
    assert "".join(shown.split()) == "".join(text.split())


def test_ch_2_a_page_holds_182_characters_of_the_networks_alphabet_or_70_of_another() -> None:
    assert fits("a" * GSM_MAX)
    assert not fits("a" * (GSM_MAX + 1))
    assert not fits("€" * (GSM_MAX // 2 + 1))
    assert fits("я" * OTHER_MAX)
    assert not fits("я" * (OTHER_MAX + 1))
    assert not fits("😀" * (OTHER_MAX // 2 + 1)), "two places each"


def test_ch_2_a_short_text_is_one_page_with_its_lines() -> None:
    assert cut("Меню:", ["1 Баланс", "2 Пакеты"], MORE) == [("Меню:\n1 Баланс\n2 Пакеты", 2)]
    assert cut("", [], MORE) == [("", 0)]
