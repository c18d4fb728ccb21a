"""Addresses of help."""

from django.urls import path

from abonent.entrypoints.portal.help import shops, views

urlpatterns = [
    path("help/", views.overview),
    path("help/contacts/", views.contacts),
    path("help/shops/", shops.shops),
    path("help/q/<slug:code>/", views.question),
    path("help/q/<slug:code>/helped/", views.helped),
]
