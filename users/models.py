"""Users and their API keys."""

import secrets
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from . import personal

# Relations that are deleted with the account, if their app is installed: many rows or one.
PERSONAL_RELATIONS = (
    *("emailaddress_set", "authenticator_set", "usersession_set", "socialaccount_set"),
    *("api_tokens", "service_keys", "editing_sessions", "wagtail_form_states", "page_subscriptions"),
    *("saved_filters", "list_columns"),
)
PERSONAL_ROWS = ("wagtail_userprofile",)
# How often the time of a key's last use is saved.
USE_SECONDS = 60


class User(AbstractUser):
    """Account of a visitor, submitter, staff member or owner of API keys."""

    bio = models.TextField(
        _("about you"), max_length=2000, blank=True, help_text=_("Plain text. Links are not followed by search engines.")
    )
    public_profile = models.BooleanField(
        _("public profile"),
        default=False,
        help_text=_("Everyone can see your profile with your name and bio. Otherwise only you can see it."),
    )
    forgotten_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(AbstractUser.Meta):
        swappable = "AUTH_USER_MODEL"
        constraints = [
            models.UniqueConstraint(
                Lower("username"), name="users_user_username_ci", violation_error_message="This username is already taken."
            )
        ]

    def save(self, **kwargs: Any) -> None:
        # Set by `set_password`, but not by the upgrade of an old hash at sign-in.
        has_new_password = self._password is not None and not self._state.adding  # type: ignore[attr-defined]  # As in AbstractBaseUser.
        super().save(**kwargs)
        if has_new_password:
            self.revoke_keys()

    def get_absolute_url(self) -> str:
        return reverse("users:profile", args=[self.username])

    @property
    def display_name(self) -> str:
        return self.get_full_name() or self.username

    def is_seen_by(self, visitor: "User") -> bool:
        """Return whether `visitor` may see the profile: the owner always, others if it is public."""
        return self.pk == visitor.pk or (self.is_active and self.public_profile)

    def revoke_keys(self) -> None:
        """Revoke all keys and API tokens of this account, because they may have been created by someone with the old password."""
        for name in ("service_keys", "api_tokens"):
            for key in getattr(self, name).filter(revoked_at=None):
                key.revoke()

    @transaction.atomic
    def forget(self) -> None:
        """Delete the personal data of the account and keep its published content."""
        for part in personal.parts():
            part.forget(self)
        self.username = f"former-{self.pk}"
        self.first_name = self.last_name = self.email = self.bio = ""
        self.public_profile = self.is_active = self.is_staff = self.is_superuser = False
        self.forgotten_at = timezone.now()
        self.set_unusable_password()
        self.save()
        self.groups.clear()
        self.user_permissions.clear()
        for name in PERSONAL_RELATIONS:
            if related := getattr(self, name, None):
                related.all().delete()
        for name in PERSONAL_ROWS:
            if hasattr(self, name):
                getattr(self, name).delete()


class SavedFilter(models.Model):
    """Filters, search and order of a list of the admin, saved by one person under a name."""

    MAX_NAME, MAX_QUERY = 60, 2000

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters")
    path = models.CharField(max_length=200)
    name = models.CharField(max_length=MAX_NAME)
    query = models.CharField(max_length=MAX_QUERY)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["user", "path", "name"], name="one_saved_filter_of_a_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def url(self) -> str:
        return f"{self.path}?{self.query}"


class ListColumns(models.Model):
    """Columns of a list of the admin that one person hides."""

    MAX_NAME = 100

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="list_columns")
    list_name = models.CharField(max_length=200)
    hidden = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "list_name"], name="one_choice_of_columns_of_a_list")]

    def __str__(self) -> str:
        return self.list_name


class KeyRefusedError(Exception):
    """Rejected key, with the reason as a sentence."""


class ServiceKeyQuerySet(models.QuerySet):
    def working(self, at: datetime | None = None) -> Self:
        """Return keys that are neither revoked nor expired."""
        return self.filter(revoked_at=None, expires_at__gt=at or timezone.now(), owner__is_active=True)


