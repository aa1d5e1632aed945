"""URLs of the minutes other than the pages themselves."""

from django.urls import path

from cms.content.views import landing
from cms.delivery import surrogate_keys

from . import feeds, views
from .models import MinutesIndexPage

app_name = "minutes"
shared = surrogate_keys.shared("minutes")

urlpatterns = [
    path("", landing(MinutesIndexPage), name="landing"),
    path("feed/", shared(feeds.MinutesFeed()), name="feed"),
    path("resolutions/", shared(views.resolutions), name="resolutions"),
    path("resolutions.csv", shared(views.resolutions_csv), name="resolutions_csv"),
]
