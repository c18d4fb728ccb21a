"""Addresses of notices."""

from django.urls import path

from abonent.entrypoints.portal.messaging import views

urlpatterns = [
    path("notices/", views.notices),
    path("notices/settings/", views.settings),
]
