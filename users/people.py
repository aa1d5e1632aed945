"""The list of people in the admin: who somebody is to the site, in place of a mark for superusers alone."""

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef
from django.utils.functional import cached_property
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.users.views import users


def roles_of(person) -> str:
    names = ["Superuser"] if person.is_superuser else []
    return ", ".join([*names, *(group.name for group in person.groups.all())])


class IndexView(users.IndexView):
    def get_base_queryset(self):
        factors = Authenticator.objects.filter(user=OuterRef("pk")).exclude(type=Authenticator.Type.RECOVERY_CODES)
        return super().get_base_queryset().prefetch_related("groups").annotate(has_second_factor=Exists(factors))

    @cached_property
    def columns(self):
        box, name, username, _, active, last_login = super().columns
        for column in (username, active, last_login):
            # There are more columns than Wagtail shared the width among.
            column.width = None
        return [
            box,
            name,
            username,
            Column("email", label="E-mail", sort_key="email"),
            Column("roles", label="Roles", accessor=roles_of),
            BooleanColumn("has_second_factor", label="Second factor", sort_key="has_second_factor"),
            active,
            last_login,
        ]


class UserViewSet(users.UserViewSet):
    index_view_class = IndexView
