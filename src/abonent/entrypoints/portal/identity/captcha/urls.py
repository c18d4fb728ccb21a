"""Addresses of this room."""

from django.urls import URLPattern, URLResolver, path

from abonent.entrypoints.portal.identity.captcha import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/captcha/picture/", views.picture, name="captcha-picture"),
    path("login/captcha/another/", views.another, name="captcha-another"),
]
