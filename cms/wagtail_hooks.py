from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.home import LockedPagesPanel, WorkflowObjectsToModeratePanel
from wagtail.models import Page
from wagtail.snippets.models import register_snippet
from wagtail_localize import wagtail_hooks as localize_hooks
from wagtail_modeladmin.options import modeladmin_register

from users.requests import AuthenticatedRequest

from .content import large_files, pasting, private
from .content.models.boxes import Box
from .content.models.menus import Menu
from .delivery.surrogate_keys import add_keys
from .editor import (
    bulk_undo,
    command_palette,
    content_checks,
    dashboard,
    draft_messages,
    list_columns,
    milestones,
    page_view_report,
    preview_link_views,
    preview_links,
    reports,
    saved_filters,
    task_views,
    translations,
    trash_views,
    undo_models,
    version_views,
)
from .editor.box_views import archive_unused_boxes, in_use_sentence
from .editor.bundle_views import BundleViewSet, bundle_preview, bundle_screen
from .editor.listings import ExplorerViewSet
from .editor.live_status import live_status
from .editor.redirect_views import import_redirects
from .editor.registers import (
    MissingURLAdmin,
    PurgeAdmin,
    SentEmailAdmin,
    SightingAdmin,
    SynonymGroupAdmin,
    email_test,
    live_again,
    redirect_missing,
    send_again,
    send_email_again,
)
from .editor.viewsets import ContentViewSetGroup, EmailTestMenuItem
from .email.models import EmailTemplate
from .moderation import queue, queue_views
from .moderation.feedback import page_feedback
from .moderation.problem_reports import problem_report
from .undo import steps, versions

ICONS = ["environment", "files", "platform", "purge", "release", "series"]

modeladmin_register(PurgeAdmin)
modeladmin_register(SentEmailAdmin)
modeladmin_register(SightingAdmin)
modeladmin_register(MissingURLAdmin)
modeladmin_register(SynonymGroupAdmin)
register_snippet(ContentViewSetGroup)


@hooks.register("register_icons")
def register_icons(icons: list[str]) -> list[str]:
    return [*icons, *[f"icons/{name}.svg" for name in ICONS]]


@hooks.register("insert_global_admin_css")
def admin_css() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("css/admin.css"))


@hooks.register("register_admin_viewset", order=1)
def explorer() -> Any:
    return ExplorerViewSet()


@hooks.register("register_admin_viewset")
def bundle_viewset() -> Any:
    return BundleViewSet()


@hooks.register("insert_global_admin_js")
def admin_js() -> str:
    return format_html(
        '<script type="module" src="{}" data-jump data-url="{}" data-title="{}" data-hint="{}" data-no-answer="{}"></script>',
        static("js/admin-jump.js"),
        reverse("jump"),
        _("Go to…"),
        _("Go to a page, release, person or screen …"),
        _("The site does not respond. Try again."),
    )


hooks.register("construct_wagtail_userbar", content_checks.add_own_checks)


@hooks.register("insert_editor_js")
def block_chooser_js() -> str:
    return format_html('<script type="module" src="{}"></script>', static("js/block-chooser.js"))


@hooks.register("insert_editor_js")
def paste_js() -> str:
    return format_html(
        '<script src="{}" data-paste data-url="{}" data-one="{}" data-many="{}" data-lost="{}"'
        ' data-undo="{}" data-close="{}"></script>',
        static("js/paste.js"),
        reverse("paste"),
        _("Pasted as 1 block."),
        _("Pasted as {number} blocks."),
        _("Left out: {names}."),
        _("Undo"),
        _("Close"),
    )


