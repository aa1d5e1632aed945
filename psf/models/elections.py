"""Elections up to the publication of the candidates. Voting takes place elsewhere.

A candidacy has one state, and each statement has one. These states and the dates determine what is public.
"""

import random
from collections.abc import Iterable
from datetime import UTC, datetime, time
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable

from cms.delivery import purging
from users import identities
from users.models import User

DEFAULT_COLOUR = "#0073b7"
SLUG_LENGTH = 200


def free_slug(text: str, taken: Any) -> str:
    """Return a slug for a title that no object of a queryset has."""
    base = slugify(text)[:SLUG_LENGTH].strip("-") or "candidate"
    slugs = set(taken.filter(slug__startswith=base).values_list("slug", flat=True))
    number, slug = 2, base
    while slug in slugs:
        slug, number = f"{base}-{number}", number + 1
    return slug


class ElectionKind(ClusterableModel):
    """Type of election, such as the board, with the wording of its nomination form."""

    name = models.CharField(max_length=100, unique=True, help_text=_("For example, Board or Packaging Council."))
    slug = models.SlugField(max_length=120, unique=True)
    accent_color = models.CharField(
        _("color"),
        max_length=25,
        default=DEFAULT_COLOUR,
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Enter a hexadecimal color, for example #0073b7."))],
        help_text=_("Color of the stripe on election pages, for example #0073b7."),
    )
    introduction = models.TextField(
        blank=True, help_text=_("Shown above the nomination form: eligibility and duties of the position. You can use Markdown.")
    )
    statement_help = models.CharField(
        max_length=500,
        blank=True,
        default="Explain in a few paragraphs why this person is a good candidate. You can use Markdown.",
        help_text=_("Help text of the statement field."),
    )
    first_year = models.PositiveSmallIntegerField(
        _("first year of service"), default=2001, help_text=_("First year in the list of years of previous service.")
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("election type")
        verbose_name_plural = _("election types")

    def __str__(self) -> str:
        return self.name

    @cached_property
    def acknowledgement_list(self) -> list["Acknowledgement"]:
        return list(self.acknowledgements.all())

    @property
    def service_label(self) -> str:
        return gettext("Previous %(body)s service") % {"body": self.name}

    @property
    def new_member_label(self) -> str:
        return gettext("New %(body)s member") % {"body": self.name}


class Acknowledgement(Orderable):
    """Statement that nominees must accept."""

    kind = ParentalKey(ElectionKind, on_delete=models.CASCADE, related_name="acknowledgements")
    key = models.SlugField(
        max_length=50, help_text=_("Identifier in exports, for example coc. Do not change it after it is used.")
    )
    label = models.CharField(max_length=500, help_text=_("Statement that the nominee agrees to, as a full sentence."))
    help_text = models.CharField(_("explanation"), max_length=500, blank=True)
    required = models.BooleanField(_("required for self-nominations"), default=True)
    public = models.BooleanField(_("public"), default=False)

    class Meta(Orderable.Meta):
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="acknowledgement_of_kind")]

    def __str__(self) -> str:
        return self.label


