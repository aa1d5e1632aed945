from django.urls import reverse

from users.models import User
from users.personal import clean_versions, register

from .submissions import state_of


def clear_emails(user: User) -> None:
    user.stories.update(author_email="")
    clean_versions(user.stories.all(), author_email="")


register(
    "stories",
    "Success stories",
    url="stories:mine",
    rows=lambda user: user.stories.order_by("-pk"),
    export=["id", "title", "company_name", "author", "author_email", "pull_quote", "text", "live", "first_published_at"],
    state=state_of,
    link=lambda story: reverse("stories:edit", args=[story.pk]),
    forget=clear_emails,
)