class ServiceKey(models.Model):
    """A key with which a program uses one of the APIs as its owner, within its scopes. Only a digest of it is stored.

    It stops working when it expires or is revoked, when the owner is deactivated, changes the password, or loses a permission
    that one of its scopes needs.
    """

    class API(models.TextChoices):
        V1 = "v1", _("API v1")
        V2 = "v2", _("API v2")
        V3 = "v3", _("API v3")

    class Scope(models.TextChoices):
        READ = "read", _("Read public data")
        RELEASES = "releases", _("Write releases and their files")
        PLACEMENTS = "placements", _("Read sponsors’ placements and assets")

    MAX_DAYS = 366
    # Permissions without which a scope has no effect.
    NEEDS = {Scope.RELEASES: "downloads.change_release", Scope.PLACEMENTS: "sponsors.sponsor_publisher"}

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="service_keys")
    api = models.CharField(_("API"), max_length=2, choices=API, default=API.V3, db_default=API.V3, editable=False)
    name = models.CharField(max_length=100, help_text=_("Name of the program that uses the key, and where it runs."))
    scopes = models.JSONField(default=list)
    prefix = models.CharField(max_length=24, editable=False)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ServiceKeyQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("service key")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @staticmethod
    def environment() -> str:
        """Return the part of a key that names its environment, such as prod or stage."""
        return {"production": "prod", "staging": "stage"}.get(settings.ENVIRONMENT, settings.ENVIRONMENT)

    @staticmethod
    def hash_of(text: str, secret: str | bytes | None = None) -> str:
        return salted_hmac("users.ServiceKey", text, secret=secret, algorithm="sha256").hexdigest()

    @classmethod
    def digests_of(cls, text: str) -> list[str]:
        """Return the possible digests of a key: one for each valid secret key of the site."""
        return [cls.hash_of(text, secret) for secret in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]]

    @classmethod
    def scopes_of(cls, owner: User) -> list[str]:
        """Return the scopes that a key of this owner can have."""
        return [scope.value for scope in cls.Scope if scope not in cls.NEEDS or owner.has_perm(cls.NEEDS[scope])]

    @classmethod
    def make(
        cls, *, owner: User, name: str, scopes: list[str], days: int, api: str = API.V3, at: datetime | None = None
    ) -> "tuple[ServiceKey, str]":
        """Create a key and return it with its text, which is not stored.

        Raises ValidationError for scopes that the owner may not have.
        """
        if beyond := set(scopes) - set(cls.scopes_of(owner)):
            labels = ", ".join(sorted(str(cls.Scope(scope).label) for scope in beyond))
            raise ValidationError(_("Your account does not have these permissions: %(labels)s.") % {"labels": labels})
        # Clients of v1 and v2 accept only letters and digits.
        text = f"sk_{cls.environment()}_{secrets.token_urlsafe(32)}" if api == cls.API.V3 else secrets.token_hex(20)
        return cls.store(text, owner=owner, api=api, name=name, scopes=scopes, days=days, at=at), text

    @classmethod
    def store(
        cls, text: str, *, owner: User, api: str, name: str, scopes: list[str], days: int, at: datetime | None = None
    ) -> "ServiceKey":
        """Store the digest of an existing key, such as one from the old site."""
        now = at or timezone.now()
        return cls.objects.create(
            owner=owner,
            api=api,
            name=name,
            scopes=sorted(set(scopes)),
            prefix=text[: len(f"sk_{cls.environment()}_") + 6] if api == cls.API.V3 else text[:6],
            key_hash=cls.hash_of(text),
            created_at=now,
            expires_at=now + timedelta(days=min(days, cls.MAX_DAYS)),
        )

    @classmethod
    def of(cls, text: str, *, api: str = API.V3, at: datetime | None = None) -> "ServiceKey":
        """Return the key that an API client presents. Raises KeyRefusedError with the reason if it is not valid."""
        now = at or timezone.now()
        if api == cls.API.V3 and not text.startswith(f"sk_{cls.environment()}_"):
            raise KeyRefusedError("This is not an API key of this environment.")
        key = cls.objects.select_related("owner").filter(api=api, key_hash__in=cls.digests_of(text)).first()
        if key is None:
            raise KeyRefusedError("This key does not exist.")
        if key.revoked_at:
            raise KeyRefusedError(f"This key was revoked on {key.revoked_at:%b %-d, %Y}.")
        if key.expires_at <= now:
            raise KeyRefusedError(f"This key expired on {key.expires_at:%b %-d, %Y}.")
        if not key.owner.is_active:
            raise KeyRefusedError("The account that owns this key is deactivated.")
        if not set(key.scopes) <= set(cls.scopes_of(key.owner)):
            raise KeyRefusedError("The account that owns this key no longer has the role that the key requires.")
        if key.last_used_at is None or (now - key.last_used_at).total_seconds() >= USE_SECONDS:
            cls.objects.filter(pk=key.pk).update(last_used_at=now)
        return key

    def revoke(self, *, at: datetime | None = None) -> None:
        self.revoked_at = self.revoked_at or at or timezone.now()
        self.save(update_fields=["revoked_at"])

    @property
    def scope_labels(self) -> list[str]:
        return [str(self.Scope(scope).label) for scope in self.scopes if scope in self.Scope.values]

    def state(self, at: datetime | None = None) -> str:
        if self.revoked_at:
            return "Revoked"
        if not self.owner.is_active:
            return "Account deactivated"
        return "Working" if self.expires_at > (at or timezone.now()) else "Expired"
