"""Addresses of the phone on screen; `config.urls` has them only in the demo."""

from django.urls import path

from abonent.demo.phone import dialling, documents, esim, network, providers, staff, views, voicemail

urlpatterns = [
    path("phone/", views.phone),
    path("phone/switch/", views.switch),
    path("phone/dial/", dialling.dial),
    path("phone/call/", views.call),
    path("phone/esim/", esim.install),
    path("phone/voicemail/", voicemail.leave),
    path("phone/mail/", views.mail),
    path("phone/network/", network.network_page),
    path("phone/providers/", providers.providers),
    path("phone/staff/", staff.codes),
    path("phone/printer/", staff.paper),
    path("phone/messages.json", documents.messages_json),
    path("phone/calls.json", documents.calls_json),
    path("phone/switch.json", documents.switch_json),
    path("phone/mail.json", documents.mail_json),
    path("phone/newest.json", documents.newest_json),
]
