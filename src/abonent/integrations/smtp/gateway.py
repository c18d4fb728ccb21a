"""The mail gateway that speaks SMTP (RFC 5321) to one server, encrypted, or not at all."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.errors import NonASCIILocalPartDefect
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime, parseaddr
from uuid import UUID

from django.conf import settings

from abonent.domains.messaging.ports import Refused
from abonent.foundation.clock import now

# A server that is slower than this is as good as away; the message is tried again.
TIMEOUT_S = 15


class NotEncrypted(Exception):
    """The server offers no encryption: nothing is said to it, and trying again may help."""


class ServerSaid(Exception):
    """The server did not take the letter now; the text has its codes only, since its words quote addresses."""


class Smtp:
    """Implements `messaging.ports.MailGateway`. Every letter has a connection of its own: threads share nothing."""

    def __init__(self) -> None:
        self._server = settings.SMTP
        if not self._server.host:
            raise ValueError("ABONENT_SMTP_HOST is missing")
        self._trust = ssl.create_default_context(cafile=self._server.ca or None)
        self._trust.minimum_version = ssl.TLSVersion.TLSv1_2

    def send(self, *, message_id: UUID, sender: str, recipient: str, subject: str, text: str) -> str:
        """Hand over one letter; return its Message-ID, the same however often it is sent.

        Raises `Refused` when the server will never take it, `ServerSaid`, `NotEncrypted`, `OSError` or another
        `SMTPException` when it may.
        """
        name = f"<{message_id}@{parseaddr(sender)[1].rpartition('@')[2]}>"
        letter = _letter(name, sender, recipient, subject, text)
        with self._connected() as server:
            try:
                server.send_message(letter)
            except smtplib.SMTPRecipientsRefused as error:
                code, words = next(iter(error.recipients.values()))
                raise _judged(code, words) from None
            except smtplib.SMTPDataError as error:
                raise _judged(error.smtp_code, error.smtp_error) from None
            except smtplib.SMTPSenderRefused as error:
                # Ours is wrong or not allowed: what an operator can mend is tried again.
                raise ServerSaid(f"sender refused: {_codes(error.smtp_code, error.smtp_error)}") from None
            except smtplib.SMTPNotSupportedError:
                raise Refused("the server does not know letters of that alphabet in addresses") from None
        return name

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """Connect, encrypt, log in; in this order, so that nothing is said in clear."""
        host, port, tls = self._server.host, self._server.port, self._server.security
        server = (
            smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=self._trust)
            if tls == "tls"
            else smtplib.SMTP(host, port, timeout=TIMEOUT_S)
        )
        try:
            if tls == "starttls":
                self._encrypt(server)
            if self._server.user:
                self._log_in(server)
            yield server
        finally:
            # The letter is taken or not by now; whoever cannot say goodbye is just gone.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()

    def _encrypt(self, server: smtplib.SMTP) -> None:
        server.ehlo()
        if not server.has_extn("starttls"):
            raise NotEncrypted("the server offers no STARTTLS; see ABONENT_SMTP_SECURITY")
        server.starttls(context=self._trust)

    def _log_in(self, server: smtplib.SMTP) -> None:
        try:
            server.login(self._server.user, self._server.password)
        except smtplib.SMTPAuthenticationError as error:
            # Without its words: some servers say the name back.
            raise ServerSaid(f"login refused: {_codes(error.smtp_code, error.smtp_error)}") from None


def _letter(name: str, sender: str, recipient: str, subject: str, text: str) -> EmailMessage:
    letter = EmailMessage(policy=WIRE)
    try:
        letter["From"] = sender
        letter["To"] = recipient
    except (ValueError, IndexError):
        raise Refused("that is no e-mail address") from None
    defects = [defect for defect in letter["To"].defects if not isinstance(defect, NonASCIILocalPartDefect)]
    if len(letter["To"].addresses) != 1 or defects:
        raise Refused("that is no e-mail address")
    letter["Subject"] = subject
    letter["Date"] = format_datetime(now())
    letter["Message-ID"] = name
    # No machine answers, no holiday notice comes back (RFC 3834).
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(text, charset="utf-8")
    return letter


def _judged(code: int, words: bytes | str) -> Exception:
    """Return `Refused` for what the server will never take (5xx), `ServerSaid` for what it may take later."""
    said = _codes(code, words)
    return Refused(said) if 500 <= code < 600 else ServerSaid(said)


def _codes(code: int, words: bytes | str) -> str:
    """Return the reply's code and, when it has one, its enhanced code (RFC 3463): `SMTP 550 5.1.1`."""
    text = words.decode("ascii", "replace") if isinstance(words, bytes) else words
    first = text.split(" ", 1)[0]
    enhanced = f" {first}" if first.count(".") == 2 and first.replace(".", "").isdigit() else ""
    return f"SMTP {code}{enhanced}"
