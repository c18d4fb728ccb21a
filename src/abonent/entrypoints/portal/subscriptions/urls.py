"""Addresses of subscriptions of content providers."""

from django.urls import path

from abonent.entrypoints.portal.subscriptions import account, consent, views

urlpatterns = [
    path("subscribe/<uuid:subscription_id>/", consent.asked),
    path("subscriptions/", views.listing),
    path("subscriptions/stop-all/", views.stop_all),
    path("subscriptions/stopped/<uuid:form_id>/", views.stopped),
    path("subscriptions/ban/", views.ban),
    path("subscriptions/account/", account.overview),
    path("subscriptions/account/switch/", account.switch),
    path("subscriptions/account/confirm/", account.confirm),
    path("subscriptions/account/<uuid:move_id>/", account.receipt),
    path("subscriptions/<uuid:subscription_id>/", views.one),
    path("subscriptions/<uuid:subscription_id>/stop/", views.stop),
    path("subscriptions/<uuid:subscription_id>/decline/", views.decline),
    path("subscriptions/<uuid:subscription_id>/disagree/", views.disagree),
]
