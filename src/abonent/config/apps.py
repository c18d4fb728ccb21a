"""Wires reactions to events when Django starts."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "abonent.config"
    label = "config"

    def ready(self) -> None:
        from abonent.config.reactions import REACTIONS, RECEPTION, SECRETS
        from abonent.domains.messaging import secrets
        from abonent.foundation import outbox

        outbox.wire(REACTIONS)
        secrets.wire(SECRETS, RECEPTION)
