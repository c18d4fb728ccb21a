"""Addresses of this room."""

from django.urls import URLPattern, URLResolver, path

from abonent.entrypoints.portal.identity.passwords import change, door, entry, forgot, new

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/password/", entry.password, name="password"),
    path("login/password/busy/", door.busy, name="password-busy"),
    path("login/forgot/", forgot.forgot, name="forgot"),
    path("login/forgot/code/", forgot.code, name="forgot-code"),
    path("login/forgot/code/again/", forgot.code_again, name="forgot-code-again"),
    path("login/forgot/second/", forgot.second_proof, name="forgot-second"),
    path("security/password/", change.password, name="change-password"),
    path("login/offer/", new.offer, name="offer"),
    path("login/new-password/", new.new_password, name="new-password"),
]
