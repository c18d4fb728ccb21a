"""A sealed printer that works alone: a folder that nobody but its owner can read, which the real printer empties."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

from abonent.domains.support import papers
from abonent.domains.support.ports import Letter

FOLDER_MODE = 0o700
FILE_MODE = 0o600


class SpoolFolder:
    """Implements `ports.SealedPrinter`: a PDF for each letter under `SEALED_FOLDER`, whole or not at all."""

    def print(self, letter: Letter) -> None:
        """Put the letter into the folder once; one already there stays."""
        self.put(f"{letter.id}.pdf", papers.envelope(letter))

    def put(self, name: str, content: bytes) -> None:
        """Write a file that only its owner can read, whole or not at all."""
        folder: Path = settings.SEALED_FOLDER
        folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
        folder.chmod(FOLDER_MODE)
        attempt = folder / f".{name}.{os.getpid()}"
        with os.fdopen(os.open(attempt, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE), "wb") as file:
            file.write(content)
        attempt.replace(folder / name)
