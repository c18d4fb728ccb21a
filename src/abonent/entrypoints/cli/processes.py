"""Running things: the web server, the worker, and cleaning up after a demo."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import shutil
import socket
from pathlib import Path

import typer
from django.core.management import call_command
from django.db import connection
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from procrastinate.contrib.django import app as jobs

from abonent.config.environment import Environment
from abonent.entrypoints.cli.runtime import fail
from abonent.foundation.embedded_postgres import EmbeddedPostgres, wait_until_gone

BACKLOG = 1024


def refuse_taken_port(host: str, port: int) -> None:
    """End with one line when somebody already listens on the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            fail(f"port {port} needs more rights; choose one above 1024, for example PORT=8000")
        except OSError as error:
            fail(
                f"port {port} of {host} cannot be used ({error.strerror}); choose another, for example PORT={port + 1}"
            )


def serve(*, host: str, port: int, workers: int, threads: int) -> None:
    """Serve until told to stop."""
    connection.close()
    Granian(
        "abonent.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        backlog=BACKLOG,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
    ).serve()


def work(*, concurrency: int) -> None:
    """Do jobs until told to stop; those begun are finished first."""
    with jobs.replace_connector(jobs.connector.get_worker_connector()) as worker:
        asyncio.run(worker.run_worker_async(concurrency=concurrency, shutdown_graceful_timeout=10))


def collect_static(settings: Environment) -> None:
    """Copy static files to where the server reads them, unless the same ones lie there."""
    from django.conf import settings as django_settings

    root = Path(django_settings.STATIC_ROOT)
    source = Path(django_settings.STATICFILES_DIRS[0])
    mark = settings.var / "static.made-from"
    made_from = _fingerprint(source)
    settings.var.mkdir(parents=True, exist_ok=True)
    with (settings.var / "static.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if root.exists() and mark.exists() and mark.read_text() == made_from:
            return
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        mark.write_text(made_from)


def reset(settings: Environment, *, ask: bool) -> None:
    """Stop the embedded server and delete `var`; a given database is never touched."""
    if settings.production:
        fail("DATABASE_URL is set; reset deletes only the embedded database. Unset it first")
    if not settings.var.exists():
        typer.echo("there is nothing to reset")
        return
    if ask and not typer.confirm(f"Delete everything in {settings.var}?"):
        raise typer.Exit(1)
    server = EmbeddedPostgres(settings.var / "postgres")
    users = settings.var / "postgres.users"
    if users.exists():
        with users.open("w") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                fail("the demo, or another command, is running on this database; stop it first")
    server.stop()
    if not wait_until_gone(server):
        fail("the embedded PostgreSQL does not stop; nothing was deleted")
    for name in ("postgres", "postgres.users", "postgres.starting", "static", "static.made-from", "static.lock",
                 "demo", "rejected", "secret-key"):  # fmt: skip
        path = settings.var / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    typer.echo(f"{settings.var} is empty again")


def _fingerprint(folder: Path) -> str:
    """Return a hash over names, sizes and times of all files: cheap, and new whenever a file is."""
    facts = sorted(
        (str(path.relative_to(folder)), path.stat().st_size, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    )
    return hashlib.sha256(repr(facts).encode()).hexdigest()
