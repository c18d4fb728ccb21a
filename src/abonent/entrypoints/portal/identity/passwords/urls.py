"""Addresses of this room."""

from django.urls import URLPattern, URLResolver, path

from abonent.entrypoints.portal.identity.passwords import entry, new

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/password/", entry.password, name="password"),
    path("login/offer/", new.offer, name="offer"),
    path("login/new-password/", new.new_password, name="new-password"),
]
