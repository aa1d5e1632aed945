from django.templatetags.static import static
from django.urls import path
from django.utils.html import format_html
from wagtail import hooks
from wagtail_modeladmin.options import modeladmin_register

from .viewsets import PurgeAdmin, send_again

ICONS = ["environment", "files", "platform", "purge", "release", "series"]

modeladmin_register(PurgeAdmin)


@hooks.register("register_icons")
def register_icons(icons):
    return [*icons, *[f"icons/{name}.svg" for name in ICONS]]


@hooks.register("insert_global_admin_css")
def admin_css():
    return format_html('<link rel="stylesheet" href="{}">', static("css/admin.css"))


@hooks.register("register_admin_urls")
def purge_urls():
    return [path("purges/send-again/<int:pk>/", send_again, name="purge_send_again")]
