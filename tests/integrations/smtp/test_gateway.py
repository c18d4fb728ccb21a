"""The mail gateway against a real SMTP server."""

from __future__ import annotations

import email
import email.policy
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from abonent.config.environment_channels import Smtp as Settings
from abonent.domains.messaging.ports import Refused
from abonent.integrations.smtp.gateway import NotEncrypted, ServerSaid, Smtp

HOST = "127.0.0.1"
TEXT = "123456 — код для входа.\n\n.\nЖдём вас, «Орбита»\n" + "длинная строка " * 100
SENDER = "Орбита <no-reply@orbita.example>"


@dataclass
class Handler:
    """A server that keeps letters, and answers as it is told."""

    on_recipient: str = "250 OK"
    on_data: str = "250 OK"
    on_sender: str = "250 OK"
    hang_up: bool = False
    letters: list[tuple[Envelope, EmailMessage]] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802 - aiosmtpd's names
        self.heard.append(address)
        envelope.mail_from = address
        return self.on_sender

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802 - aiosmtpd's names
        self.heard.append(address)
        envelope.rcpt_tos.append(address)
        return self.on_recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's names
        assert isinstance(envelope.content, bytes)
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.letters.append((envelope, letter))  # type: ignore[arg-type]
        self.encrypted.append(session.ssl is not None)
        if self.hang_up:
            server.transport.close()
        return self.on_data


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path_factory.mktemp("smtp") / "server.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
    assert isinstance(data, LoginPassword)
    return AuthResult(success=data == LoginPassword(b"cabinet", b"right-secret"), handled=False)


@contextmanager
def server(handler: Handler, **options: Any) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname=HOST, port=port, decode_data=False, enable_SMTPUTF8=True, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def context(certificate: Path) -> ssl.SSLContext:
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    found.load_cert_chain(certificate)
    return found


@pytest.fixture
def gateway(settings, certificate: Path):  # type: ignore[no-untyped-def]
    """Make a gateway for a port."""

    def make(port: int, security: str = "starttls", user: str = "", password: str = "", ca: str = "own") -> Smtp:
        settings.SMTP = Settings(HOST, port, security, user, password, str(certificate) if ca == "own" else ca)
        return Smtp()

    return make


def send(gateway: Smtp, message_id: UUID | None = None, recipient: str = "anna@mail.example") -> str:
    return gateway.send(
        message_id=message_id or uuid4(), sender=SENDER, recipient=recipient, subject="Ваш код – Орбита", text=TEXT
    )


def test_ch_3_a_letter_arrives_whole_encrypted_and_named_by_its_message(gateway, certificate: Path) -> None:  # type: ignore[no-untyped-def]
    handler, message_id = Handler(), uuid4()
    with server(handler, tls_context=context(certificate), require_starttls=True) as port:
        names = {send(gateway(port), message_id) for _ in range(2)}
    assert names == {f"<{message_id}@orbita.example>"}
    (envelope, letter), (_, again) = handler.letters
    assert (envelope.mail_from, envelope.rcpt_tos) == ("no-reply@orbita.example", ["anna@mail.example"])
    assert letter["Message-ID"] == again["Message-ID"] == f"<{message_id}@orbita.example>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert (letter["Subject"], letter["To"], letter["From"]) == ("Ваш код – Орбита", "anna@mail.example", SENDER)
    assert abs(parsedate_to_datetime(letter["Date"]) - datetime.now(UTC)) < timedelta(minutes=1)
    assert letter.get_content_type() == "text/plain"
    assert letter.get_content_charset() == "utf-8"
    assert letter.get_content().replace("\r\n", "\n").rstrip() == TEXT.rstrip()
    assert handler.encrypted == [True, True]


def test_it_speaks_tls_from_the_first_word(gateway, certificate: Path) -> None:  # type: ignore[no-untyped-def]
    handler = Handler()
    with server(handler, ssl_context=context(certificate)) as port:
        send(gateway(port, "tls"))
    assert len(handler.letters) == 1


def test_it_logs_in_over_the_encrypted_connection(gateway, certificate: Path) -> None:  # type: ignore[no-untyped-def]
    handler = Handler()
    options = {
        "tls_context": context(certificate), "require_starttls": True, "authenticator": authenticate,
        "auth_required": True,
    }  # fmt: skip
    with server(handler, **options) as port:
        send(gateway(port, user="cabinet", password="right-secret"))
        with pytest.raises(ServerSaid) as refused:
            send(gateway(port, user="cabinet", password="wrong-secret"))
    assert len(handler.letters) == 1
    assert "535" in str(refused.value)
    assert "wrong-secret" not in str(refused.value)


