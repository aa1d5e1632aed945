from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting
from wagtail.search import index

from cms.content.blocks import BodyBlock
from cms.content.fields import StreamField
from cms.content.models.pages import BasePage
from cms.delivery import purging
from users import identities


class MembershipKind(models.Model):
    """Membership type, shown on the membership page."""

    name = models.CharField(max_length=100, unique=True, help_text=_("For example, Supporting member."))
    summary = models.CharField(max_length=200, blank=True, help_text=_("One sentence about this membership type."))
    price = models.CharField(max_length=100, blank=True, help_text=_("Shown to visitors, for example Free or US$99 a year."))
    benefits = models.TextField(blank=True, help_text=_("One per line."))
    requirements = models.TextField(blank=True, help_text=_("Requirements, one per line."))
    votes = models.BooleanField(_("voting"), default=False, help_text=_("Members of this type can vote in PSF elections."))
    link = models.URLField(blank=True, help_text=_("Page where people join. Leave empty to use the membership site."))
    link_text = models.CharField(max_length=60, default="Become a member", help_text=_("Text of the button."))
    order = models.PositiveSmallIntegerField(default=100, help_text=_("Lower numbers come first."))
    active = models.BooleanField(_("active"), default=True, help_text=_("Show this type on the membership page."))

    class Meta:
        ordering = ["order", "name"]
        verbose_name = _("membership type")
        verbose_name_plural = _("membership types")

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
    """Settings of the membership pages."""

    page_is_shown = models.BooleanField(
        _("show the membership page"),
        default=True,
        help_text=_("When off, visitors of the membership page see “Page not found”."),
    )
    basic_is_open = models.BooleanField(
        _("allow basic membership registration"),
        default=True,
        # The previous release writes rows without this column.
        db_default=True,
        help_text=_("When off, nobody can register. Existing basic members can still edit or end their membership."),
    )
    service_url = models.URLField(
        _("membership site"), default="https://psfmember.org/", help_text=_("Site where members sign in.")
    )
    bylaws_on = models.DateField(
        _("bylaws date"), null=True, blank=True, help_text=_("Date of the bylaws that the membership types are based on.")
    )

    panels = [
        FieldPanel("page_is_shown"),
        FieldPanel("basic_is_open"),
        MultiFieldPanel([FieldPanel("service_url"), FieldPanel("bylaws_on")], heading=_("Membership page")),
    ]

    class Meta:
        verbose_name = _("membership settings")


class MembershipPage(BasePage):
    """Membership page, generated from the membership types."""

    max_count = 1
    subpage_types: list[str] = []
    template = "psf/membership_page.html"
    cache_keys: ClassVar[list[str]] = ["membership"]
    show_in_menus_default = True

    introduction = models.TextField(blank=True, help_text=_("One or two sentences shown below the heading."))
    body = StreamField(BodyBlock(), blank=True, help_text=_("Shown below the membership types."))

    content_panels = [*BasePage.content_panels, FieldPanel("introduction"), FieldPanel("body")]
    search_fields = [*BasePage.search_fields, index.SearchField("introduction"), index.SearchField("body")]

    class Meta:
        verbose_name = _("membership page")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().get_context(request, *args, **kwargs) | {
            "kinds": MembershipKind.objects.filter(active=True),
            "membership": MembershipSettings.load(request),
        }

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not MembershipSettings.load(request).page_is_shown:
            raise Http404("The membership page is turned off.")
        return super().serve(request, *args, **kwargs)


class Membership(models.Model):
    """Record of a basic member, or of another member as imported from the old site."""

    class Kind(models.IntegerChoices):
        BASIC = 0, _("Basic member")
        SUPPORTING = 1, _("Supporting member")
        SPONSOR = 2, _("Sponsor member")
        CONTRIBUTING = 4, _("Contributing member")
        FELLOW = 5, _("Fellow")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="membership"
    )
    kind = models.IntegerField(_("membership type"), choices=Kind, default=Kind.BASIC)
    legal_name = models.CharField(max_length=100)
    preferred_name = models.CharField(max_length=100)
    email = models.EmailField(_("email address"), max_length=100)
    city = models.CharField(max_length=100, blank=True)
    region = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=100, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    code_of_conduct = models.BooleanField(_("agreed to the code of conduct"), null=True, blank=True)
    announcements = models.BooleanField(_("wants announcements"), null=True, blank=True)
    votes = models.BooleanField(_("wants to vote"), default=False)
    last_vote_affirmation = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["legal_name"]
        verbose_name = _("membership record")

    def __str__(self) -> str:
        return self.preferred_name or self.legal_name


identities.register(
    Membership, key="member", email="email", account="user", role=lambda _: gettext("You are a member of the Foundation.")
)
for model in (MembershipKind, MembershipSettings):
    purging.register(model, purges=lambda _: ["membership"])
