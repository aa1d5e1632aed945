"""First saved replies of moderators, in a database without any."""

from django.db import migrations

REPLIES = {
    "Not about Python": "The posting does not say how the job uses Python. Please add this and submit it again.",
    "Not paid": "We only publish paid jobs. If this job is paid, please say so in the posting.",
    "Duplicate": "This opening is already posted. Please edit that job: it stays live during the review.",
    "Hard to read": "Please split the text into paragraphs and lists, and do not use all capitals.",
}


def create_replies(apps, schema_editor):
    SavedReply = apps.get_model("jobs", "SavedReply")
    if not SavedReply.objects.exists():
        for title, text in REPLIES.items():
            SavedReply.objects.create(title=title, text=text)


class Migration(migrations.Migration):
    dependencies = [("jobs", "0002_clearer_labels")]

    operations = [migrations.RunPython(create_replies, migrations.RunPython.noop)]
