"""Addresses of promised payments."""

from django.urls import path

from abonent.entrypoints.portal.billing import promised

urlpatterns = [
    path("promised/", promised.overview, name="promised"),
    path("promised/take/", promised.take, name="promised-take"),
    path("promised/<uuid:promise_id>/", promised.receipt, name="promised-receipt"),
]
