"""Secrets in messages: made at delivery by their source, taken out at reception by theirs, kept nowhere here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module

_sources: dict[str, str] = {}
_receptions: list[str] = []


@dataclass(frozen=True, slots=True)
class SecretRef:
    """Names a secret without giving it away: its kind, and what the kind's source makes it from."""

    kind: str
    ref: str


@dataclass(frozen=True, slots=True)
class Reception:
    """What may be kept of a text that came in, and what its secret became (a hash, a verdict) until it is answered."""

    text: str
    kept: Mapping[str, str] = field(default_factory=dict)


def wire(sources: Mapping[str, str], reception: str = "") -> None:
    """Tell, by dotted paths, who makes the secrets of which kind and who takes them out of what comes in."""
    _sources.clear()
    _sources.update(sources)
    _receptions[:] = [reception] if reception else []


def take_out(*, sender: str, recipient: str, text: str) -> Reception:
    """Return what may be kept of a text that came in; without anybody to judge it, all of it."""
    for path in _receptions:
        module, _, name = path.rpartition(".")
        judge: Callable[..., Reception] = getattr(import_module(module), name)
        return judge(sender=sender, recipient=recipient, text=text)
    return Reception(text)


def reveal(secret: SecretRef, now: datetime) -> str | None:
    """Return the secret, or None when it is worth nothing any more."""
    module, _, name = _sources[secret.kind].rpartition(".")
    source: Callable[[str, datetime], str | None] = getattr(import_module(module), name)
    return source(secret.ref, now)
