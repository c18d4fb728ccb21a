"""The server of eSIM profiles that speaks the protocol of docs/gateways.md, beside the network and signed like it."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any
from uuid import UUID

from abonent.domains.lines.ports import Fetched, NoAnswer, Profile
from abonent.integrations.provisioning.network import HttpNetwork

IMSI_LENGTH, ICCID_LENGTHS = 15, (19, 20)
ADDRESS_MAX, SECRET_MAX = 254, 100


class HttpEsimServer(HttpNetwork):
    """Implements `lines.ports.EsimServer`."""

    def prepare(self, wish: UUID) -> Profile:
        said = self._ask(f"esims/{wish}/prepare", {})
        profile = Profile(*(_text(said, name) for name in ("iccid", "imsi", "address", "matching_id")))
        right = (
            profile.iccid.isdecimal()
            and len(profile.iccid) in ICCID_LENGTHS
            and len(profile.imsi) == IMSI_LENGTH
            and profile.imsi.isdecimal()
            and all(part.isascii() and part.isprintable() for part in astuple(profile))
            # It divides the parts of a code.
            and "$" not in profile.address + profile.matching_id
            and 0 < len(profile.address) <= ADDRESS_MAX
            and 0 < len(profile.matching_id) <= SECRET_MAX
        )
        if not right:
            raise NoAnswer("esims: the answer is no profile")
        return profile

    def state(self, wish: UUID) -> Fetched:
        try:
            return Fetched(_text(self._ask(f"esims/{wish}/state", {}), "state"))
        except ValueError:
            raise NoAnswer("esims: the answer has no state that we know") from None

    def withdraw(self, wish: UUID) -> None:
        self._ask(f"esims/{wish}/withdraw", {})


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str):
        raise NoAnswer(f"esims: the answer has no {name}")
    return value
