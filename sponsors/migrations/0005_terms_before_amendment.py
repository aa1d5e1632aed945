from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sponsors', '0004_invoices_and_payments'),
    ]

    operations = [
        migrations.AddField(
            model_name='sponsorship',
            name='terms_before_amendment',
            field=models.JSONField(editable=False, null=True),
        ),
    ]
