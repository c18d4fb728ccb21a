"""Addresses of this room."""

from django.urls import URLPattern, URLResolver, path

from abonent.entrypoints.portal.identity.email import address, entry

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/email/", entry.email, name="login-email"),
    path("login/email/code/", entry.code, name="login-email-code"),
    path("login/email/code/again/", entry.again, name="login-email-code-again"),
    path("security/email/", address.address, name="email-address"),
    path("security/email/code/", address.code, name="email-address-code"),
    path("security/email/code/again/", address.again, name="email-address-code-again"),
    path("security/email/remove/", address.remove, name="email-address-remove"),
]
