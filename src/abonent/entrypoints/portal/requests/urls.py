"""Addresses of what a customer writes to us."""

from django.urls import path

from abonent.entrypoints.portal.requests import new, views

urlpatterns = [
    path("requests/", views.listing),
    path("requests/new/", new.kinds),
    path("requests/new/<slug:kind>/", new.new),
    path("requests/<int:request_id>/", views.one),
    path("requests/<int:request_id>/helped/", views.helped),
    path("requests/<int:request_id>/call-off/", views.call_off),
    path("requests/<int:request_id>/files/<uuid:file_id>/", views.file),
]
