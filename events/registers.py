"""Admin lists of locations and event categories."""

from django.utils.translation import gettext_lazy as _
from wagtail_modeladmin.options import ModelAdmin

from .models import Category, Location


class LocationAdmin(ModelAdmin):
    model = Location
    base_url_path = "events/places"
    menu_label = _("Locations")
    menu_icon = "site"
    add_to_admin_menu = False
    list_display = ("name", "city", "country", "time_zone", "online", "calendar")
    list_filter = ("online",)
    list_select_related = ("calendar",)
    list_per_page = 50
    list_export = ("name", "address", "city", "country", "latitude", "longitude", "time_zone", "url", "online", "calendar")
    search_fields = ("name", "address", "city")
    export_filename = "places"
    empty_value_display = "–"


class CategoryAdmin(ModelAdmin):
    model = Category
    base_url_path = "events/categories"
    menu_label = _("Event categories")
    menu_icon = "tag"
    add_to_admin_menu = False
    list_display = ("name", "slug", "calendar")
    list_select_related = ("calendar",)
    list_per_page = 50
    list_export = ("name", "slug", "calendar")
    search_fields = ("name", "slug")
    export_filename = "event-categories"
    empty_value_display = "–"
