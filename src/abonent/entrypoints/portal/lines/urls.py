"""Addresses of the blocks of numbers."""

from django.urls import path

from abonent.entrypoints.portal.lines import block, lost, unused

urlpatterns = [
    path("lines/block/", block.overview, name="block"),
    path("lines/block/new/", block.new, name="block-new"),
    path("lines/block/end/", block.end, name="block-end"),
    path("lines/lost/", lost.report, name="line-lost"),
    path("lines/found/", lost.found, name="line-found"),
    path("lines/unused/", unused.overview, name="line-unused"),
    path("lines/unused/lift/", unused.lift, name="line-unused-lift"),
]
