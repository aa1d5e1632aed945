from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify
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
        ("The story", ("title", "category", "pull_quote", "text", "image_file")),
        ("Who tells it", ("company_name", "company_url", "author", "author_email")),
    )
    title = forms.CharField(
        label="Title", max_length=200, help_text="What Python does for you, such as: Weather maps for farmers in ten minutes."
    )
    category = forms.ModelChoiceField(label="Field", queryset=StoryCategory.objects.all(), empty_label="Choose one")
    pull_quote = forms.CharField(
        label="In one or two sentences",
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text="Stands in lists and beside the story, as a quote of yours.",
    )
    text = forms.CharField(
        label="Your story",
        max_length=50_000,
        widget=forms.Textarea({"rows": 16}),
        help_text="Where you began, what you built, what came of it. Markdown works: **bold**, lists, links, ## headings.",
    )
    image_file = CleanImageField(
        max_bytes=MAX_IMAGE,
        label="Picture",
        required=False,
        help_text="Of the people or of what you built. PNG, JPEG, WebP or HEIC of at most 5 MB.",
    )
    company_name = forms.CharField(label="Company, school or project", max_length=200)
    company_url = forms.URLField(label="Its website", required=False, assume_scheme="https")
    author = forms.CharField(label="Your name and role", max_length=500, help_text="Such as: Ada Byron, head of data.")
    author_email = forms.EmailField(label="Your mail address", help_text="For our questions. Visitors do not see it.")

    def __init__(self, *args: Any, story: StoryPage | None = None, **kwargs: Any) -> None:
        self.story = story or StoryPage()
        super().__init__(*args, **kwargs)
        if story:
            names = [name for name in self.fields if hasattr(story, name)]
            self.initial = {name: getattr(story, name) for name in names} | {"company_name": story.organisation}
        else:
            self.fields["author_email"].initial = cast("User", self.request.user).email

    def sections(self) -> list[tuple[str, list[Any]]]:
        return [(title, [self[name] for name in names]) for title, names in self.SECTIONS]

    def clean_title(self) -> str:
        title = " ".join(self.cleaned_data["title"].split())
        slug = self.story.slug or slugify(title)[:SLUG_LENGTH].strip("-")
        if not slug or slug in TAKEN:
            raise ValidationError("Please give it a title with more words.")
        others = Page.objects.child_of(StoryIndexPage.objects.get()).exclude(pk=self.story.pk)
        if others.filter(title__iexact=title).exists() or others.filter(slug=slug).exists():
            raise ValidationError("There is a story of this title already. Please choose another one.")
        self.story.slug = slug
        return title

    def write(self) -> StoryPage:
        """Return the story with all that was typed. A company that the site knows is recognised by its name."""
        story, typed = self.story, self.cleaned_data
        for name in ("title", "category", "pull_quote", "text", "company_name", "company_url", "author", "author_email"):
            setattr(story, name, typed[name])
        story.draft_title = story.title
        # Made anew from what is written now.
        story.search_description = ""
        story.company = Company.objects.filter(name__iexact=typed["company_name"]).first()
        if typed["image_file"]:
            story.image = CustomImage.objects.create(
                title=story.title, file=typed["image_file"], uploaded_by_user=self.request.user
            )
        return story
