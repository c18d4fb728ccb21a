"""Running things: the web server, the worker, and cleaning up after a demo."""

from __future__ import annotations

import asyncio
import fcntl
import shutil
import socket
from contextlib import suppress

import typer
from django.db import connection
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from abonent.config.environment import Environment
from abonent.entrypoints.cli.runtime import fail
from abonent.foundation.embedded_postgres import EmbeddedPostgres, wait_until_gone
from abonent.foundation.jobs import worker

BACKLOG = 1024
PORTS_TRIED = 20
JOB_END_TIMEOUT_S = 8


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


def free_ports(host: str, first: int, count: int) -> list[int]:
    """Return the first `count` free ports from `first` on; end with one line when the next twenty are taken."""
    found: list[int] = []
    for port in range(first, min(first + PORTS_TRIED, 65536)):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind((host, port))
                found.append(port)
        if len(found) == count:
            break
    else:
        fail(f"{count} more ports are needed, but those from {first} on are taken; choose another PORT")
    return found


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
    asyncio.run(_work(concurrency))


async def _work(concurrency: int) -> None:
    with worker.app() as app:
        async with app.open_async():
            await app.run_worker_async(concurrency=concurrency, shutdown_graceful_timeout=JOB_END_TIMEOUT_S)


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
    for name in (
        "postgres",
        "postgres.users",
        "postgres.starting",
        "demo",
        "bank",
        "network",
        "demo.log",
        "sealed",
        "audit-head",
        "audit-head.lock",
        "rejected",
        "requests",
        "secret-key",
        "password-pepper",
    ):
        path = settings.var / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    typer.echo(f"{settings.var} is empty again")
