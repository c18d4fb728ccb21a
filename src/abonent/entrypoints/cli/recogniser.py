"""`abonent recognise`: the listener behind the operator's gateway, a process and a port of its own."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from abonent.config.environment import Environment
from abonent.entrypoints.cli.runtime import fail

BACKLOG = 1024


def serve(
    settings: Environment,
    *,
    host: str,
    port: int,
    certificate: Path | None,
    key: Path | None,
    client_ca: Path | None,
    workers: int,
) -> None:
    """Listen until told to stop; with `client_ca`, only to who shows a certificate of that authority."""
    _refuse_open_door(settings, host)
    if client_ca and not certificate:
        fail("--client-ca needs --certificate and --key: a client shows its certificate only over TLS")
    if bool(certificate) != bool(key):
        fail("--certificate and --key belong together")
    Granian(
        "abonent.entrypoints.recogniser.server:application",
        address=host,
        port=port,
        # Without its lifespan part: the listener has nothing to open or to close.
        interface=Interfaces.ASGINL,
        workers=workers,
        backlog=BACKLOG,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        ssl_cert=certificate,
        ssl_key=key,
        ssl_ca=client_ca,
        ssl_client_verify=client_ca is not None,
    ).serve()


def _refuse_open_door(settings: Environment, host: str) -> None:
    """End with a line when others could reach the listener, but nobody said which hosts and peers are ours."""
    if _is_near(host):
        return
    if "*" in settings.allowed_hosts:
        fail("ABONENT_HOSTS is missing: the host names people are sent back to, separated by commas")
    if settings.recogniser.hears_this_machine_alone:
        fail("ABONENT_RECOGNISER_PEERS is missing: the addresses that the gateway speaks from, separated by commas")


def _is_near(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
