"""Users and groups in the admin, changed only by those with authority over them (users/authority.py)."""

from typing import Any

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.users import forms
from wagtail.users.views import groups, users

from .authority import Authority

# Fields of the user form that affect sign-in or permissions.
SENSITIVE_FIELDS = {"email", "groups", "is_superuser", "is_active"}


def roles_of(person: Any) -> str:
    names = ["Administrator"] if person.is_superuser else []
    return ", ".join([*names, *(group.name for group in person.groups.all())])


# The mixin precedes Wagtail's views, so mypy does not know their methods.
FormView: Any = object


class WithinAuthorityMixin(FormView):
    """Refuse to open an account or group beyond the editor's authority, and to save anything that grants more permissions.

    The saved data is read again before the transaction ends, so that the rule applies to every panel of the form.
    """

    # The user of the request is signed in, because Wagtail requires it.
    request: Any

    @cached_property
    def authority(self) -> Authority:
        return Authority(self.request.user)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.kwargs and not self.authority.covers(self.get_object()):
            raise PermissionDenied
        with transaction.atomic():
            response = super().dispatch(request, *args, **kwargs)
            saved = getattr(self, "object", None)
            is_there = saved is not None and self.model.objects.filter(pk=saved.pk).exists()
            if request.method == "POST" and saved is not None and is_there and not self.authority.covers(saved):
                raise PermissionDenied
        return response


class IndexView(users.IndexView):
    def get_base_queryset(self) -> Any:
        factors = Authenticator.objects.filter(user=OuterRef("pk")).exclude(type=Authenticator.Type.RECOVERY_CODES)
        return super().get_base_queryset().prefetch_related("groups").annotate(has_second_factor=Exists(factors))

    @cached_property
    def manageable_ids(self) -> set[int]:
        return set(Authority(self.request.user).users().values_list("pk", flat=True))

    def get_edit_url(self, instance: Any) -> Any:
        return super().get_edit_url(instance) if instance.pk in self.manageable_ids else None

    def get_delete_url(self, instance: Any) -> Any:
        return super().get_delete_url(instance) if instance.pk in self.manageable_ids else None

    @cached_property
    def columns(self) -> list[Column]:
        box, name, username, _level, active, last_login = super().columns
        for column in (username, active, last_login):
            # Wagtail's column widths are for fewer columns.
            column.width = None
        return [
            box,
            name,
            username,
            Column("email", label=_("Email"), sort_key="email"),
            Column("roles", label=_("Roles"), accessor=roles_of),
            BooleanColumn("has_second_factor", label=_("Two-factor authentication"), sort_key="has_second_factor"),
            active,
            last_login,
        ]


class AuthorityFormMixin:
    """Offer only groups that the editor can assign, and the superuser status only to superusers."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, authority: Authority, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["groups"].queryset = authority.groups().order_by("name")
        if not authority.is_superuser:
            self.fields.pop("is_superuser", None)


class UserCreationForm(AuthorityFormMixin, forms.UserCreationForm):
    def save(self, **kwargs: Any) -> Any:
        # The new user sets a password with "Forgot your password?".
        self.instance.set_unusable_password()
        return super().save(**kwargs)


class UserEditForm(AuthorityFormMixin, forms.UserEditForm):
    def __init__(self, *args: Any, editing_self: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, editing_self=editing_self, **kwargs)
        if editing_self:
            # Users change their own email address on the account pages, where it is confirmed.
            self.fields["email"].disabled = True

    def save(self, **kwargs: Any) -> Any:
        user = super().save(**kwargs)
        if "email" in self.changed_data:
            # Previous email addresses can no longer reset the password. The new one is confirmed at the next sign-in.
            EmailAddress.objects.filter(user=user).delete()
            EmailAddress.objects.create(user=user, email=user.email, primary=True)
        return user


class UserFormViewMixin(WithinAuthorityMixin):
    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"authority": self.authority}

    def form_valid(self, form: Any) -> HttpResponse:
        if SENSITIVE_FIELDS.intersection(form.changed_data):
            raise_if_reauthentication_required(self.request, app="users")
        return super().form_valid(form)


class UserCreateView(UserFormViewMixin, users.CreateView):
    pass


class UserEditView(UserFormViewMixin, users.EditView):
    pass


class UserDeleteView(WithinAuthorityMixin, users.DeleteView):
    pass


class UserViewSet(users.UserViewSet):
    # A copy would start with the groups of another account.
    copy_view_enabled = False
    index_view_class = IndexView
    add_view_class = UserCreateView
    edit_view_class = UserEditView
    delete_view_class = UserDeleteView

    def get_form_class(self, *, for_update: bool = False) -> Any:
        return UserEditForm if for_update else UserCreationForm


class GroupForm(forms.GroupForm):
    def __init__(self, *args: Any, authority: Authority, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["permissions"]
        field.queryset = field.queryset.filter(pk__in=authority.permissions())


class GroupFormViewMixin(WithinAuthorityMixin):
    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"authority": self.authority}


class GroupCreateView(GroupFormViewMixin, groups.CreateView):
    pass


class GroupEditView(GroupFormViewMixin, groups.EditView):
    pass


class GroupDeleteView(WithinAuthorityMixin, groups.DeleteView):
    pass


class GroupViewSet(groups.GroupViewSet):
    add_view_class = GroupCreateView
    edit_view_class = GroupEditView
    delete_view_class = GroupDeleteView

    def get_form_class(self, *, for_update: bool = False) -> Any:
        return GroupForm
