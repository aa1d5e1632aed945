"""Sponsors and their contacts."""

from typing import Any, Self, cast

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_countries.fields import Country, CountryField
from wagtail.models import Revision, RevisionMixin
from wagtail.search import index

from cms.delivery import purging
from sponsors.files import check_logo, check_print_logo, logo_path
from users import identities
from users.models import User

from .states import CANCELLED, SELLING

INVITATION_SECONDS = 60 * 60 * 24 * 60
MAX_SLUG_LENGTH = 120


class SponsorQuerySet(models.QuerySet):
    def of(self, user: User | AnonymousUser) -> Self:
        """Return the sponsors of which a user is a contact."""
        return self.filter(contacts__user=user).distinct() if user.is_authenticated else self.none()

    def incomplete(self) -> Self:
        """Return sponsors without a logo or without contacts."""
        people = Contact.objects.filter(sponsor=OuterRef("pk"))
        return self.filter(Q(web_logo="") | ~Exists(people))


class Sponsor(RevisionMixin, index.Indexed, models.Model):
    """Organization that sponsors the Foundation."""

    LOGOS = ("web_logo", "white_logo", "print_logo")
    # Public data. If a contact of an approved sponsor changes it, staff have to approve the change.
    PUBLIC_FIELDS = ("description", "landing_page_url", "linked_in_page_url", "twitter_handle", *LOGOS)
    PRIVATE_FIELDS = (
        *("primary_phone", "mailing_address_line_1", "mailing_address_line_2", "city", "state", "postal_code", "country"),
        *("country_of_incorporation", "state_of_incorporation"),
    )

    name = models.CharField(max_length=100, help_text=_("Public name, for example Acme, Inc."))
    slug = models.SlugField(
        max_length=MAX_SLUG_LENGTH,
        unique=True,
        blank=True,
        help_text=_("Used as the anchor on the sponsors page and in the API. Does not change when the name changes."),
    )
    description = models.TextField(blank=True, help_text=_("A few sentences about the sponsor, shown with the logo."))
    landing_page_url = models.URLField(
        _("website URL"), blank=True, help_text=_("URL that the logo links to, for example https://example.com/.")
    )
    linked_in_page_url = models.URLField(_("LinkedIn URL"), blank=True)
    twitter_handle = models.CharField(_("social handle"), max_length=32, blank=True)
    web_logo = models.FileField(
        _("logo"),
        upload_to=logo_path,
        blank=True,
        max_length=255,
        validators=[check_logo],
        help_text=_("SVG, PNG, JPEG or WebP for light backgrounds."),
    )
    white_logo = models.FileField(
        _("logo for dark backgrounds"),
        upload_to=logo_path,
        blank=True,
        max_length=255,
        validators=[check_logo],
        help_text=_("White or light version. SVG, PNG, JPEG or WebP."),
    )
    print_logo = models.FileField(
        _("print logo"),
        upload_to=logo_path,
        blank=True,
        max_length=255,
        validators=[check_print_logo],
        help_text=_("EPS, AI, PDF, SVG or PNG."),
    )
    primary_phone = models.CharField(_("phone"), max_length=32, blank=True)
    mailing_address_line_1 = models.CharField(_("address"), max_length=128, blank=True)
    mailing_address_line_2 = models.CharField(_("address, second line"), max_length=128, blank=True)
    city = models.CharField(max_length=64, blank=True)
    state = models.CharField(_("state or region"), max_length=64, blank=True)
    postal_code = models.CharField(max_length=64, blank=True)
    country = CountryField(blank=True)
    country_of_incorporation = CountryField(blank=True, help_text=_("If different from the country of the postal address."))
    state_of_incorporation = models.CharField(max_length=64, blank=True, help_text=_("For companies in the United States."))
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    proposed_revision = models.ForeignKey(
        Revision, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )

    objects = SponsorQuerySet.as_manager()
    search_fields = [index.SearchField("name"), index.AutocompleteField("name"), index.FilterField("country")]

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.slug:
            self.slug = self._free_slug()
        super().save(*args, **kwargs)

    def _free_slug(self) -> str:
        wanted = slugify(self.name)[: MAX_SLUG_LENGTH - 10] or "sponsor"
        taken = set(Sponsor.objects.filter(slug__startswith=wanted).exclude(pk=self.pk).values_list("slug", flat=True))
        free = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
        return wanted if wanted not in taken else next(slug for slug in free if slug not in taken)

    def get_absolute_url(self) -> str:
        return f"/psf/sponsors/#{self.slug}"

    @property
    def is_approved(self) -> bool:
        """Return whether staff have approved a sponsorship and therefore the public data."""
        return self.sponsorships.filter(state__in=[*SELLING, CANCELLED]).exists()

    def get_proposed(self) -> "Sponsor":
        """Return this sponsor with the public data that is waiting for approval, if any."""
        proposed = Sponsor.objects.get(pk=self.pk)
        if self.proposed_revision:
            proposed.copy_public_data(self.proposed_revision.as_object())
        return proposed

    def copy_public_data(self, other: "Sponsor") -> None:
        for name in self.PUBLIC_FIELDS:
            setattr(self, name, getattr(other, name))

    def has_same_public_data(self, other: "Sponsor") -> bool:
        return all(str(getattr(self, name)) == str(getattr(other, name)) for name in self.PUBLIC_FIELDS)

    @property
    def wall_url(self) -> str:
        return f"{settings.BASE_URL}/psf/sponsors/#{self.slug}"

    def list_previous_logos(self) -> list[dict[str, Any]]:
        """Return the logo files of earlier or proposed versions that are not in use, newest first, with date, label and URL."""
        seen = {getattr(self, name).name for name in self.LOGOS}
        found = []
        for revision in self.revisions.order_by("-created_at"):
            for name in self.LOGOS:
                file = revision.content.get(name)
                if file and file not in seen:
                    seen.add(file)
                    current = getattr(self, name)
                    url = current.storage.url(file)
                    found.append({"label": current.field.verbose_name, "date": revision.created_at, "url": url})
        return found

    def logo_url(self, name: str = "web_logo") -> str | None:
        """Return the absolute URL of a logo, or None."""
        file = getattr(self, name)
        if not file:
            return None
        return file.url if file.url.startswith("http") else settings.BASE_URL + file.url

    @property
    def primary_contact(self) -> "Contact | None":
        return next((contact for contact in self.contacts.all() if contact.primary), None)

    @property
    def address_lines(self) -> list[str]:
        town = " ".join(filter(None, [self.city, self.state, self.postal_code]))
        country = cast(Country, self.country)
        lines = [self.mailing_address_line_1, self.mailing_address_line_2, town, country.name if country else ""]
        return list(dict.fromkeys(line for line in lines if line))

    @property
    def incorporation_location(self) -> str:
        """Return the state of incorporation for the United States, otherwise the country."""
        country = cast(Country, self.country_of_incorporation or self.country)
        if country and country.code == "US":
            return self.state_of_incorporation or self.state
        return country.name if country else ""


