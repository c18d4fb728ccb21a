"""Addresses of measuring the speed."""

from django.urls import path

from abonent.entrypoints.portal.speed import pieces, views

urlpatterns = [
    path("speed/", views.overview),
    path("speed/start/", views.start),
    path("speed/stop/", views.stop),
    path("speed/done/", views.done),
    path("speed/5mb.bin", views.file),
    path("speed/ping", pieces.ping),
    path("speed/down", pieces.down),
    path("speed/up", pieces.up),
    path("speed/<uuid:test_id>/", views.one),
]
