"""Addresses of services and orders."""

from django.urls import path

from abonent.entrypoints.portal.orders import offers, orders

urlpatterns = [
    path("services/", offers.shop, name="services"),
    path("services/<slug:code>/", offers.service, name="service"),
    path("orders/", orders.history, name="orders"),
    path("orders/<uuid:order_id>/", orders.order, name="order"),
    path("orders/<uuid:order_id>/undo/", orders.undo, name="order-undo"),
]
