"""Addresses that only our gateways know what to do with."""

from django.urls import path

from abonent.entrypoints.callbacks import cashback, payments, porting, providers, views, voicemail

urlpatterns = [
    path("callbacks/sms/inbound", views.inbound),
    path("callbacks/sms/receipt", views.receipt),
    path("callbacks/voicemail/message", voicemail.message),
    path("callbacks/voicemail/pin", voicemail.pin),
    path("callbacks/voicemail/greeting", voicemail.greeting),
    path("callbacks/payments", payments.heard),
    path("callbacks/porting", porting.heard),
    path("callbacks/content/<slug:code>", providers.asked),
    path("callbacks/content/<slug:code>/state", providers.state),
    path("callbacks/content/<slug:code>/stop", providers.stopped),
    path("callbacks/cashback/<slug:partner>", cashback.heard),
]
