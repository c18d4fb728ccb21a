"""Wires reactions to events when Django starts."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "abonent.config"
    label = "config"

    def ready(self) -> None:
        from abonent.config.reactions import ORDERS_TO_COME, REACTIONS, RECEPTION, SECRETS
        from abonent.domains.billing.fees import ordered as fees_ordered
        from abonent.domains.messaging import secrets
        from abonent.foundation import outbox

        outbox.wire(REACTIONS)
        secrets.wire(SECRETS, RECEPTION)
        fees_ordered.wire(ORDERS_TO_COME)
