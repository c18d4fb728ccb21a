"""Who has a login at the other services: nobody real."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Somebody:
    """A fictional person; `id` is how the service knows them, the same for ever."""

    id: str
    given_name: str
    family_name: str

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"


EVERYBODY = {
    one.id: one
    for one in (
        Somebody("100000001", "Вера", "Северная"),
        Somebody("100000002", "Лев", "Полянский"),
        Somebody("100000003", "Майя", "Заречная"),
    )
}
