from typing import Any, cast

from django import forms
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cms.content.models.media import CustomImage
from cms.content.public_forms import PublicForm
from cms.platform.uploads import CleanImageField

from .models import Job, JobCategory, JobType

MAX_LOGO_SIZE = 1024 * 1024

MARKDOWN = _("You can use Markdown: **bold**, - for lists, ## for headings, [text](https://…) for links.")


class JobForm(PublicForm, forms.ModelForm):
    """Form of a job, in three steps on one page."""

    STEPS = (
        (_("Job"), ("title", "category", "job_types", "description", "requirements")),
        (
            _("Location and salary"),
            ("country", "city", "region", "remote", "salary_min", "salary_max", "salary_currency", "salary_period"),
        ),
        (_("Company and contact"), ("company_name", "company_description", "logo_file", "contact", "email", "url", "agencies")),
    )

    # On wide screens two of these are in one row.
    HALVES = {"city", "region", "salary_min", "salary_max", "salary_currency", "salary_period", "contact", "email"}

    url = forms.URLField(
        label=_("Application URL"),
        max_length=500,
        assume_scheme="https",
        help_text=_("Page where candidates apply or learn more, for example https://example.org/careers."),
        error_messages={"invalid": _("Enter a URL that starts with https://, for example https://example.org/careers.")},
    )
    logo_file = CleanImageField(
        max_bytes=MAX_LOGO_SIZE,
        label=_("Logo"),
        required=False,
        help_text=_("PNG, JPEG, WebP or HEIC, up to 1 MB. Shown on a white background."),
    )

    class Meta:
        model = Job
        fields = [name for name in Job.TEXT_FIELDS if name != "logo"]
        widgets = {
            "job_types": forms.CheckboxSelectMultiple,
            "remote": forms.RadioSelect,
            "description": forms.Textarea({"rows": 10}),
            "requirements": forms.Textarea({"rows": 6}),
            "company_description": forms.Textarea({"rows": 4}),
        }
        help_texts = {"description": MARKDOWN, "remote": _("Whether the job can be done remotely.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        category, job_types = (cast("forms.ModelChoiceField", self.fields[name]) for name in ("category", "job_types"))
        country = cast("forms.ChoiceField", self.fields["country"])
        category.empty_label = _("Choose a category")
        country.choices = [("", _("Choose a country")), *list(country.choices)[1:]]  # type: ignore[arg-type]  # Iterable here.
        # A job may still have a category or type that was deactivated.
        category.queryset = JobCategory.objects.filter(Q(active=True) | Q(pk=self.instance.category_id))
        had = self.instance.job_types.all() if self.instance.pk else []
        job_types.queryset = JobType.objects.filter(Q(active=True) | Q(pk__in=[one.pk for one in had]))

    def steps(self) -> list[tuple[int, str | Promise, list[forms.BoundField]]]:
        """Return number, heading and bound fields of each step."""
        return [(number, title, [self[name] for name in names]) for number, (title, names) in enumerate(self.STEPS, 1)]

    def build_job(self) -> Job:
        """Return the unsaved job with the text of the form."""
        job = self.save(commit=False)
        self.save_m2m()
        file = self.cleaned_data["logo_file"]
        if file:
            job.logo = CustomImage.objects.create(
                title=f"Logo of {job.company_name}", file=file, uploaded_by_user=self.request.user
            )
        return job


class CommentForm(forms.Form):
    text = forms.CharField(
        label=_("Message"),
        max_length=5000,
        widget=forms.Textarea({"rows": 4}),
        error_messages={"required": _("Enter a message.")},
    )
