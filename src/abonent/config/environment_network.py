"""The settings of the network that switches services: which one, and how ours is reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

KEY_LENGTH_MIN = 32
ADAPTER = "abonent.integrations.provisioning.network.HttpNetwork"
ESIM_ADAPTER = "abonent.integrations.provisioning.esim.HttpEsimServer"
# What opens the installation on a phone that knows such links; `{code}` is the activation code.
INSTALL = "https://esimsetup.apple.com/esim_qrcode_provisioning?carddata={code}"
EMBEDDED_CALENDAR = "abonent.domains.support.visits.calendar.EmbeddedCalendar"
_NEAR = ("localhost", "127.0.0.1")
# What the demo's own network knows us by.
_DEMO_KEY = "orbita-provisioning-of-the-demo-0001"


class Reader(Protocol):
    """Reads one setting after the other and gathers what is wrong."""

    wrong: list[str]
    values: Mapping[str, str]

    def text(self, name: str, default: str = "", pattern: str = "", hint: str = "") -> str: ...


@dataclass(frozen=True)
class Network:
    """The dotted path of the network (empty: nothing can be switched), and the settings of the one by HTTP.

    `ca` is the file of the authority that vouches for it, empty: the system's. `demo` is where the demo's own listens.
    `esims` is the dotted path of the server of eSIM profiles (empty: none are given), `install` the address that
    installs one on this phone.
    `technicians` is the dotted path of the calendar of those who go out to mend it.
    """

    path: str
    url: str
    key: str
    ca: str
    demo: str
    esims: str
    install: str
    technicians: str


def read(reader: Reader, *, demo: bool) -> Network:
    """Return the settings of the network; what is wrong stands in `reader.wrong`."""
    played = reader.text("ABONENT_DEMO_NETWORK", "", r"http://(localhost|127\.0\.0\.1):\d+", "give http://localhost:…")
    played = played if demo else ""
    network = Network(
        path=reader.text("ABONENT_NETWORK", ADAPTER if played else ""),
        url=reader.text("ABONENT_NETWORK_URL", f"{played}/provisioning/" if played else ""),
        key=reader.values.get("ABONENT_NETWORK_KEY", "").strip() or (_DEMO_KEY if played else ""),
        ca=reader.text("ABONENT_NETWORK_CA"),
        demo=played,
        esims=reader.text("ABONENT_ESIM_SERVER", ESIM_ADAPTER if played else ""),
        install=reader.text(
            "ABONENT_ESIM_INSTALL",
            "/phone/esim/?code={code}" if played else INSTALL,
            r"\S*\{code\}\S*",
            "give an address with {code} in it",
        ),
        technicians=reader.text("ABONENT_TECHNICIAN_CALENDAR", EMBEDDED_CALENDAR),
    )
    if network.path == ADAPTER or network.esims == ESIM_ADAPTER:
        _check(reader, network)
    return network


def _check(reader: Reader, network: Network) -> None:
    parts = urlsplit(network.url)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _NEAR)
    if not safe or not parts.hostname or not parts.path.endswith("/") or parts.query or parts.username:
        reader.wrong.append(
            "ABONENT_NETWORK_URL is missing or no address of a network; give for example "
            "https://provisioning.operator.example/v1/"
        )
    if len(network.key) < KEY_LENGTH_MIN:
        reader.wrong.append(
            f"ABONENT_NETWORK_KEY is missing or shorter than {KEY_LENGTH_MIN} characters: commands are signed with it"
        )
