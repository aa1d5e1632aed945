import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cms', '0007_task_runs'),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportedRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('label', models.CharField(help_text='The old model, such as pages.page.', max_length=100)),
                ('key', models.CharField(help_text='The old id.', max_length=255)),
                ('digest', models.CharField(max_length=32)),
                ('target', models.CharField(blank=True, help_text='The id here, where it is another one.', max_length=40)),
                ('imported_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('label', 'key'), name='imported_row_once')],
            },
        ),
    ]