class Election(models.Model):
    class Phase(models.TextChoices):
        ANNOUNCED = "announced", _("Not open yet")
        OPEN = "open", _("Open for nominations")
        CLOSED = "closed", _("Closed")
        PUBLISHED = "published", _("Candidates published")

    name = models.CharField(max_length=100)
    slug = models.SlugField(
        max_length=255, unique=True, help_text=_("Last part of the URL. Do not change it after the election is announced.")
    )
    kind = models.ForeignKey(
        ElectionKind,
        verbose_name=_("election type"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="elections",
    )
    date = models.DateField(_("election date"))
    time_zone = models.CharField(
        max_length=64,
        default="UTC",
        help_text=_("Times of this election are shown in this time zone, for example America/New_York."),
    )
    nominations_open_at = models.DateTimeField(null=True, blank=True)
    nominations_close_at = models.DateTimeField(
        null=True, blank=True, help_text=_("After this time, nominations cannot be made, accepted or edited.")
    )
    publish_at = models.DateTimeField(
        _("candidates published at"),
        null=True,
        blank=True,
        help_text=_("All approved candidates are published at this time. Leave empty to publish them when nominations close."),
    )
    description = models.TextField(blank=True, help_text=_("Shown on the election page. You can use Markdown."))
    hide_previous_service = models.BooleanField(
        _("skip the question about previous service"),
        default=False,
        help_text=_("For the first election of a new board or council."),
    )

    class Meta:
        ordering = ["-date", "name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        errors = {}
        opens, closes, publishes = self.nominations_open_at, self.nominations_close_at, self.publish_at
        if bool(opens) != bool(closes):
            errors["nominations_close_at"] = gettext("Enter both an opening and a closing time, or leave both empty.")
        elif opens and closes and closes <= opens:
            errors["nominations_close_at"] = gettext("The closing time must be after the opening time.")
        if publishes and closes and publishes < closes:
            errors["publish_at"] = gettext("Candidates cannot be published before nominations close. Enter a later time.")
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError):
            errors["time_zone"] = gettext("Unknown time zone. Enter a name such as Europe/Berlin or UTC.")
        if errors:
            raise ValidationError(errors)

    def get_absolute_url(self) -> str:
        return reverse("nominations:election", args=[self.slug])

    @property
    def nominees_url(self) -> str:
        return reverse("nominations:nominees", args=[self.slug])

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def colour(self) -> str:
        return self.kind.accent_color if self.kind else DEFAULT_COLOUR

    @property
    def public_from(self) -> datetime:
        """Return the time when the approved candidates become public."""
        return self.publish_at or self.nominations_close_at or datetime.combine(self.date, time(), tzinfo=UTC)

    def phase(self, at: datetime | None = None) -> "Election.Phase":
        """Return the phase of the election at a given time (default: now)."""
        at = at or timezone.now()
        if at >= self.public_from:
            return self.Phase.PUBLISHED
        if self.nominations_open_at is None or self.nominations_close_at is None or at < self.nominations_open_at:
            return self.Phase.ANNOUNCED
        return self.Phase.OPEN if at < self.nominations_close_at else self.Phase.CLOSED

    def is_open(self, at: datetime | None = None) -> bool:
        return self.phase(at) == self.Phase.OPEN

    def is_published(self, at: datetime | None = None) -> bool:
        return self.phase(at) == self.Phase.PUBLISHED

    def seconds_to_next_phase(self, at: datetime | None = None) -> int | None:
        """Return the seconds until the next phase, or None after the last one."""
        at = at or timezone.now()
        moments = [self.nominations_open_at, self.nominations_close_at, self.public_from]
        return min((int((moment - at).total_seconds()) for moment in moments if moment and moment > at), default=None)

    def public_nominees(self, at: datetime | None = None) -> list["Nominee"]:
        """Return the public candidates in a fair order that stays the same all day."""
        if not self.is_published(at):
            return []
        return self.shuffled(self.nominees.approved(), seed=f"{(at or timezone.now()):%Y-%m-%d}")

    def shuffled(self, nominees: Iterable["Nominee"], *, seed: str) -> list["Nominee"]:
        found = sorted(nominees, key=lambda nominee: nominee.pk)
        random.Random(f"{self.slug} {seed}").shuffle(found)  # noqa: S311 -- fair, and no secret.
        return found


class NomineeQuerySet(models.QuerySet):
    def approved(self) -> Self:
        return self.filter(state=Nominee.State.APPROVED).prefetch_related("nominations")

    def incomplete(self) -> Self:
        """Return candidates without a response, a statement or an account."""
        stuck = [Nominee.State.DECLINED, Nominee.State.REFUSED]
        statement = Nomination.objects.filter(nominee=models.OuterRef("pk")).exclude(state=Nomination.State.DECLINED)
        open_ones = self.exclude(state__in=stuck).annotate(has_statement=models.Exists(statement))
        return open_ones.filter(Q(state__in=[Nominee.State.PROPOSED, Nominee.State.INVITED]) | Q(has_statement=False))


class Nominee(models.Model):
    """Nominee: the candidacy of one person in one election."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        INVITED = "invited", _("Invited")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Not eligible")

    UNANSWERED = (State.PROPOSED, State.INVITED)

    election = models.ForeignKey(Election, on_delete=models.CASCADE, related_name="nominees")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="nominations_received",
        help_text=_("Account of the nominee, who can then edit their statement."),
    )
    name = models.CharField(max_length=300, help_text=_("Shown publicly."))
    slug = models.SlugField(
        max_length=255, help_text=_("Last part of the URL. Do not change it after the candidates are published.")
    )
    email = models.EmailField(_("email address"), blank=True, help_text=_("Not shown publicly."))
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED, db_index=True)
    # Part of each invitation link. A response invalidates earlier links.
    answers = models.PositiveIntegerField(default=0, editable=False)
    invited_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = NomineeQuerySet.as_manager()

    class Meta:
        ordering = ["election", "name"]
        constraints = [
            models.UniqueConstraint(fields=["election", "slug"], name="nominee_slug"),
            models.UniqueConstraint(
                fields=["election", "user"],
                condition=Q(user__isnull=False),
                name="nominee_user",
                violation_error_message=_("This account is already a candidate in this election."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.slug:
            self.slug = free_slug(self.name, Nominee.objects.filter(election=self.election_id))
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("nominations:nominee", args=[self.election.slug, self.slug])

    def is_public(self, at: datetime | None = None) -> bool:
        return self.state == self.State.APPROVED and self.election.is_published(at)

    def has_accepted(self) -> bool:
        return self.state in {self.State.ACCEPTED, self.State.APPROVED}

    @property
    def shown_nominations(self) -> list["Nomination"]:
        """Return the approved statements, the candidate's own first."""
        shown = [one for one in self.nominations.all() if one.state == Nomination.State.APPROVED]
        return sorted(shown, key=lambda one: (not one.is_self, one.pk))

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Return the employer and similar facts from the first statement shown."""
        first = next(iter(self.shown_nominations), None)
        if first is None:
            return []
        kind = self.election.kind
        service = "" if self.election.hide_previous_service else first.previous_service
        rows = [
            (service, kind.service_label if kind else gettext("Previous service")),
            (first.employer, gettext("Employer")),
            (first.other_affiliations, gettext("Other affiliations")),
        ]
        return [(label, value) for value, label in rows if value]

    @property
    def public_acknowledgements(self) -> list[str]:
        said = {key for one in self.shown_nominations for key in one.acknowledged}
        kind = self.election.kind
        return [one.label for one in kind.acknowledgement_list if one.public and one.key in said] if kind else []


class Nomination(models.Model):
    """Nomination of a nominee, with a statement."""

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("Submitted")
        ACCEPTED = "accepted", _("Accepted by the candidate")
        DECLINED = "declined", _("Declined by the candidate")
        APPROVED = "approved", _("Approved")
        HIDDEN = "hidden", _("Not shown")

    election = models.ForeignKey(Election, on_delete=models.CASCADE, related_name="nominations")
    nominee = models.ForeignKey(Nominee, on_delete=models.CASCADE, related_name="nominations")
    nominator = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="nominations_made"
    )
    is_self = models.BooleanField(_("self-nomination"), default=False)
    name = models.CharField(max_length=1024)
    email = models.CharField(max_length=1024, blank=True)
    previous_service = models.CharField(max_length=1024, blank=True)
    employer = models.CharField(max_length=1024, blank=True)
    other_affiliations = models.CharField(max_length=2048, blank=True)
    statement = models.TextField(help_text=_("Markdown."))
    acknowledged = models.JSONField(default=list, blank=True, help_text=_("Keys of the statements that the nominee agreed to."))
    state = models.CharField(max_length=10, choices=State, default=State.SUBMITTED, db_index=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["election", "pk"]

    def __str__(self) -> str:
        return f"{self.nominee}, by {self.nominator or 'someone'}"

    def get_absolute_url(self) -> str:
        return reverse("nominations:nomination", args=[self.election.slug, self.pk])

    def is_public(self, at: datetime | None = None) -> bool:
        return self.state == self.State.APPROVED and self.nominee.is_public(at)

    def is_of_nominee(self, user: User) -> bool:
        return user.is_authenticated and self.nominee.user_id == user.pk

    def is_of_nominator(self, user: User) -> bool:
        return user.is_authenticated and self.nominator_id == user.pk

    def may_edit(self, user: User, at: datetime | None = None) -> bool:
        """Return whether a user can edit this: the candidate while nominations are open, the nominator until the review."""
        if not self.election.is_open(at):
            return False
        return self.is_of_nominee(user) or (self.is_of_nominator(user) and self.state == self.State.SUBMITTED)

    # Public fields of a statement, which staff approve.
    PUBLIC_FIELDS = ("name", "previous_service", "employer", "other_affiliations", "statement", "acknowledged")

    @transaction.atomic
    def revise(self) -> None:
        """Save changes. An approved statement with a changed text needs approval again."""
        # Staff approving the statement also lock the nominee.
        Nominee.objects.select_for_update().get(pk=self.nominee_id)
        stored = Nomination.objects.get(pk=self.pk)
        self.state = stored.state
        if stored.state == self.State.APPROVED and any(
            getattr(self, name) != getattr(stored, name) for name in self.PUBLIC_FIELDS
        ):
            self.state = self.State.ACCEPTED
        self.save()

    @property
    def missing_acknowledgements(self) -> list[str]:
        kind = self.election.kind
        if kind is None or not self.is_self:
            return []
        return [one.label for one in kind.acknowledgement_list if one.required and one.key not in self.acknowledged]


class NomineeNote(models.Model):
    """Internal note: an answer of a nominee or a comment of staff."""

    nominee = models.ForeignKey(Nominee, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return self.text[:60]


def use_up_invitations(nominee: Nominee) -> None:
    Nominee.objects.filter(pk=nominee.pk).update(answers=F("answers") + 1)
    nominee.refresh_from_db(fields=["answers"])


identities.register(
    Nominee,
    key="nominee",
    email="email",
    account="user",
    role=lambda nominee: gettext("You are nominated in %(election)s.") % {"election": nominee.election},
)
for model in (ElectionKind, Election, Nominee, Nomination):
    purging.register(model, purges=lambda _: ["nominations"])
