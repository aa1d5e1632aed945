from typing import Any

from django.conf import settings
from django.db import models
from django.http import Http404, HttpRequest
from django.utils import timezone
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting
from wagtail.search import index

from cms.content.blocks import BodyBlock
from cms.content.fields import StreamField
from cms.content.models.pages import BasePage
from cms.delivery import purging, surrogate_keys


class MembershipKind(models.Model):
    """A way to be a member. The page of the membership is made from these."""

    name = models.CharField(max_length=100, unique=True, help_text="Such as Supporting member.")
    summary = models.CharField(max_length=200, blank=True, help_text="For whom it is, in one sentence.")
    price = models.CharField(max_length=100, blank=True, help_text="As people read it: Free, or US$ 99 a year.")
    benefits = models.TextField(blank=True, help_text="One on a line.")
    requirements = models.TextField(blank=True, help_text="What one must do or be. One on a line.")
    votes = models.BooleanField("may vote", default=False, help_text="In the elections of the Foundation.")
    link = models.URLField(blank=True, help_text="Where one becomes a member. The membership service when empty.")
    link_text = models.CharField(max_length=60, default="Become a member", help_text="On the button.")
    order = models.PositiveSmallIntegerField(default=100, help_text="The lowest comes first.")
    active = models.BooleanField("offered", default=True, help_text="Shown on the page.")

    class Meta:
        ordering = ["order", "name"]
        verbose_name = "kind of membership"
        verbose_name_plural = "kinds of membership"

    def __str__(self) -> str:
        return self.name

    @property
    def benefit_list(self) -> list[str]:
        return [line.strip() for line in self.benefits.splitlines() if line.strip()]

    @property
    def requirement_list(self) -> list[str]:
        return [line.strip() for line in self.requirements.splitlines() if line.strip()]


@register_setting(icon="group")
class MembershipSettings(BaseGenericSetting):
    """Where people become members."""

    page_is_shown = models.BooleanField(
        "show the page of the membership", default=True, help_text="When off, visitors of the page are told that it is not there."
    )
    basic_is_open = models.BooleanField(
        "people become basic members here",
        default=True,
        # For the release before, which does not know the column and writes without it.
        db_default=True,
        help_text="When off, the form is not there. Who is a basic member still reads, changes and ends the membership.",
    )
    service_url = models.URLField("membership service", default="https://psfmember.org/", help_text="Where members sign in.")
    bylaws_on = models.DateField("bylaws of", null=True, blank=True, help_text="The date of the bylaws that the page goes by.")

    panels = [
        FieldPanel("page_is_shown"),
        FieldPanel("basic_is_open"),
        MultiFieldPanel([FieldPanel("service_url"), FieldPanel("bylaws_on")], heading="What the page says"),
    ]

    class Meta:
        verbose_name = "membership settings"


class MembershipPage(BasePage):
    """Who can be a member, what for, and where: made from the kinds of membership."""

    max_count = 1
    subpage_types: list[str] = []
    template = "psf/membership_page.html"
    show_in_menus_default = True

    introduction = models.TextField(blank=True, help_text="One or two sentences below the heading.")
    body = StreamField(BodyBlock(), blank=True, help_text="Below the kinds of membership.")

    content_panels = [*BasePage.content_panels, FieldPanel("introduction"), FieldPanel("body")]
    search_fields = [*BasePage.search_fields, index.SearchField("introduction"), index.SearchField("body")]

    class Meta:
        verbose_name = "page of the membership"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any):
        return super().get_context(request, *args, **kwargs) | {
            "kinds": MembershipKind.objects.filter(active=True),
            "membership": MembershipSettings.load(request),
        }

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any):
        if not MembershipSettings.load(request).page_is_shown:
            raise Http404("The membership page is switched off.")
        return surrogate_keys.shared("membership")(super().serve)(request, *args, **kwargs)


class Membership(models.Model):
    """The record of a basic member, and what the old site knew of the others, whom the membership service looks after."""

    class Kind(models.IntegerChoices):
        BASIC = 0, "Basic member"
        SUPPORTING = 1, "Supporting member"
        SPONSOR = 2, "Sponsor member"
        CONTRIBUTING = 4, "Contributing member"
        FELLOW = 5, "Fellow"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="membership"
    )
    kind = models.IntegerField(choices=Kind, default=Kind.BASIC)
    legal_name = models.CharField(max_length=100)
    preferred_name = models.CharField(max_length=100)
    email = models.EmailField("mail address", max_length=100)
    city = models.CharField(max_length=100, blank=True)
    region = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=100, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    code_of_conduct = models.BooleanField("agrees to the code of conduct", null=True, blank=True)
    announcements = models.BooleanField("wants announcements", null=True, blank=True)
    votes = models.BooleanField("wants to vote", default=False)
    last_vote_affirmation = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["legal_name"]
        verbose_name = "membership record"

    def __str__(self) -> str:
        return self.preferred_name or self.legal_name


for model in (MembershipKind, MembershipSettings):
    purging.register(model, purges=lambda _: ["membership"])
