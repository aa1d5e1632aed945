from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from cms.content.models.media import CustomImage
from cms.content.public_forms import PublicForm
from cms.platform.uploads import CleanImageField
from users.models import User

from .models import Company, StoryCategory, StoryIndexPage, StoryPage
from .models.stories import TAKEN

MEGABYTE = 1024 * 1024
MAX_IMAGE = 5 * MEGABYTE
SLUG_LENGTH = 200


class StoryForm(PublicForm):
    """Public submission form of a success story."""

    per_hour = 10
    SECTIONS = (
        (_("The story"), ("title", "category", "pull_quote", "text", "image_file")),
        (_("About you"), ("company_name", "company_url", "author", "author_email")),
    )
    title = forms.CharField(
        label=_("Title"),
        max_length=200,
        help_text=_("Summarize how you use Python, for example “Weather maps for farmers in ten minutes”."),
    )
    category = forms.ModelChoiceField(label=_("Category"), queryset=StoryCategory.objects.all(), empty_label=_("Choose one"))
    pull_quote = forms.CharField(
        label=_("Summary"),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("One or two sentences, shown as your quote in lists and next to the story."),
    )
    text = forms.CharField(
        label=_("Your story"),
        max_length=50_000,
        widget=forms.Textarea({"rows": 16}),
        help_text=_(
            "Describe the problem, what you built and the results. You can use Markdown: **bold**, lists, links and ## headings."
        ),
    )
    image_file = CleanImageField(
        max_bytes=MAX_IMAGE,
        label=_("Picture"),
        required=False,
        help_text=_("A picture of your team or your product. PNG, JPEG, WebP or HEIC, up to 5 MB."),
    )
    company_name = forms.CharField(label=_("Company, school or project"), max_length=200)
    company_url = forms.URLField(label=_("Website URL"), required=False, assume_scheme="https")
    author = forms.CharField(label=_("Your name and role"), max_length=500, help_text=_("For example, Ada Byron, head of data."))
    author_email = forms.EmailField(
        label=_("Your email address"), help_text=_("For questions about your story. Not shown publicly.")
    )

    def __init__(self, *args: Any, story: StoryPage | None = None, **kwargs: Any) -> None:
        self.story = story or StoryPage()
        super().__init__(*args, **kwargs)
        if story:
            names = [name for name in self.fields if hasattr(story, name)]
            self.initial = {name: getattr(story, name) for name in names} | {"company_name": story.organisation}
        else:
            self.fields["author_email"].initial = cast("User", self.request.user).email

    def sections(self) -> list[tuple[str | Promise, list[Any]]]:
        return [(title, [self[name] for name in names]) for title, names in self.SECTIONS]

    def clean_title(self) -> str:
        title = " ".join(self.cleaned_data["title"].split())
        slug = self.story.slug or slugify(title)[:SLUG_LENGTH].strip("-")
        if not slug or slug in TAKEN:
            raise ValidationError(gettext("Enter a longer title that describes the story."))
        others = Page.objects.child_of(StoryIndexPage.objects.get()).exclude(pk=self.story.pk)
        if others.filter(title__iexact=title).exists() or others.filter(slug=slug).exists():
            raise ValidationError(gettext("A story with this title already exists. Choose another title."))
        self.story.slug = slug
        return title

    def write(self) -> StoryPage:
        """Return the story with the submitted values. A known company is recognized by its name."""
        story, typed = self.story, self.cleaned_data
        for name in ("title", "category", "pull_quote", "text", "company_name", "company_url", "author", "author_email"):
            setattr(story, name, typed[name])
        story.draft_title = story.title
        # Generated again from the current text.
        story.search_description = ""
        story.company = Company.objects.filter(name__iexact=typed["company_name"]).first()
        if typed["image_file"]:
            story.image = CustomImage.objects.create(
                title=story.title, file=typed["image_file"], uploaded_by_user=self.request.user
            )
        return story
