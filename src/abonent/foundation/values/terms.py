"""Terms that hold from a day on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, Protocol, TypeVar


class InvalidTerms(ValueError):
    """Terms that cannot be kept: the message says which part and why."""


class Terms(Protocol):
    """What can be written down, and read again by whoever knows the kind."""

    def to_json(self) -> dict[str, Any]: ...


T = TypeVar("T", bound=Terms)


@dataclass(frozen=True)
class Dated(Generic[T]):
    """Terms in force from a local day on, `of` a part of what they are for; `id` 0: they are not stored."""

    valid_from: date
    terms: T
    id: int = 0
    of: str = ""


def check_names(document: Mapping[str, Any], names: Iterable[str], where: str = "") -> None:
    """Raise `InvalidTerms` unless the document has these names and no others."""
    if set(document) != (asked := set(names)):
        raise InvalidTerms(f"{where}these are asked for, and no others: {', '.join(sorted(asked))}")
