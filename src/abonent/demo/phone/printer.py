"""The sealed printer of the demo: the paper can be looked at on `/phone/printer/`."""

from __future__ import annotations

import json

from django.conf import settings

from abonent.domains.support.embedded import SpoolFolder
from abonent.domains.support.papers import letter_words
from abonent.domains.support.ports import Letter


class PrinterOnScreen(SpoolFolder):
    """Implements `support.ports.SealedPrinter`."""

    def print(self, letter: Letter) -> None:
        """Put the letter into the spool folder, and its words beside it."""
        super().print(letter)
        self.put(f"{letter.id}.json", json.dumps(letter_words(letter), ensure_ascii=False).encode())


def papers() -> list[dict[str, str]]:
    """Return what was printed, the newest first."""
    folder = settings.SEALED_FOLDER
    if not folder.is_dir():
        return []
    found = sorted(folder.glob("[!.]*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    return [json.loads(path.read_text()) for path in found]
