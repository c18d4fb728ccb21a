"""Files of people: sealed by the vault, kept under random names outside of everything that is served.

Each owner of such files has a folder of its own ("": the root), and sweeps what no row of its knows any more.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from secrets import token_hex

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from abonent.foundation import vault


def new_name(folder: str = "") -> str:
    """Return a name that nobody guesses, for a row that is written before its file."""
    return f"{folder}/{token_hex(16)}" if folder else token_hex(16)


def put(name: str, content: bytes, *, purpose: str) -> None:
    """Keep the content, sealed. Last of a transaction: what has no row is swept up, a row without its file is a lie."""
    _storage().save(name, ContentFile(vault.seal_bytes(content, purpose=purpose)))


def get(name: str, *, purpose: str) -> bytes:
    """Return the content; raise `FileNotFoundError`, and `vault.CannotUnseal`."""
    with _storage().open(name) as file:
        return vault.unseal_bytes(file.read(), purpose=purpose)


def drop(name: str) -> None:
    """Delete a file; one that is not there is deleted already."""
    _storage().delete(name)


def sweep(folder: str, known: Collection[str], *, before: datetime) -> int:
    """Delete older files of the folder that are not among `known`; return how many. The newest may be on their way."""
    storage = _storage()
    if not storage.exists(folder):
        return 0
    names = [f"{folder}/{name}" if folder else name for name in storage.listdir(folder)[1]]
    strange = [name for name in names if name not in known and storage.get_modified_time(name) < before]
    for name in strange:
        storage.delete(name)
    return len(strange)


def _storage() -> Storage:
    return storages["requests"]
