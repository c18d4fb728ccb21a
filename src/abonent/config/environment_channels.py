"""The settings of the channels: how messages leave, and who may bring some in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Protocol
from urllib.parse import urlsplit

GATEWAY_KEY_LENGTH_MIN = 32
PORTS = {"tls": 465, "starttls": 587, "none": 25}
_NEAR = ("localhost", "127.0.0.1", "::1")
_PHONE = "abonent.demo.phone.gateway."


class Reader(Protocol):
    """Reads one setting after the other and gathers what is wrong."""

    wrong: list[str]
    values: Mapping[str, str]

    def text(self, name: str, default: str = "", pattern: str = "", hint: str = "") -> str: ...


@dataclass(frozen=True)
class Smtp:
    """The server that takes e-mail; `security` is `tls`, `starttls` or `none`, `ca` the file of its authority."""

    host: str
    port: int
    security: str
    user: str
    password: str
    ca: str


@dataclass(frozen=True)
class Channels:
    """Dotted paths of the gateways (empty: that door is closed), senders, the site's own address for links."""

    sms_gateway: str
    sms_sender: str
    sms_service: str
    mail_gateway: str
    email_from: str
    voice_gateway: str
    gateway_key: str
    address: str
    smtp: Smtp


def read(reader: Reader, *, demo: bool, production: bool, hosts: tuple[str, ...], https: bool) -> Channels:
    """Return the settings of the channels; what is wrong stands in `reader.wrong`."""
    channels = Channels(
        sms_gateway=reader.text("ABONENT_SMS_GATEWAY", f"{_PHONE}PhoneOnScreen" if demo else ""),
        sms_sender=reader.text("ABONENT_SMS_SENDER", "3339"),
        sms_service=reader.text("ABONENT_SMS_SERVICE", "111"),
        mail_gateway=reader.text("ABONENT_MAIL_GATEWAY", f"{_PHONE}MailboxOnScreen" if demo else ""),
        email_from=reader.text("ABONENT_EMAIL_FROM", "no-reply@orbita.example" if demo else ""),
        voice_gateway=reader.text("ABONENT_VOICE_GATEWAY", f"{_PHONE}CallOnScreen" if demo else ""),
        gateway_key=reader.values.get("ABONENT_GATEWAY_KEY", "").strip(),
        address=_address(reader, hosts, https),
        smtp=_smtp(reader),
    )
    for name, path in (
        ("SMS", channels.sms_gateway),
        ("MAIL", channels.mail_gateway),
        ("VOICE", channels.voice_gateway),
    ):
        if production and path.startswith("abonent.demo."):
            reader.wrong.append(f"ABONENT_{name}_GATEWAY: the phone on screen is for the demo; name a real gateway")
    if channels.mail_gateway and "@" not in parseaddr(channels.email_from)[1]:
        reader.wrong.append(
            f"ABONENT_EMAIL_FROM={channels.email_from!r}: give the address e-mails come from, "
            "for example Орбита <no-reply@orbita.example>"
        )
    if channels.gateway_key and len(channels.gateway_key) < GATEWAY_KEY_LENGTH_MIN:
        reader.wrong.append(f"ABONENT_GATEWAY_KEY is shorter than {GATEWAY_KEY_LENGTH_MIN} characters")
    return channels


def _address(reader: Reader, hosts: tuple[str, ...], https: bool) -> str:
    """Return where people open the site: links in messages hang on it, never on what a request says of its host."""
    named = next((host.removeprefix(".") for host in hosts if "*" not in host), "")
    default = f"{'https' if https else 'http'}://{named}" if named else "http://localhost:8000"
    address = reader.text("ABONENT_ADDRESS", default).rstrip("/")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.fragment:
        reader.wrong.append(f"ABONENT_ADDRESS={address!r}: give the site's address as https://my.orbita.example")
    return address


def _smtp(reader: Reader) -> Smtp:
    security = reader.text("ABONENT_SMTP_SECURITY", "starttls", "tls|starttls|none", "give tls, starttls or none")
    port = reader.text("ABONENT_SMTP_PORT", str(PORTS.get(security, 25)), "[0-9]{1,5}", "give a port number")
    smtp = Smtp(
        host=reader.text("ABONENT_SMTP_HOST"),
        port=int(port) if port.isdecimal() else 0,
        security=security,
        user=reader.text("ABONENT_SMTP_USER"),
        password=reader.values.get("ABONENT_SMTP_PASSWORD", ""),
        ca=reader.text("ABONENT_SMTP_CA"),
    )
    if not (smtp.user + smtp.password).isascii():
        reader.wrong.append("ABONENT_SMTP_USER, ABONENT_SMTP_PASSWORD: only ASCII characters can be sent to log in")
    if smtp.security == "none" and smtp.host and smtp.host not in _NEAR:
        reader.wrong.append(
            f"ABONENT_SMTP_SECURITY=none: codes would cross the network in clear; {smtp.host!r} is another machine"
        )
    return smtp
