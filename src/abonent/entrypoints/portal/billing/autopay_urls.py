"""Addresses of autopay."""

from django.urls import path

from abonent.entrypoints.portal.billing import autopay

urlpatterns = [
    path("autopay/", autopay.overview, name="autopay"),
    path("autopay/set/", autopay.choose, name="autopay-set"),
    path("autopay/confirm/", autopay.confirm, name="autopay-confirm"),
    path("autopay/pause/", autopay.pause, name="autopay-pause"),
    path("autopay/resume/", autopay.resume, name="autopay-resume"),
    path("autopay/off/", autopay.off, name="autopay-off"),
]
