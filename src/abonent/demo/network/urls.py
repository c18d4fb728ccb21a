"""Addresses of the demo's network; `config.urls` has them only in the demo."""

from django.urls import path

from abonent.demo.network import views

urlpatterns = [
    path("phone/internet/", views.internet),
    path("phone/gateway/", views.gateway),
]
