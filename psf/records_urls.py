"""Beside the minutes themselves, which are pages of the tree."""

from django.urls import path

from cms import cdn

from . import feeds, views

app_name = "minutes"
shared = cdn.shared("minutes")

urlpatterns = [
    path("feed/", shared(feeds.MinutesFeed()), name="feed"),
    path("resolutions/", shared(views.resolutions), name="resolutions"),
    path("resolutions.csv", shared(views.resolutions_csv), name="resolutions_csv"),
]