@hooks.register("register_admin_urls")
def purge_urls() -> list[URLPattern]:
    return [
        path("paste/", pasting.paste, name="paste"),
        path("boxes/archive-unused/", archive_unused_boxes, name="archive_unused_boxes"),
        path("bundles/<int:pk>/", bundle_screen, name="cms_bundle"),
        path("bundles/<int:pk>/preview/", bundle_preview, name="cms_bundle_preview"),
        path("purges/send-again/<int:pk>/", send_again, name="purge_send_again"),
        path("jump/", command_palette.jump, name="jump"),
        path("live/<int:content_type_id>/<int:pk>/again/", live_again, name="live_again"),
        path("live/<int:content_type_id>/<int:pk>/", live_status, name="live_status"),
        path("large-files/", large_files.page, name="large_file"),
        path("large-files/start/", large_files.start, name="large_file_start"),
        path("large-files/finish/", large_files.finish, name="large_file_finish"),
        path("milestone/<int:content_type_id>/<int:pk>/", milestones.name_version, name="name_version"),
        path("email-templates/<int:pk>/test/", email_test, name="email_test"),
        path("sent-emails/send-again/<int:pk>/", send_email_again, name="email_send_again"),
        path("missing-urls/redirect/<int:pk>/", redirect_missing, name="redirect_missing"),
        path("page-feedback/<int:pk>/", page_feedback, name="page_feedback_detail"),
        *page_view_report.urls(),
        *preview_link_views.urls(),
        *saved_filters.urls(),
        *list_columns.urls(),
        path("problem-reports/<int:pk>/", problem_report, name="problem_report"),
        path("tasks/", task_views.task_list, name="tasks"),
        path("tasks/run/", task_views.run_now, name="task_run_now"),
        path("tasks/<int:pk>/again/", task_views.retry, name="task_retry"),
        path("moderation-queue/", queue_views.moderation_queue, name="moderation_queue"),
        path("moderation-queue/<slug:key>/<int:pk>/", queue_views.decide, name="moderation_decide"),
        path("moderation-queue/<slug:key>/<int:pk>/claim/", queue_views.claim, name="moderation_claim"),
        path("draft-messages/", draft_messages.draft_messages, name="draft_messages"),
        path("draft-messages/apply/", draft_messages.apply, name="draft_messages_apply"),
        path("trash/", trash_views.TrashView.as_view(), name="trash"),
        path("trash/results/", trash_views.TrashView.as_view(results_only=True), name="trash_results"),
        path("trash/<int:pk>/", trash_views.trash_item, name="trash_item"),
        path("undo/<uuid:batch>/", trash_views.undo, name="undo"),
        path("versions/<int:content_type_id>/<path:pk>/list/", version_views.versions, name="record_versions"),
        path("versions/<int:pk>/restore/", version_views.restore, name="restore_version"),
        *reports.urls(),
    ]


@hooks.register("register_admin_urls", order=1000)
def record_changes() -> list[URLPattern]:
    """Record deletions and versions of all models, once the admin knows them."""
    undo_models.connect()
    return []


@hooks.register("register_admin_urls", order=-1)
def redirect_urls() -> list[URLPattern]:
    """Register our import of redirects, which accepts more than Wagtail's own, and the guarded report before the library's."""
    return [
        path("redirects/import/", import_redirects),
        path("redirects/import/process/", import_redirects),
        *translations.urls(),
    ]


@hooks.register("register_log_actions")
def log_actions(actions: Any) -> None:
    actions.register_action("cms.purge_again", _("Purge and check again"), _("Purged and checked again"))
    actions.register_action(milestones.ACTION)(milestones.MilestoneFormatter)
    actions.register_action(steps.UNDO_ACTION, _("Undo"), _("Restored or undone"))
    actions.register_action(versions.REVERT_ACTION, _("Restore version"), _("Restored a previous version"))
    actions.register_action(preview_links.CREATE_ACTION, _("Create preview link"), _("Created a preview link"))
    actions.register_action(preview_links.REVOKE_ACTION, _("Revoke preview link"), _("Revoked a preview link"))
    actions.register_action("cms.archive", _("Archive"), _("Archived"))
    actions.register_action("cms.bundle.schedule", "Schedule bundle", "Scheduled")
    actions.register_action("cms.bundle.unschedule", "Remove schedule of bundle", "Removed the schedule")
    actions.register_action("cms.bundle.publish", "Publish bundle", "Published")
    actions.register_action("cms.bundle.undo", "Undo publication of bundle", "Publication undone")


@hooks.register("before_serve_page", order=-1)
def add_page_key(page: Page, request: HttpRequest, serve_args: Any, serve_kwargs: Any) -> None:
    """Add the surrogate key of the page, also to the sign-in or password form that replaces a private page."""
    add_keys(request, f"page-{page.pk}")


hooks.register("construct_reports_menu", translations.hide_report)
translations.drop_hook("register_page_listing_more_buttons", localize_hooks.page_listing_more_buttons)
translations.drop_hook("register_snippet_listing_buttons", localize_hooks.register_snippet_listing_buttons)
hooks.register("register_page_listing_more_buttons", translations.page_buttons)
hooks.register("register_snippet_listing_buttons", translations.list_buttons)
hooks.register("before_serve_page", private.refuse_page)
hooks.register("before_serve_document", private.refuse_document, order=-1)


