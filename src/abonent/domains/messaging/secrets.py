"""Secrets in messages: known by a kind and a reference, made at delivery by their source, kept nowhere here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module

_sources: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class SecretRef:
    """Names a secret without giving it away: its kind, and what the kind's source makes it from."""

    kind: str
    ref: str


def wire(sources: Mapping[str, str]) -> None:
    """Tell which function (a dotted path) makes the secrets of which kind; called once at start."""
    _sources.clear()
    _sources.update(sources)


def reveal(secret: SecretRef, now: datetime) -> str | None:
    """Return the secret, or None when it is worth nothing any more."""
    module, _, name = _sources[secret.kind].rpartition(".")
    source: Callable[[str, datetime], str | None] = getattr(import_module(module), name)
    return source(secret.ref, now)
