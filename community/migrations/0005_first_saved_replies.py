"""First saved replies of moderators, in a database without any."""

from django.db import migrations

REPLIES = {
    "Add details about Python": "Please describe how you used Python and what the results were.",
    "Too promotional": "Please write about the problem and how Python helped to solve it, rather than about the product.",
}


def create_replies(apps, schema_editor):
    SavedReply = apps.get_model("community", "StorySavedReply")
    if not SavedReply.objects.exists():
        for title, text in REPLIES.items():
            SavedReply.objects.create(title=title, text=text)


class Migration(migrations.Migration):
    dependencies = [("community", "0004_clearer_labels")]

    operations = [migrations.RunPython(create_replies, migrations.RunPython.noop)]
