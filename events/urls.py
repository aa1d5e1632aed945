from django.urls import path

from cms.content.views import landing

from . import feeds, submissions, views
from .models import EventsPage

app_name = "events"

urlpatterns = [
    path("", landing(EventsPage), name="landing"),
    path("calendars/", views.calendars, name="calendars"),
    path("submit/", submissions.submit, name="submit"),
    path("submit/dates/", submissions.dates, name="dates"),
    path("submit/thanks/", submissions.thanks, name="thanks"),
    path("mine/", submissions.mine, name="mine"),
    path("mine/<int:pk>/", submissions.edit, name="edit_submission"),
    path("month/", views.month, name="this_month"),
    path("month/<int:year>/<int:month>/", views.month, name="month"),
    path("week/", views.week, name="this_week"),
    path("week/<int:year>/<int:week>/", views.week, name="week"),
    path("feed.ics", views.public(feeds.ics), name="feed_ics"),
    path("<slug:calendar>/feed.ics", views.public(feeds.ics), name="calendar_feed_ics"),
    path("<slug:calendar>/categories/<slug:category>/feed.ics", views.public(feeds.ics), name="category_feed_ics"),
]

for name, feed_type in feeds.FORMATS.items():
    feed = views.public(feeds.EventFeed(feed_type))
    urlpatterns += [
        path(f"feed.{name}", feed, name=f"feed_{name}"),
        path(f"<slug:calendar>/feed.{name}", feed, name=f"calendar_feed_{name}"),
        path(f"<slug:calendar>/categories/<slug:category>/feed.{name}", feed, name=f"category_feed_{name}"),
    ]

# Last, because calendars may have any other slug.
urlpatterns += [
    path("<slug:slug>/", views.calendar, name="calendar"),
    path("<slug:slug>/past/", views.past, name="past"),
    path("<slug:slug>/date/<int:year>/<int:month>/<int:day>/", views.from_date, name="from_date"),
    path("<slug:slug>/categories/", views.categories, name="categories"),
    path("<slug:slug>/categories/<slug:category>/", views.category, name="category"),
    path("<slug:slug>/locations/", views.locations, name="locations"),
    path("<slug:slug>/locations/<int:pk>/", views.location, name="location"),
    path("<slug:slug>/<int:pk>/", views.event_detail, name="event_detail"),
    path("<slug:slug>/<int:pk>/image.png", views.event_image, name="event_image"),
    path("<slug:slug>/<int:pk>/event.ics", views.event_ics, name="event_ics"),
]
