from datetime import date, time

import factory
from factory.django import DjangoModelFactory

from events.models import Calendar, Category, Event, Location


class CalendarFactory(DjangoModelFactory):
    name = "Python Events"
    slug = "python-events"

    class Meta:
        model = Calendar
        django_get_or_create = ["slug"]


class CategoryFactory(DjangoModelFactory):
    name = "Conference"
    slug = "conference"

    class Meta:
        model = Category
        django_get_or_create = ["slug"]


class LocationFactory(DjangoModelFactory):
    name = "Town hall"
    city = "Leipzig"
    country = "DE"

    class Meta:
        model = Location


class EventFactory(DjangoModelFactory):
    title = factory.Sequence(lambda n: f"Meetup {n}")
    calendar = factory.SubFactory(CalendarFactory)
    live = True
    start_date = date(2030, 3, 5)
    start_time = time(18)
    end_time = time(20)
    time_zone = "Europe/Berlin"

    class Meta:
        model = Event
