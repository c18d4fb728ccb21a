"""Addresses of getting in and out."""

from django.urls import URLPattern, URLResolver, include, path

from abonent.entrypoints.portal.identity import views

ROOMS = ("captcha", "email", "passwords", "ways", "factors", "federation", "security")

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", views.login, name="login"),
    path("login/code/", views.code, name="login-code"),
    path("login/code/again/", views.code_again, name="login-code-again"),
    path("logout/", views.logout, name="logout"),
    path("line/", views.line, name="line"),
    *(path("", include(f"abonent.entrypoints.portal.identity.{room}.urls")) for room in ROOMS),
]
