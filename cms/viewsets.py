"""The admin of the kit: the register of purges."""

from functools import partial

from django.contrib import messages
from django.contrib.admin import display
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from wagtail_modeladmin import views
from wagtail_modeladmin.helpers import ButtonHelper, PermissionHelper
from wagtail_modeladmin.options import ModelAdmin

from .models import Purge
from .tasks import send_purge

MAY_SEND_AGAIN = "cms.change_purge"


class PurgePermissionHelper(PermissionHelper):
    """Purges come from changes of content; people only read them, and send one again."""

    def user_can_create(self, user):
        return False

    def user_can_edit_obj(self, user, obj):
        return False

    def user_can_delete_obj(self, user, obj):
        return False


class PurgeButtonHelper(ButtonHelper):
    def get_buttons_for_obj(self, obj, exclude=None, classnames_add=None, classnames_exclude=None):
        buttons = super().get_buttons_for_obj(obj, exclude, classnames_add, classnames_exclude)
        if obj.status != Purge.Status.DONE and self.request.user.has_perm(MAY_SEND_AGAIN):
            buttons.append(
                {
                    "url": reverse("purge_send_again", args=[obj.pk]),
                    "label": "Send again",
                    "classname": self.finalise_classname([*(classnames_add or []), "button-secondary"]),
                    "title": f"Send this purge again: {obj}",
                }
            )
        return buttons


class PurgeIndexView(views.IndexView):
    def dispatch(self, request, *args, **kwargs):
        try:
            return super().dispatch(request, *args, **kwargs)
        except IncorrectLookupParameters:
            return redirect(self.index_url)


class PurgeAdmin(ModelAdmin):
    model = Purge
    base_url_path = "purges"
    menu_label = "Purges"
    menu_icon = "purge"
    menu_order = 900
    add_to_settings_menu = True
    add_to_admin_menu = False
    history_view_enabled = False
    inspect_view_enabled = True
    permission_helper_class = PurgePermissionHelper
    button_helper_class = PurgeButtonHelper
    index_view_class = PurgeIndexView
    list_display = ("key_list", "status", "attempts", "error", "created_at", "finished_at")
    list_filter = ("status",)
    list_per_page = 50
    list_export = ("key_list", "status", "attempts", "error", "created_at", "finished_at")
    search_fields = ("keys", "error")
    export_filename = "purges"
    empty_value_display = "–"

    @display(description="Keys")
    def key_list(self, purge):
        return ", ".join(purge.keys)


@require_http_methods(["GET", "HEAD", "POST"])
def send_again(request, pk):
    """Ask, then put the purge into the queue once more."""
    if not request.user.has_perm(MAY_SEND_AGAIN):
        raise PermissionDenied
    purge = get_object_or_404(Purge, pk=pk)
    index_url = reverse("purges_modeladmin_index")
    if request.method != "POST":
        return TemplateResponse(request, "cms/admin/send_again.html", {"purge": purge, "index_url": index_url})
    purge.status = Purge.Status.WAITING
    purge.save(update_fields=["status"])
    transaction.on_commit(partial(send_purge.enqueue, purge.pk))
    messages.success(request, f"Sent again: {', '.join(purge.keys)}.")
    return redirect(index_url)