def register_report(report: Any) -> None:
    @hooks.register("register_reports_menu_item")
    def menu_item() -> MenuItem:
        return reports.ReportMenuItem(
            report.page_title, reverse(f"health_{report.slug}"), name=report.slug, icon_name=report.icon, order=50
        )


for each in reports.REPORTS:
    register_report(each)


hooks.register("register_reports_menu_item", fn=page_view_report.menu_item)
hooks.register("register_reports_menu_item", fn=preview_link_views.menu_item)


class ModerationQueueMenuItem(MenuItem):
    def is_shown(self, request: AuthenticatedRequest) -> bool:
        return bool(queue.queues_of(request.user))


class TasksMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm(task_views.MAY_SEE)


@hooks.register("register_admin_menu_item")
def to_decide_menu_item() -> MenuItem:
    return ModerationQueueMenuItem("Moderation queue", reverse("moderation_queue"), icon_name="tasks", order=1)


@hooks.register("register_admin_menu_item")
def jump_menu_item() -> MenuItem:
    return MenuItem("Go to… (Ctrl K)", reverse("jump"), name="jump", icon_name="arrow-right", order=2)


@hooks.register("register_snippet_action_menu_item")
def email_test_action(model: Any) -> Any:
    return EmailTestMenuItem(order=5) if model is EmailTemplate else None


@hooks.register("register_admin_menu_item")
def large_file_menu_item() -> MenuItem:
    return large_files.LargeFileMenuItem("Large documents", reverse("large_file"), icon_name="doc-full-inverse", order=401)


@hooks.register("register_admin_menu_item")
def draft_messages_menu_item() -> MenuItem:
    return draft_messages.DraftMessagesMenuItem(_("Draft messages"), reverse("draft_messages"), icon_name="comment", order=3)


@hooks.register("register_admin_menu_item")
def trash_menu_item() -> MenuItem:
    return MenuItem(_("Trash"), reverse("trash"), name="trash", icon_name="bin", order=9000)


@hooks.register("register_settings_menu_item")
def tasks_menu_item() -> MenuItem:
    return TasksMenuItem("Tasks", reverse("tasks"), icon_name="cogs", order=870)


@hooks.register("construct_homepage_panels")
def add_dashboard_panel(request: HttpRequest, panels: Any) -> None:
    # The list of the user's work contains the reviews; lists of pages already mark locked ones.
    panels[:] = [panel for panel in panels if not isinstance(panel, LockedPagesPanel | WorkflowObjectsToModeratePanel)]
    panels.append(dashboard.DashboardPanel())


@hooks.register("construct_homepage_summary_items", order=1000)
def count_nothing(request: HttpRequest, items: Any) -> None:
    """Remove Wagtail's site summary from the admin home."""
    items.clear()


@hooks.register("construct_homepage_panels")
def add_health_panel(request: HttpRequest, panels: Any) -> None:
    if request.user.has_perm(reports.MAY_READ):
        panels.append(reports.HealthPanel())


@hooks.register("before_delete_page")
def keep_pages_of_menus(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Refuse to delete a page if a menu links to it or to a descendant."""
    pages = set(page.get_descendants(inclusive=True).values_list("pk", flat=True))
    menus = [str(menu) for menu in Menu.objects.all() if menu.page_ids() & pages]
    if not menus:
        return None
    messages.error(
        request,
        _("“%(title)s” or a page below it is in a menu (%(menus)s). Remove it there first.")
        % {"title": page.title, "menus": ", ".join(menus)},
    )
    return redirect("wagtailadmin_pages:usage", page.pk)


hooks.register("before_bulk_action", bulk_undo.take_snapshots)
hooks.register("after_bulk_action", bulk_undo.record_steps)
hooks.register("before_move_page", bulk_undo.take_place)
hooks.register("after_move_page", bulk_undo.record_move)


@hooks.register("before_bulk_action")
def keep_what_is_in_use(request: HttpRequest, action_type: str, objects: Any, action_class_instance: Any) -> HttpResponse | None:
    """Prevent bulk deletion of objects that the delete view does not delete."""
    if action_type != "delete":
        return None
    for thing in objects:
        if isinstance(thing, Page) and (refusal := keep_pages_of_menus(request, thing)):
            return refusal
        if isinstance(thing, Box) and (sentence := in_use_sentence(thing)):
            messages.error(request, sentence)
            return redirect("wagtailadmin_home")
    return None
