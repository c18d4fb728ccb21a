"""The gateway of the demo: what providers are told is shown on screen; the naughty one hears only the second time."""

from __future__ import annotations

from django.db.models import F

from abonent.demo.models import ProviderHeard
from abonent.demo.providers.sold import NAUGHTY
from abonent.domains.orders.ports import NoAnswer, Notice
from abonent.foundation.clock import now


class OnScreen:
    """Implements `orders.ports.Providers`."""

    def tell(self, *, url: str, key: str, notice: Notice) -> None:  # noqa: ARG002 - the screen needs no address
        """Note what was told, once for each state; raise `NoAnswer` the first time to the naughty provider."""
        row, is_new = ProviderHeard.objects.get_or_create(
            subscription_id=notice.subscription_id, state=notice.state, at=notice.at,
            defaults={"provider": notice.provider, "number": notice.number, "why": notice.why},
        )  # fmt: skip
        ProviderHeard.objects.filter(id=row.pk).update(tries=F("tries") + 1)
        if is_new and notice.provider == NAUGHTY:
            raise NoAnswer(notice.provider)
        ProviderHeard.objects.filter(id=row.pk, heard_at=None).update(heard_at=now())
