"""A catalogue of tones as YAML: categories with their names, then tones by code, each with the file of its sound. Pure.

What is wrong is told whole, and then nothing of it is taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from abonent.domains.voice.voicemail.rules import BadSound, Kind, check

SIZE_MAX = 1_000_000
SOUND_MAX, LONGEST_S = 1_000_000, 60
LANGUAGES = ("ru", "en")
KEYS = {"name", "category", "artist", "language", "hit", "file"}
NAME_LENGTH_MAX = 100
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
# These stand in addresses of the cabinet already.
_TAKEN = frozenset({"catalogue", "copy", "let-copy", "remove"})


class BadTones(ValueError):
    """A catalogue that is refused whole; a line for each problem."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Entry:
    """A tone as the file has it, with its sound."""

    code: str
    category: str
    categories: Mapping[str, str]
    names: Mapping[str, str]
    artist: str
    language: str
    is_hit: bool
    sound: bytes


def read(text: str, sound: Callable[[str], bytes | None]) -> list[Entry]:
    """Return the tones in their order; `sound` returns the content of a file by its name, None: there is none.

    Raises `BadTones`.
    """
    if len(text) > SIZE_MAX:
        raise BadTones([f"more than {SIZE_MAX} characters"])
    try:
        root = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError):
        raise BadTones(["no YAML"]) from None
    if not isinstance(root, dict) or set(root) != {"categories", "tones"}:
        raise BadTones(["a file has categories and tones, and nothing else"])
    categories, tones = root["categories"], root["tones"]
    if not isinstance(categories, dict) or not isinstance(tones, dict):
        raise BadTones(["categories and tones are by code"])
    problems = [f"category {code}: names in {', '.join(LANGUAGES)} are needed" for code, names in categories.items()
                if not _are_names(names)]  # fmt: skip
    entries = []
    for code, told in tones.items():
        entry = _entry(code, told, categories, sound)
        if isinstance(entry, str):
            problems.append(f"{code}: {entry}")
        else:
            entries.append(entry)
    if problems:
        raise BadTones(problems)
    return entries


def _entry(code: Any, told: Any, categories: Mapping[str, Any], sound: Callable[[str], bytes | None]) -> Entry | str:
    """Return the tone, or what is wrong with it."""
    wrong = _wrong(code, told, categories)
    if wrong:
        return wrong
    content = sound(told["file"])
    if content is None:
        return f"there is no file {told['file']}"
    if len(content) > SOUND_MAX:
        return f"{told['file']} is larger than {SOUND_MAX} bytes"
    try:
        found = check(content, longest_s=LONGEST_S)
    except BadSound as error:
        return f"{told['file']} is no sound that is taken: {error}"
    if found.kind is not Kind.WAV:
        return f"{told['file']} must be WAV with PCM"
    return Entry(
        code, told["category"], categories[told["category"]], told["name"], told["artist"],
        told.get("language", ""), told.get("hit", False), content,
    )  # fmt: skip


def _wrong(code: Any, told: Any, categories: Mapping[str, Any]) -> str:
    if not isinstance(code, str) or not _CODE.fullmatch(code) or code in _TAKEN:
        return "a code is of small letters, digits and hyphens, and none of the words of addresses"
    if not isinstance(told, dict) or not set(told) <= KEYS or not KEYS - {"language", "hit"} <= set(told):
        return f"a tone has {', '.join(sorted(KEYS))}; language and hit may be left out"
    if not _are_names(told["name"]):
        return f"names in {', '.join(LANGUAGES)} are needed"
    if not isinstance(told["category"], str) or told["category"] not in categories:
        return "there is no such category"
    if not all(isinstance(told[key], str) and 0 < len(told[key]) <= NAME_LENGTH_MAX for key in ("artist", "file")):
        return "artist and file are texts"
    if not re.fullmatch(r"([a-z]{2})?", str(told.get("language", "")), re.ASCII):
        return "language is a code of two letters"
    return "" if isinstance(told.get("hit", False), bool) else "hit is true or false"


def _are_names(told: Any) -> bool:
    return (
        isinstance(told, dict)
        and set(told) == set(LANGUAGES)
        and all(isinstance(name, str) and 0 < len(name) <= NAME_LENGTH_MAX for name in told.values())
    )
