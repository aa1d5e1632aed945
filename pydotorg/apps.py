from django.apps import AppConfig


class TastypieConfig(AppConfig):
    """Tastypie with the key type of its own migrations: the site's would want another one."""

    name = "tastypie"
    default_auto_field = "django.db.models.AutoField"
