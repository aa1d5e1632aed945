from django.urls import URLPattern, path
from wagtail import hooks
from wagtail.snippets.models import register_snippet
from wagtail_modeladmin.options import modeladmin_register

from .dashboard import feed_dashboard
from .registers import REGISTERS
from .viewsets import CommunityViewSetGroup

register_snippet(CommunityViewSetGroup)
for register in REGISTERS:
    modeladmin_register(register)


@hooks.register("register_icons")
def register_icons(icons: list[str]) -> list[str]:
    return [*icons, "icons/feed.svg"]


@hooks.register("register_admin_urls")
def register_admin_urls() -> list[URLPattern]:
    return [path("community/reading/", feed_dashboard, name="community_feeds")]
