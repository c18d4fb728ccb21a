"""Addresses of spending limits, and of what changes in prices."""

from django.urls import path

from abonent.entrypoints.portal.billing import changes, limits

urlpatterns = [
    path("limits/", limits.overview, name="limits"),
    path("limits/set/", limits.choose, name="limits-set"),
    path("limits/raise/", limits.raise_, name="limits-raise"),
    path("limits/remove/", limits.remove, name="limits-remove"),
    path("limits/undo/", limits.undo, name="limits-undo"),
    path("changes/", changes.changes, name="changes"),
    path("changes/<int:version_id>/<str:rule>/", changes.price, name="changes-price"),
]
