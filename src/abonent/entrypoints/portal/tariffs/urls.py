"""Addresses of the tariffs."""

from django.urls import path

from abonent.entrypoints.portal.tariffs import order, views, what_if

urlpatterns = [
    path("tariffs/", views.tariffs),
    path("tariffs/compare/", what_if.compare),
    path("tariffs/compare/<slug:code>/<slug:month>/", what_if.month),
    path("tariffs/<slug:code>/", views.tariff),
    path("tariffs/<slug:code>/order/", order.order),
]