class ContactQuerySet(models.QuerySet):
    def with_role(self, *roles: str) -> Self:
        wanted = Q(pk__in=[])
        for role in roles:
            wanted |= Q(**{role: True})
        return self.filter(wanted)


class Contact(models.Model):
    """Contact of a sponsor. Its roles set the permissions of the person in the portal."""

    ROLES = {"primary": "Primary", "administrative": "Administrative", "accounting": "Accounting", "manager": "Manager"}

    sponsor = models.ForeignKey(Sponsor, on_delete=models.CASCADE, related_name="contacts")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="sponsor_contacts",
        verbose_name=_("account"),
    )
    name = models.CharField(max_length=100)
    email = models.EmailField(max_length=254)
    phone = models.CharField(max_length=32, blank=True)
    primary = models.BooleanField(default=False, help_text=_("Receives all emails and can manage every part of the sponsorship."))
    administrative = models.BooleanField(default=False, help_text=_("Receives the contract and can submit the signed copy."))
    accounting = models.BooleanField(default=False, help_text=_("Can see the fee."))
    manager = models.BooleanField(default=False, help_text=_("Submits sponsor assets and edits the organization’s details."))
    invited_at = models.DateTimeField(null=True, blank=True, editable=False)
    linked_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text=_("When the account was linked by its confirmed email address. Empty if the person accepted an invitation."),
    )

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["-primary", "name"]

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"

    @property
    def roles(self) -> list[str]:
        return [label for name, label in self.ROLES.items() if getattr(self, name)]

    @property
    def has_joined(self) -> bool:
        """Return whether the person applied for the sponsor or accepted an invitation, with the account of the contact."""
        return self.user_id is not None and self.linked_at is None

    @classmethod
    def from_token(cls, token: str) -> "Contact | None":
        """Return the contact of an invitation link of an earlier release, or None."""
        try:
            pk, email = signing.loads(token, salt="sponsors.invitation", max_age=INVITATION_SECONDS)
        except (signing.BadSignature, ValueError, TypeError):
            return None
        return cls.objects.select_related("sponsor").filter(pk=pk, email__iexact=email).first()


def rights_of(contact: Contact | None) -> set[str]:
    """Return the permissions of a contact in the portal: deliver, edit, sign, see_fee, withdraw."""
    if contact is None:
        return set()
    rights = set()
    if contact.primary or contact.manager:
        rights |= {"deliver", "edit", "sign", "see_fee", "withdraw"}
    if contact.administrative:
        rights |= {"sign", "see_fee"}
    if contact.accounting:
        rights.add("see_fee")
    return rights


identities.register(
    Contact,
    key="contact",
    email="email",
    account="user",
    linked_at="linked_at",
    role=lambda contact: gettext("You are a contact of %(sponsor)s, a sponsor.") % {"sponsor": contact.sponsor},
)
for model in (Sponsor, Contact):
    purging.register(model, purges=lambda _: ["sponsors"])
