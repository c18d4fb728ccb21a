"""The setting of the gateway that tells content providers how their subscriptions stand."""

from __future__ import annotations

from typing import Protocol

ADAPTER = "abonent.integrations.providers.gateway.HttpProviders"


class Reader(Protocol):
    """Reads one setting after the other and gathers what is wrong."""

    wrong: list[str]

    def text(self, name: str, default: str = "", pattern: str = "", hint: str = "") -> str: ...


def read(reader: Reader, *, demo: bool, production: bool) -> str:
    """Return the dotted path of the gateway, empty: providers ask us; what is wrong stands in `reader.wrong`."""
    path = reader.text("ABONENT_CONTENT_PROVIDERS", "abonent.demo.providers.gateway.OnScreen" if demo else ADAPTER)
    if production and path.startswith("abonent.demo."):
        reader.wrong.append("ABONENT_CONTENT_PROVIDERS: providers on screen are for the demo; name a real gateway")
    return path
