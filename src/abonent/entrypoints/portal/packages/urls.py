"""Addresses of packages and gifts."""

from django.urls import path

from abonent.entrypoints.portal.packages import gifts, views

urlpatterns = [
    path("packages/", views.packages, name="packages"),
    path("packages/buy/", views.buy),
    path("packages/stop/", views.stop),
    path("packages/give/", gifts.start),
    path("packages/gifts/<uuid:gift_id>/", gifts.receipt),
    path("packages/gifts/<uuid:gift_id>/confirm/", gifts.confirm),
    path("packages/gifts/<uuid:gift_id>/confirm/code/", gifts.code),
    path("packages/gifts/<uuid:gift_id>/confirm/code/again/", gifts.code_again),
]
