"""The app of the demo itself; installed only with `ABONENT_DEMO=1`, which production refuses."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "abonent.demo"
    label = "demo"
