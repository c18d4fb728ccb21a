"""Addresses of the phone on screen; `config.urls` has them only in the demo."""

from django.urls import path

from abonent.demo.phone import views

urlpatterns = [
    path("phone/", views.phone),
    path("phone/messages.json", views.messages_json),
]
