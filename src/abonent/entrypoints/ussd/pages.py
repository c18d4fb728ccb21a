"""A text cut into pages that a handset can show. Pure."""

from __future__ import annotations

from collections.abc import Sequence

# What one page holds: 182 characters of the alphabet of networks, or 70 of any other.
GSM_MAX, OTHER_MAX = 182, 70
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# These take two places.
_GSM_TWICE = frozenset("^{}\\[~]|€")
_PLAIN = str.maketrans({"\N{NO-BREAK SPACE}": " ", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-"})


def plain(text: str) -> str:
    """Return the text with signs that every handset has: half of a page is worth more than a fine quotation mark."""
    return text.translate(_PLAIN)


def length(text: str) -> int:
    """Return how many places of a page the text takes, told as a share of `GSM_MAX` or `OTHER_MAX` by `fits`."""
    return sum(2 if character in _GSM_TWICE else 1 for character in text)


def fits(text: str) -> bool:
    """Return whether a page holds the text."""
    if all(character in _GSM or character in _GSM_TWICE for character in text):
        return length(text) <= GSM_MAX
    # What is beyond the first plane of Unicode takes two places.
    return len(text.encode("utf-16-be")) // 2 <= OTHER_MAX


def cut(text: str, choices: Sequence[str], more: str) -> list[tuple[str, int]]:
    """Return the pages of a text with lines to choose from below it; each with how many of these it has.

    Every page but the last ends with the line `more`. A text is cut between words; a line that is a
    choice is kept whole where a page can hold it.
    """
    units: list[tuple[str, bool]] = [
        (word, False) for line in text.split("\n") for word in (*_words(line, more), "\n")
    ][:-1]
    units += [(part, last) for line in choices for part, last in _lines(line, more)]
    pages: list[tuple[str, int]] = []
    shown, count = "", 0
    for place, (unit, is_choice) in enumerate(units):
        longer = _joined(shown, unit, below=place >= len(units) - _lines_of(choices, more))
        end = "" if place == len(units) - 1 else f"\n{more}"
        if shown and not fits(longer.rstrip() + end) and not (place == len(units) - 1 and fits(longer.rstrip())):
            pages.append((f"{shown.rstrip()}\n{more}", count))
            longer, count = unit.lstrip(), 0
        shown = longer
        count += is_choice
    return [*pages, (shown.rstrip(), count)]


def _lines_of(choices: Sequence[str], more: str) -> int:
    return sum(len(_lines(line, more)) for line in choices)


def _joined(shown: str, unit: str, *, below: bool) -> str:
    if not shown:
        return unit.lstrip()
    if below:
        return f"{shown.rstrip()}\n{unit}"
    return f"{shown}{unit}" if unit == "\n" or shown.endswith("\n") else f"{shown} {unit}"


def _words(line: str, more: str) -> list[str]:
    """Return the words of a line; one that no page holds is cut."""
    return [piece for word in line.split() for piece in _pieces(word, more)]


def _pieces(word: str, more: str) -> list[str]:
    room = OTHER_MAX - len(more) - 1
    return [word[start : start + room] for start in range(0, len(word), room)]


def _lines(line: str, more: str) -> list[tuple[str, bool]]:
    """Return a choice, in pieces where it is too long for a page; the last of them makes it one."""
    pieces = _pieces(line, more)
    return [(piece, place == len(pieces) - 1) for place, piece in enumerate(pieces)]
