from users.personal import register

from .models import Sponsorship

register(
    "sponsorships",
    "Sponsorships",
    url="sponsor_portal:index",
    rows=lambda user: Sponsorship.objects.visible_to(user).select_related("sponsor", "sponsorship_year").order_by("-pk"),
    export=["id", "sponsor__name", "sponsorship_year__label", "package__name", "state", "starts_on", "ends_on"],
    state=lambda sponsorship: sponsorship.state_label,
)
register(
    "sponsor_contacts",
    "Sponsor contacts",
    rows=lambda user: user.sponsor_contacts.select_related("sponsor").order_by("-pk"),
    export=["sponsor__name", "name", "email", "phone", "primary", "administrative", "accounting", "manager"],
    state=lambda contact: contact.sponsor.name,
    # The contact remains for the sponsor, without access for the former account.
    forget=lambda user: user.sponsor_contacts.update(user=None, phone=""),
)