def test_without_starttls_nothing_is_said_in_clear(gateway, certificate: Path) -> None:  # type: ignore[no-untyped-def]
    handler = Handler()
    with server(handler) as port, pytest.raises(NotEncrypted):
        send(gateway(port, user="cabinet", password="right-secret"))
    assert handler.heard == []
    assert handler.letters == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_that_somebody_else_vouches_for_hears_nothing(gateway, certificate: Path, security: str) -> None:  # type: ignore[no-untyped-def]
    handler = Handler()
    name = "tls_context" if security == "starttls" else "ssl_context"
    with server(handler, **{name: context(certificate)}) as port, pytest.raises(ssl.SSLCertVerificationError):
        send(gateway(port, security, ca=""))
    assert handler.letters == []


def test_a_server_beside_us_may_do_without(gateway) -> None:  # type: ignore[no-untyped-def]
    handler = Handler()
    with server(handler) as port:
        send(gateway(port, "none"))
    assert len(handler.letters) == 1


@pytest.mark.parametrize(
    ("place", "reply", "error", "said"),
    [
        ("on_recipient", "550 5.1.1 no such user anna@mail.example", Refused, "SMTP 550 5.1.1"),
        ("on_recipient", "450 4.2.0 greylisted, come again", ServerSaid, "SMTP 450 4.2.0"),
        ("on_data", "554 5.7.1 spam: 123456", Refused, "SMTP 554 5.7.1"),
        ("on_data", "451 later, 123456", ServerSaid, "SMTP 451"),
        ("on_sender", "550 not yours", ServerSaid, "sender refused: SMTP 550"),
        ("on_sender", "421 going down", ServerSaid, "sender refused: SMTP 421"),
    ],
)
def test_a_refusal_for_ever_is_told_from_one_for_now(  # type: ignore[no-untyped-def]
    gateway, place: str, reply: str, error: type[Exception], said: str
) -> None:
    handler = Handler(**{place: reply})
    with server(handler) as port, pytest.raises(error) as caught:
        send(gateway(port, "none"))
    assert str(caught.value) == said
    assert caught.value.__cause__ is None


def test_a_connection_lost_in_the_middle_is_tried_again_under_the_same_name(gateway) -> None:  # type: ignore[no-untyped-def]
    handler, message_id = Handler(hang_up=True), uuid4()
    with server(handler) as port:
        mail = gateway(port, "none")
        with pytest.raises(OSError, match="closed"):
            send(mail, message_id)
        handler.hang_up = False
        send(mail, message_id)
    first, second = (letter["Message-ID"] for _, letter in handler.letters)
    assert first == second


def test_a_server_that_is_away_may_come_back(gateway) -> None:  # type: ignore[no-untyped-def]
    with server(Handler()) as port:
        mail = gateway(port, "none")
    with pytest.raises(ConnectionRefusedError):
        send(mail)


@pytest.mark.parametrize(
    "recipient",
    ["", "anna", "anna@", "a@b.example, c@d.example", "anna@mail.example\r\nBcc: eve@mail.example", "\0", "@", "<>"],
)
def test_what_is_no_address_is_refused_and_adds_no_header(gateway, recipient: str) -> None:  # type: ignore[no-untyped-def]
    handler = Handler()
    with server(handler) as port, pytest.raises(Refused):
        send(gateway(port, "none"), recipient=recipient)
    assert handler.letters == []
    assert handler.heard == []


def test_an_address_of_another_alphabet_is_understood(gateway) -> None:  # type: ignore[no-untyped-def]
    handler = Handler()
    with server(handler) as port:
        send(gateway(port, "none"), recipient="анна@почта.example")
    assert handler.letters[0][0].rcpt_tos == ["анна@почта.example"]


def test_without_a_host_it_says_what_is_missing(settings) -> None:  # type: ignore[no-untyped-def]
    settings.SMTP = Settings("", 587, "starttls", "", "", "")
    with pytest.raises(ValueError, match="ABONENT_SMTP_HOST"):
        Smtp()
