"""The settings of recognition by the operator's network: the listener behind the gateway, and the way to it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Protocol

KEY_LENGTH_MIN = 50
NEAR = ("127.0.0.0/8", "::1/128")


class Reader(Protocol):
    """Reads one setting after the other and gathers what is wrong."""

    wrong: list[str]

    def text(self, name: str, default: str = "", pattern: str = "", hint: str = "") -> str: ...

    def words(self, name: str, default: tuple[str, ...]) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Recogniser:
    """Where browsers find it (empty: there is none), the key of its tickets, what it hears and from whom.

    `demo_listener` is where the demo's own gateway passes requests on to.
    """

    url: str
    key: str
    number_header: str
    line_header: str
    peers: tuple[IPv4Network | IPv6Network, ...]
    demo_listener: str

    @property
    def hears_this_machine_alone(self) -> bool:
        return all(network.is_loopback for network in self.peers)


def read(reader: Reader, *, demo: bool, secret_key: str) -> Recogniser:
    """Return the settings of recognition; what is wrong stands in `reader.wrong`."""
    header = r"[A-Za-z][A-Za-z0-9-]{1,60}"
    listener = reader.text("ABONENT_DEMO_RECOGNISER", "", r"http://127\.0\.0\.1:\d+", "give http://127.0.0.1:port")
    key = reader.text("ABONENT_RECOGNISER_KEY", secret_key)
    if key != secret_key and len(key) < KEY_LENGTH_MIN:
        reader.wrong.append(f"ABONENT_RECOGNISER_KEY is shorter than {KEY_LENGTH_MIN} characters")
    return Recogniser(
        url=reader.text(
            "ABONENT_RECOGNISER_URL", "/phone/gateway/" if demo and listener else "",
            r"https?://[A-Za-z0-9.-]+(:\d+)?/[^?#\s]*|/phone/gateway/", "give for example http://id.example/",
        ),
        key=key,
        number_header=reader.text("ABONENT_RECOGNISER_HEADER", "X-MSISDN", header, "give the name of a header"),
        line_header=reader.text("ABONENT_RECOGNISER_LINE_HEADER", "X-LINE", header, "give the name of a header"),
        peers=tuple(_networks(reader, "ABONENT_RECOGNISER_PEERS")),
        demo_listener=listener,
    )  # fmt: skip


def _networks(reader: Reader, name: str) -> list[IPv4Network | IPv6Network]:
    found = []
    for word in reader.words(name, NEAR):
        try:
            found.append(ip_network(word))
        except ValueError:
            reader.wrong.append(f"{name}: {word!r} is no address or network; give for example 10.20.0.0/24")
    return found
