"""A file of tones is taken whole or refused whole, with everything that is wrong (VAS-4)."""

from __future__ import annotations

import pytest

from abonent.domains.voice.tones.yaml import BadTones, read
from tests.factories import voice

GOOD = """
categories: {calm: {ru: Спокойные, en: Calm}}
tones:
  tide: {name: {ru: Прилив, en: Tide}, category: calm, artist: Orbita, language: ru, hit: true, file: tide.wav}
  snow: {name: {ru: Снег, en: Snow}, category: calm, artist: Orbita, file: tide.wav}
"""
SOUNDS = {"tide.wav": voice.wav(2), "long.wav": voice.wav(70), "tide.amr": voice.amr(), "page.wav": b"<html>"}


def test_vas_4_a_good_file_is_read_in_its_order() -> None:
    tide, snow = read(GOOD, SOUNDS.get)
    assert (tide.code, tide.is_hit, tide.language, tide.sound) == ("tide", True, "ru", voice.wav(2))
    assert (snow.code, snow.is_hit, snow.language) == ("snow", False, "")


@pytest.mark.parametrize(
    ("here", "there", "said"),
    [
        ("tide:", "Tide:", "Tide: a code is"),
        ("tide:", "copy:", "copy: a code is"),
        ("category: calm, artist: Orbita, language", "category: loud, artist: Orbita, language", "no such category"),
        ("hit: true", "hit: 5", "hit is true or false"),
        ("hit: true", "price: 5", "a tone has"),
        ("language: ru", "language: russian", "language is a code"),
        ("file: tide.wav}\n  snow", "file: none.wav}\n  snow", "there is no file none.wav"),
        ("file: tide.wav}\n  snow", "file: long.wav}\n  snow", "long.wav is no sound that is taken: long"),
        ("file: tide.wav}\n  snow", "file: tide.amr}\n  snow", "tide.amr must be WAV"),
        ("file: tide.wav}\n  snow", "file: page.wav}\n  snow", "page.wav is no sound that is taken: kind"),
        ("en: Tide", "de: Flut", "names in ru, en are needed"),
        ("en: Calm", "en: 5", "category calm: names"),
        ("tones:", "more: 1\ntones:", "categories and tones, and nothing else"),
        ("tones:", "tones: [", "no YAML"),
    ],
)
def test_vas_4_everything_that_is_wrong_is_said(here: str, there: str, said: str) -> None:
    assert here in GOOD
    with pytest.raises(BadTones) as error:
        read(GOOD.replace(here, there, 1), SOUNDS.get)
    assert said in str(error.value)
