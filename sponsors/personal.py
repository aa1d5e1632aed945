from users.personal import register

from .models import Deal

register(
    "sponsorships",
    "Sponsorships",
    url="sponsor_portal:index",
    rows=lambda user: Deal.objects.visible_to(user).select_related("sponsor", "season").order_by("-pk"),
    export=["id", "sponsor__name", "season__label", "package__name", "state", "starts_on", "ends_on"],
    state=lambda deal: deal.stage_label,
)
register(
    "sponsor_contacts",
    "Contact of sponsors",
    rows=lambda user: user.sponsor_contacts.select_related("sponsor").order_by("-pk"),
    export=["sponsor__name", "name", "email", "phone", "primary", "administrative", "accounting", "manager"],
    state=lambda contact: contact.sponsor.name,
    # The sponsor goes on being reached. The person has no way in any more.
    forget=lambda user: user.sponsor_contacts.update(user=None, phone=""),
)
