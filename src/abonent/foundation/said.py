"""Words of a rule with gaps: English where no page is near, in the reader's language on one. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """A template, `%(name)s` for each of its values; as text it is English."""

    template: str
    values: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return self.template % dict(self.values)

    def __contains__(self, words: str) -> bool:
        return words in str(self)

    def told(self, translate: Callable[[str], str]) -> str:
        """Return the words with their template translated."""
        return translate(self.template) % dict(self.values)


def said(template: str, **values: object) -> Said:
    """Return words; give the template as `N_("…")`, so that it comes into the catalogues of translations."""
    return Said(template, tuple((name, str(value)) for name, value in values.items()))


def N_(template: str) -> str:  # noqa: N802 - the name by which such words are gathered everywhere
    """Mark words that are translated where they are shown."""
    return template
