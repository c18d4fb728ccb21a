"""The app of the phone on screen; installed only with `ABONENT_DEMO=1`, which production refuses."""

from django.apps import AppConfig


class PhoneConfig(AppConfig):
    name = "abonent.demo.phone"
    label = "demo_phone"
