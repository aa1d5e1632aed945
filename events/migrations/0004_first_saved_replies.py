"""First saved replies of moderators, in a database without any."""

from django.db import migrations

REPLIES = {
    "Not about Python": "The calendar lists only events that are related to Python.",
    "Missing details": "Please add the place or link, the times with their time zone, and a page with more information.",
    "Duplicate": "This event is already in the calendar. Please suggest a change to that entry instead.",
}


def create_replies(apps, schema_editor):
    SavedReply = apps.get_model("events", "EventSavedReply")
    if not SavedReply.objects.exists():
        for title, text in REPLIES.items():
            SavedReply.objects.create(title=title, text=text)


class Migration(migrations.Migration):
    dependencies = [("events", "0003_clearer_labels")]

    operations = [migrations.RunPython(create_replies, migrations.RunPython.noop)]
