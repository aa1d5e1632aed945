from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cms', '0010_document_paths'),
    ]

    operations = [
        migrations.AlterField(
            model_name='sighting',
            name='status',
            field=models.CharField(choices=[('waiting', 'Waiting'), ('seen', 'Seen'), ('failed', 'Not seen'), ('gone', 'Gone')], db_index=True, default='waiting', max_length=10),
        ),
    ]
