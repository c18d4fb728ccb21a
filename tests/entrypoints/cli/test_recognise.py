"""`abonent recognise`: a process of its own that only the gateway can speak to."""

from __future__ import annotations

import datetime
import http.client
import ipaddress
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from abonent.domains.identity.recognition_rules import nonce_of
from tests.entrypoints.cli.test_commands import ENVIRONMENT, abonent
from tests.running import free_port

ASKED = f"/?nonce={nonce_of('mine')}&host=lk.example"
SETTINGS = {"ABONENT_HOSTS": "lk.example", "ABONENT_RECOGNISER_KEY": "k" * 50, "ABONENT_HTTPS": "1"}
START_TIMEOUT_S = 120


def authority(folder: Path, name: str) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = issue(name, key, name, key, ca=True)
    (folder / f"{name}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return certificate, key


def issue(name: str, key: ec.EllipticCurvePrivateKey, by: str, signer: ec.EllipticCurvePrivateKey, *, ca: bool = False):
    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    places = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, by)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=36500))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(places), critical=False)
        .sign(signer, hashes.SHA256())
    )


def holder(folder: Path, name: str, by: str, signer: ec.EllipticCurvePrivateKey) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = issue(name, key, by, signer)
    (folder / f"{name}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / f"{name}.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("certificates")
    _, ours = authority(found, "ours")
    _, theirs = authority(found, "theirs")
    holder(found, "recogniser", "ours", ours)
    holder(found, "gateway", "ours", ours)
    holder(found, "stranger", "theirs", theirs)
    return found


@pytest.fixture(scope="module")
def port(folder: Path) -> Iterator[int]:
    port = free_port()
    var = Path(os.environ["ABONENT_VAR"]) / f"recognise-{os.getpid()}"
    process = subprocess.Popen(
        [sys.executable, "-m", "abonent.entrypoints.cli.main", "recognise", "--port", str(port),
         "--certificate", folder / "recogniser.pem", "--key", folder / "recogniser.key",
         "--client-ca", folder / "ours.pem"],
        env=ENVIRONMENT | SETTINGS | {"ABONENT_VAR": str(var)},
    )  # fmt: skip
    until = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield port
    process.send_signal(signal.SIGTERM)
    process.wait(120)


def ask(port: int, folder: Path, name: str | None, headers: dict[str, str]) -> http.client.HTTPResponse:
    context = ssl.create_default_context(cafile=str(folder / "ours.pem"))
    if name:
        context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    line = http.client.HTTPSConnection("127.0.0.1", port, timeout=60, context=context)
    try:
        line.request("GET", ASKED, headers=headers)
        return line.getresponse()
    finally:
        line.close()


def test_id_13_the_gateway_with_its_certificate_is_heard(port: int, folder: Path) -> None:
    answer = ask(port, folder, "gateway", {"X-MSISDN": "79000000001"})
    assert answer.status == 302
    assert (answer.getheader("Location") or "").startswith("https://lk.example/login/network/back/?ticket=")


def test_id_13_a_header_written_past_the_gateway_names_nobody(port: int, folder: Path) -> None:
    for headers in ({"X_MSISDN": "79000000001"}, {"X-MSISDN": "79000000001", "X_MSISDN": "79000000002"}, {}):
        answer = ask(port, folder, "gateway", headers)
        assert answer.getheader("Location") == "https://lk.example/login/network/back/"


@pytest.mark.parametrize("name", [None, "stranger"])
def test_id_13_who_shows_no_certificate_of_ours_is_not_heard(port: int, folder: Path, name: str | None) -> None:
    with pytest.raises((ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)):
        ask(port, folder, name, {"X-MSISDN": "79000000001"})


@pytest.mark.parametrize(
    ("arguments", "settings", "said"),
    [
        (["--host", "0.0.0.0"], {}, "ABONENT_HOSTS"),
        (["--host", "0.0.0.0"], {"ABONENT_HOSTS": "lk.example"}, "ABONENT_RECOGNISER_PEERS"),
        (["--client-ca", __file__], {}, "--certificate"),
        (["--certificate", __file__], {}, "belong together"),
        ([], {"ABONENT_RECOGNISER_PEERS": "everybody"}, "no address or network"),
        ([], {"ABONENT_RECOGNISER_KEY": "short"}, "shorter than 50"),
        ([], {"ABONENT_RECOGNISER_HEADER": "X MSISDN"}, "name of a header"),
    ],
)
def test_it_does_not_open_a_door_that_nobody_guards(arguments: list[str], settings: dict[str, str], said: str) -> None:
    done = abonent("recognise", "--port", str(free_port()), *arguments, **settings)
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
