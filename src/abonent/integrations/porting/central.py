"""The central database that speaks the protocol of docs/gateways.md: one signed request for each question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from abonent.domains.porting.ports import Bringing, NoAnswer, Standing, Taking
from abonent.integrations.provisioning.network import SignedClient

STATES = ("checking", "accepted", "refused", "cancelled", "failed", "ported", "returned")
TEXT_MAX, NUMBER_MAX, WAITING_MAX = 100, 16, 10_000


class HttpCentralDatabase(SignedClient):
    """Implements `porting.ports.CentralDatabase`."""

    def __init__(self) -> None:
        known = settings.PORTING_ADAPTER
        if not known.url:
            raise ValueError("ABONENT_PORTING_URL is missing")
        super().__init__(url=known.url, key=known.key, ca=known.ca)

    def bring(self, request: Bringing) -> Standing:
        return _standing(
            self._ask(
                f"requests/{request.id}/bring",
                {
                    "number": request.number,
                    "day": request.day.isoformat(),
                    "family_name": request.family_name,
                    "given_name": request.given_name,
                    "patronymic": request.patronymic,
                    "birth_date": request.birth_date.isoformat(),
                    "document": request.document,
                },
            )
        )

    def cancel(self, request: UUID) -> Standing:
        return _standing(self._ask(f"requests/{request}/cancel", {}))

    def standing(self, request: UUID) -> Standing:
        return _standing(self._ask(f"requests/{request}/state", {}))

    def taking(self, request: UUID) -> Taking:
        said = self._ask(f"requests/{request}/asked", {})
        answer_by = _moment(said, "answer_by")
        number = _text(said, "number")
        if answer_by is None or not number.startswith("+") or len(number) > NUMBER_MAX:
            raise NoAnswer("asked: the answer names no number and no term")
        return Taking(request, number, _text(said, "document"), answer_by, _standing(said))

    def waiting(self) -> Sequence[UUID]:
        said = self._ask("requests/waiting", {}).get("requests")
        if not isinstance(said, list) or len(said) > WAITING_MAX:
            raise NoAnswer("waiting: the answer is no list")
        try:
            return [UUID(one) for one in said]
        except (ValueError, TypeError, AttributeError):
            raise NoAnswer("waiting: the answer names what is no request") from None

    def answer(self, request: UUID, *, accepts: bool, reason: str) -> Standing:
        return _standing(self._ask(f"requests/{request}/answer", {"accepts": accepts, "reason": reason}))


def _standing(said: Mapping[str, Any]) -> Standing:
    state, at = _text(said, "state"), _moment(said, "at")
    if state not in STATES or at is None:
        raise NoAnswer("the answer has no state that we know, or no moment")
    return Standing(
        state, at, _text(said, "reason"), _text(said, "operator"), _moment(said, "window_from"),
        _moment(said, "window_until"),
    )  # fmt: skip


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name, "")
    if not isinstance(value, str) or len(value) > TEXT_MAX:
        raise NoAnswer(f"the answer has no {name}")
    return value


def _moment(said: Mapping[str, Any], name: str) -> datetime | None:
    value = said.get(name)
    if value in (None, ""):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise NoAnswer(f"{name} is no moment") from None
    if moment.tzinfo is None:
        raise NoAnswer(f"{name} has no offset")
    return moment
