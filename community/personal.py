from users.personal import register

register(
    "stories",
    "Success stories",
    url="stories:mine",
    rows=lambda user: user.stories.order_by("-pk"),
    export=["id", "title", "company_name", "author", "author_email", "pull_quote", "text", "live", "first_published_at"],
    state=lambda story: "Published" if story.live else "Not published",
    forget=lambda user: user.stories.update(author_email=""),
)
