"""What every command needs before it works: settings that hold, a database that answers, words on the terminal."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import NoReturn

import django
import psycopg
import typer
from django.core.management import call_command
from django.db import InterfaceError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from abonent.config.environment import Environment, WrongSettings, read
from abonent.foundation.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError

EXIT_FAILED = 1
EXIT_SETTINGS = 2
DISK_FULL = "the disk is full; free some space and run the same command again: what was taken stays, nothing is lost"
# Set by whoever prepared the database, to its process id, for the processes that it starts.
PREPARED = "ABONENT_PREPARED_BY"
# A server that died for want of space frees a little when it goes down.
DISK_LEFT_BYTES_MIN = 32 * 1024 * 1024


def fail(message: str, code: int = EXIT_FAILED) -> NoReturn:
    """Say why on standard error, a line per reason, and end with `code`."""
    for line in message.splitlines():
        typer.echo(f"abonent: {line}", err=True)
    raise typer.Exit(code)


def environment() -> Environment:
    """Return the checked settings, or end with exit code 2 and a line for each wrong one."""
    try:
        return read()
    except WrongSettings as error:
        fail(str(error), EXIT_SETTINGS)


@contextmanager
def database(*, prepare: bool = True) -> Iterator[Environment]:
    """Set Django up on the given database, or on the embedded one, which runs at least as long as the block.

    The embedded database is migrated when needed (`prepare`); a given one only by `abonent migrate`.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "abonent.config.settings")
    settings = environment()
    try:
        with nullcontext() if settings.production else EmbeddedPostgres(settings.var / "postgres").in_use():
            django.setup()
            if prepare and not settings.production and not is_prepared() and pending_migrations():
                migrate()
            try:
                yield settings
            finally:
                connection.close()
    except EmbeddedPostgresError as error:
        fail(str(error))
    except (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError) as error:
        # Bulk copies speak to psycopg itself, so its own errors come through.
        reason = f"the database does not answer: {_first_line(error)}"
        fail(DISK_FULL if _for_want_of_space(error, settings) else reason)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        fail(DISK_FULL)


def is_prepared() -> bool:
    """Return whether the process that started this one has just looked after the database itself."""
    return os.environ.get(PREPARED) == str(os.getppid())


def _for_want_of_space(error: Exception, settings: Environment) -> bool:
    """Return whether the database refused because its disk is full, or died of it."""
    cause = error.__cause__ or error
    if isinstance(cause, psycopg.errors.DiskFull) or os.strerror(errno.ENOSPC) in str(error):
        return True
    return not settings.production and shutil.disk_usage(settings.var).free < DISK_LEFT_BYTES_MIN


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def pending_migrations() -> list[str]:
    """Return the names of migrations that are not applied yet, in order."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def migrate() -> None:
    """Apply all migrations; two processes that start at once take turns."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(hashtext('abonent migrate'))")
        try:
            call_command("migrate", verbosity=0, interactive=False)
        finally:
            cursor.execute("select pg_advisory_unlock(hashtext('abonent migrate'))")
