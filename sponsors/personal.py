from django.urls import reverse
from django.utils.translation import gettext

from users.personal import register

from .models import ApplicationDraft, Sponsorship

register(
    "sponsorships",
    "Sponsorships",
    url="sponsor_portal:index",
    rows=lambda user: Sponsorship.objects.visible_to(user).select_related("sponsor", "sponsorship_year").order_by("-pk"),
    export=["id", "sponsor__name", "sponsorship_year__label", "package__name", "state", "starts_on", "ends_on"],
    state=lambda sponsorship: sponsorship.state_label,
)
register(
    "application_drafts",
    "Sponsorship applications",
    rows=lambda user: (
        ApplicationDraft.objects.filter(user=user, sponsorship=None).select_related("sponsorship_year").order_by("-pk")
    ),
    export=["sponsorship_year__label", "data", "updated_at"],
    state=lambda _: gettext("Draft"),
    link=lambda _: reverse("sponsors:resume"),
    # Submitted drafts are sponsorships.
    forget=lambda user: ApplicationDraft.objects.filter(user=user).delete(),
)
register(
    "sponsor_contacts",
    "Sponsor contacts",
    rows=lambda user: user.sponsor_contacts.select_related("sponsor").order_by("-pk"),
    export=["sponsor__name", "name", "email", "phone", "primary", "administrative", "accounting", "manager"],
    state=lambda contact: contact.sponsor.name,
    # The sponsor keeps the contact, without access for the former account.
    forget=lambda user: user.sponsor_contacts.update(user=None, phone=""),
)
