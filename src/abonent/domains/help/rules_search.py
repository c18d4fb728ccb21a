"""What was typed into the search, as a question to PostgreSQL: prefixes, other keyboard, near misses. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

TYPED_LENGTH_MAX = 200
WORDS_MAX = 8
PREFIX_LENGTH_MIN = 3
NEAR_LENGTH_MIN = 4
LONG = 8

_LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
# йцукенгшщзхъ, фывапролджэ, ячсмитьбю, ё: the same keys.
_RUSSIAN = (
    "\u0439\u0446\u0443\u043a\u0435\u043d\u0433\u0448\u0449\u0437\u0445\u044a"
    "\u0444\u044b\u0432\u0430\u043f\u0440\u043e\u043b\u0434\u0436\u044d"
    "\u044f\u0447\u0441\u043c\u0438\u0442\u044c\u0431\u044e\u0451"
)
_OTHER_KEYBOARD = str.maketrans(_LATIN + _RUSSIAN, _RUSSIAN + _LATIN)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question in PostgreSQL's words: for what has all of it, and for what has any; empty: nothing was typed."""

    every: str
    some: str


def wanted(typed: str) -> Wanted:
    """Return what is looked for."""
    terms = [term for token in _tokens(typed) if (term := _term(token))]
    return Wanted(" & ".join(terms), " | ".join(terms))


def words(text: str) -> set[str]:
    """Return the words of a text that somebody may nearly type."""
    return {word for word in _WORD.findall(same(text)) if len(word) >= NEAR_LENGTH_MIN and not word.isdecimal()}


def corrected(typed: str, known: Iterable[str]) -> str:
    """Return what was probably meant, word by word; as it was typed when nothing is near."""
    vocabulary = set(known)
    return " ".join(_nearest(token, vocabulary) for token in _tokens(typed))


def same(text: str) -> str:
    """Return small letters, without the dots that half of the people leave out."""
    return text.lower().replace("ё", "е")


def _tokens(typed: str) -> list[str]:
    seen = "".join(c if c.isprintable() else " " for c in typed[:TYPED_LENGTH_MAX])
    return same(seen).split()[:WORDS_MAX]


def _term(token: str) -> str:
    """Return a token as it stands, or as it would on the other keyboard."""
    readings = [" & ".join(_prefix(word) for word in _WORD.findall(token))]
    switched = same(token.translate(_OTHER_KEYBOARD))
    # Not of "in" and "at": words that mean nothing would be looked for in all earnest on the other keyboard.
    is_word = _WORD.fullmatch(switched) and not switched.isdecimal() and len(switched) >= PREFIX_LENGTH_MIN
    if is_word and switched != token:
        readings.append(_prefix(switched))
    kept = [reading for reading in readings if reading]
    return f"({' | '.join(kept)})" if kept else ""


def _prefix(word: str) -> str:
    # Letters, digits and the underscore only: nothing in it means anything to the database.
    return f"'{word}':*" if len(word) >= PREFIX_LENGTH_MIN else f"'{word}'"


def _nearest(token: str, vocabulary: set[str]) -> str:
    readings = (token, same(token.translate(_OTHER_KEYBOARD)))
    if any(reading in vocabulary for reading in readings):
        return token
    best: tuple[int, str] | None = None
    for reading in readings:
        if len(reading) < NEAR_LENGTH_MIN or not _WORD.fullmatch(reading):
            continue
        most = 1 if len(reading) < LONG else 2
        for word in vocabulary:
            if abs(len(word) - len(reading)) <= most and (far := distance(reading, word, most)) <= most:
                best = min(best or (far, word), (far, word))
    return best[1] if best else token


def distance(one: str, other: str, most: int) -> int:
    """Return how many letters are wrong, missing, too many or swapped; more than `most` is `most` + 1."""
    before, last = [0] * (len(other) + 1), list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            least = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                least = min(least, before[j - 2] + 1)
            row.append(least)
        if min(row) > most:
            return most + 1
        before, last = last, row
    return min(last[-1], most + 1)
