"""What must hold before Abonent can serve people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from django.core.checks import run_checks
from django.db import connection

from abonent.config.environment import Environment
from abonent.domains.lines import esims
from abonent.domains.lines.provisioning import network
from abonent.domains.messaging import channels
from abonent.domains.payments import queries as payments
from abonent.domains.porting import gateway as porting
from abonent.entrypoints.cli.runtime import pending_migrations

POSTGRES_MAJOR_MIN = 15
NO_GATEWAY = "ABONENT_SMS_GATEWAY is not set"


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `problem` says what to do, None when all is well."""

    subject: str
    fact: str
    problem: str | None = None

    def to_json(self) -> dict[str, str | None]:
        return asdict(self)


def findings(settings: Environment) -> list[Finding]:
    """Return everything looked at, good and bad."""
    return [*_database(), *_settings(settings), *_framework()]


def _database() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('server_version'), current_setting('server_version_num')::int / 10000")
        version, major = cursor.fetchone()
    old = major < POSTGRES_MAJOR_MIN
    yield Finding(
        "database", f"PostgreSQL {version}", f"PostgreSQL {POSTGRES_MAJOR_MIN} or newer is needed" if old else None
    )
    pending = pending_migrations()
    missing = f"{len(pending)} migrations are not applied; run: abonent migrate" if pending else None
    yield Finding("tables", "up to date", missing)


def _settings(settings: Environment) -> Iterator[Finding]:
    yield Finding("settings", "demo" if settings.demo else "production" if settings.production else "embedded")
    named = settings.channels
    problem = channels.problem("sms") if named.sms_gateway else f"{NO_GATEWAY}: no code can be sent, nobody can sign in"
    yield Finding("SMS gateway", named.sms_gateway, problem)
    for subject, channel, path in (("e-mail", "email", named.mail_gateway), ("calls", "voice", named.voice_gateway)):
        if path:
            yield Finding(f"{subject} gateway", path, channels.problem(channel))
        else:
            yield Finding(f"{subject} gateway", "none: no page offers this way")
    if settings.payments.gateway:
        yield Finding("payment gateway", settings.payments.gateway, payments.problem())
    else:
        yield Finding("payment gateway", "none: no page offers to pay")
    if settings.network.path:
        yield Finding("network", settings.network.path, network.problem())
    else:
        yield Finding("network", "none: nothing can be connected or disconnected")
    if settings.network.esims:
        yield Finding("eSIM server", settings.network.esims, esims.problem())
    if settings.porting.path:
        yield Finding("central database of numbers", settings.porting.path, porting.problem())
    yield Finding(
        "gateways that call us",
        "ABONENT_GATEWAY_KEY is set" if named.gateway_key else "none: no SMS from people, no delivery receipts",
    )


def _framework() -> Iterator[Finding]:
    for message in run_checks():
        yield Finding(f"framework {message.id}", "", message.msg)
