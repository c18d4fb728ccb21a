"""Addresses that only our gateways know what to do with."""

from django.urls import path

from abonent.entrypoints.callbacks import cashback, payments, providers, views

urlpatterns = [
    path("callbacks/sms/inbound", views.inbound),
    path("callbacks/sms/receipt", views.receipt),
    path("callbacks/payments", payments.heard),
    path("callbacks/content/<slug:code>", providers.asked),
    path("callbacks/content/<slug:code>/state", providers.state),
    path("callbacks/content/<slug:code>/stop", providers.stopped),
    path("callbacks/cashback/<slug:partner>", cashback.heard),
]
