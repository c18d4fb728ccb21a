"""The settings an operator gives, read from the environment once and checked all together.

Every name starts with `ABONENT_`, except `DATABASE_URL`. Without `DATABASE_URL` the embedded PostgreSQL is used.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from abonent.config import (
    environment_bills,
    environment_channels,
    environment_logins,
    environment_network,
    environment_payments,
    environment_porting,
    environment_providers,
    environment_recogniser,
    environment_server,
)
from abonent.config.environment_bills import Bills
from abonent.config.environment_channels import Channels
from abonent.config.environment_logins import Login
from abonent.config.environment_network import Network
from abonent.config.environment_payments import Payments
from abonent.config.environment_porting import Porting
from abonent.config.environment_recogniser import Recogniser
from abonent.config.environment_server import Server

ROOT = Path(__file__).resolve().parents[3]
PRINTER_ON_SCREEN = "abonent.demo.phone.printer.PrinterOnScreen"
SPOOL_FOLDER = "abonent.domains.support.embedded.SpoolFolder"
TONES_IN_HOUSE = "abonent.domains.voice.embedded.PlatformInHouse"


class WrongSettings(Exception):
    """One or more settings are missing or wrong; the message has a line for each."""


@dataclass(frozen=True)
class Environment:
    """What the operator decided. Times are aware, durations in seconds, paths absolute."""

    var: Path
    database_url: str | None
    demo: bool
    secret_key: str
    old_secret_keys: tuple[str, ...]
    allowed_hosts: tuple[str, ...]
    https: bool
    time_zone: str
    operator_name: str
    operator_name_en: str
    support_number: str
    apn: str
    brand_color: str
    # Where the operator's bank is on the web; empty: it has none.
    bank_address: str
    number_ranges: tuple[str, ...]
    allowed_ranges: tuple[str, ...]
    channels: Channels
    bills: Bills
    logins: tuple[Login, ...]
    recogniser: Recogniser
    payments: Payments
    network: Network
    porting: Porting
    # The dotted path of the gateway to content providers.
    content_providers: str
    log_level: str
    maintenance_until: datetime | None
    erasure_days: int
    profile: str
    passkey_domain: str
    sealed_printer: str
    tone_platform: str
    password_pepper: str
    server: Server

    @property
    def production(self) -> bool:
        return self.database_url is not None


class _Reader:
    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values
        self.wrong: list[str] = []

    def text(self, name: str, default: str = "", pattern: str = "", hint: str = "") -> str:
        value = self.values.get(name, "").strip() or default
        if pattern and value and not re.fullmatch(pattern, value):
            self.wrong.append(f"{name}={value!r}: {hint}")
        return value

    def flag(self, name: str, default: bool) -> bool:
        value = self.values.get(name, "").strip().lower()
        if value not in ("", "0", "1", "true", "false", "yes", "no"):
            self.wrong.append(f"{name}={value!r}: give 1 or 0")
        return value in ("1", "true", "yes") if value else default

    def whole(self, name: str, default: int) -> int:
        given = self.text(name, str(default), r"[1-9][0-9]{0,3}", "give a whole number from 1 on")
        return int(given) if re.fullmatch("[1-9][0-9]{0,3}", given) else default

    def words(self, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(word for word in re.split(r"[,\s]+", self.values.get(name, "")) if word) or default


def read(values: Mapping[str, str] = os.environ) -> Environment:
    """Return the settings in `values`, or raise `WrongSettings` that names every wrong one."""
    reader = _Reader(values)
    var = Path(reader.text("ABONENT_VAR", str(ROOT / "var"))).absolute()
    database_url = reader.text("DATABASE_URL") or None
    demo = reader.flag("ABONENT_DEMO", default=False)
    production = database_url is not None
    hosts = reader.words("ABONENT_HOSTS", () if production else ("*",))
    https = reader.flag("ABONENT_HTTPS", default=production)
    played = demo and not production  # A production that asks for the demo by mistake gets none of its defaults.
    secret_key = _secret_key(reader, var, production)
    environment = Environment(
        var=var,
        database_url=database_url,
        demo=demo,
        secret_key=secret_key,
        old_secret_keys=reader.words("ABONENT_OLD_SECRET_KEYS", ()),
        allowed_hosts=hosts,
        https=https,
        time_zone=reader.text("ABONENT_TIME_ZONE", "Europe/Moscow"),
        operator_name=reader.text("ABONENT_OPERATOR", "Орбита"),
        operator_name_en=reader.text("ABONENT_OPERATOR_EN", "Orbita"),
        support_number=reader.text("ABONENT_SUPPORT_NUMBER", "0890"),
        apn=reader.text("ABONENT_APN", "internet", r"[A-Za-z0-9.-]{1,62}", "give an access point name"),
        brand_color=reader.text("ABONENT_BRAND_COLOR", "#00707a", r"#[0-9a-fA-F]{6}", "give a colour as #rrggbb"),
        bank_address=reader.text("ABONENT_BANK_ADDRESS", "", r"https://[^\s/?#@]+(/\S*)?", "give https://…"),
        number_ranges=reader.words("ABONENT_NUMBER_RANGES", ("+7900",)),
        allowed_ranges=reader.words("ABONENT_ALLOWED_RANGES", ()),
        channels=environment_channels.read(reader, demo=played, production=production, hosts=hosts, https=https),
        bills=environment_bills.read(reader, demo=played, production=production),
        logins=environment_logins.read(reader, demo=demo),
        recogniser=environment_recogniser.read(reader, demo=demo, secret_key=secret_key),
        payments=environment_payments.read(reader, demo=demo, production=production),
        network=(network := environment_network.read(reader, demo=played)),
        porting=environment_porting.read(reader, played=network.demo),
        content_providers=environment_providers.read(reader, demo=played, production=production),
        log_level=_log_level(reader),
        maintenance_until=_moment(reader, "ABONENT_MAINTENANCE_UNTIL"),
        erasure_days=reader.whole("ABONENT_ERASURE_DAYS", 7),
        profile=reader.text("ABONENT_PROFILE", "modern", "modern|classic", "give modern or classic"),
        passkey_domain=reader.text("ABONENT_PASSKEY_DOMAIN"),
        tone_platform=reader.text("ABONENT_TONE_PLATFORM", TONES_IN_HOUSE),
        sealed_printer=reader.text("ABONENT_SEALED_PRINTER", PRINTER_ON_SCREEN if played else SPOOL_FOLDER),
        password_pepper=_password_pepper(reader, var, production),
        server=environment_server.read(reader),
    )  # fmt: skip
    _check(reader, environment)
    if reader.wrong:
        raise WrongSettings("\n".join(reader.wrong))
    return environment


def _log_level(reader: _Reader) -> str:
    return reader.text("ABONENT_LOG_LEVEL", "WARNING", "DEBUG|INFO|WARNING|ERROR", "give DEBUG, INFO, WARNING or ERROR")


def _check(reader: _Reader, environment: Environment) -> None:
    try:
        ZoneInfo(environment.time_zone)
    except (KeyError, ValueError):
        reader.wrong.append(f"ABONENT_TIME_ZONE={environment.time_zone!r}: no such time zone")
    if any(len(key) < 50 for key in environment.old_secret_keys):
        reader.wrong.append("ABONENT_OLD_SECRET_KEYS: a key is shorter than 50 characters, so it never was one")
    for name, prefixes in (
        ("ABONENT_NUMBER_RANGES", environment.number_ranges),
        ("ABONENT_ALLOWED_RANGES", environment.allowed_ranges),
    ):
        for prefix in prefixes:
            if not re.fullmatch(r"\+[1-9]\d{1,14}", prefix):
                reader.wrong.append(f"{name}: {prefix!r} is no number prefix; give for example +7900")
    domain = environment.passkey_domain
    if domain and not all(host == domain or host.endswith(f".{domain}") for host in environment.allowed_hosts):
        reader.wrong.append(f"ABONENT_PASSKEY_DOMAIN={domain!r}: every host of ABONENT_HOSTS must be it or lie in it")
    if environment.production:
        _check_production(reader, environment)


def _check_production(reader: _Reader, environment: Environment) -> None:
    if not environment.allowed_hosts:
        reader.wrong.append("ABONENT_HOSTS is missing: the host names people open, separated by commas")
    if environment.demo:
        reader.wrong.append("ABONENT_DEMO=1 shows codes to anybody and is refused together with DATABASE_URL")
    if environment.sealed_printer.startswith("abonent.demo."):
        reader.wrong.append("ABONENT_SEALED_PRINTER: the printer on screen is for the demo; name a real printer")
    if urlsplit(environment.database_url or "").scheme not in ("postgresql", "postgres"):
        reader.wrong.append("DATABASE_URL: only PostgreSQL is supported; give postgresql://user:password@host/name")


def _secret_key(reader: _Reader, var: Path, production: bool) -> str:
    """Return the key that codes and cookies hang on; outside production one is made and kept in `var`."""
    given = reader.values.get("ABONENT_SECRET_KEY", "").strip()
    if given or production:
        if len(given) < 50:
            reader.wrong.append("ABONENT_SECRET_KEY is missing or shorter than 50 characters; make one with: "
                                "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'")  # fmt: skip
        return given
    return _kept(var, "secret-key")


def _password_pepper(reader: _Reader, var: Path, production: bool) -> str:
    """Return the key under which passwords are hashed; outside production one is made and kept in `var`."""
    given = reader.values.get("ABONENT_PASSWORD_PEPPER", "").strip()
    if given or production:
        if len(given) < 32:
            reader.wrong.append("ABONENT_PASSWORD_PEPPER is missing or shorter than 32 characters; make one with: "
                                "python3 -c 'import secrets; print(secrets.token_urlsafe(32))' and never lose it: "
                                "without it every password is wrong")  # fmt: skip
        return given
    return _kept(var, "password-pepper")


def _kept(var: Path, name: str) -> str:
    """Return the secret kept in `var` under that name; make it the first time."""
    kept = var / name
    if not kept.exists():
        var.mkdir(parents=True, exist_ok=True)
        attempt = kept.with_suffix(f".{os.getpid()}")
        attempt.touch(mode=0o600)
        attempt.write_text(secrets.token_urlsafe(50))
        # Two first starts at once must agree on one key: linking fails for the second.
        with suppress(FileExistsError):
            os.link(attempt, kept)
        attempt.unlink()
    return kept.read_text()


def _moment(reader: _Reader, name: str) -> datetime | None:
    value = reader.text(name)
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        reader.wrong.append(f"{name}={value!r}: give a time as 2030-12-31T04:00+03:00")
        return None
    if moment.tzinfo is None:
        reader.wrong.append(f"{name}={value!r}: the offset is missing; give for example {value}+03:00")
        return None
    return moment


def database_options(url: str) -> dict[str, object]:
    """Return Django's DATABASES entry for a libpq address; a `host` in the query (a socket folder) wins."""
    parts = urlsplit(url)
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    host = unquote(query.pop("host", "")) or parts.hostname or ""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "abonent",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": {name: unquote(value) for name, value in query.items()},
    }
