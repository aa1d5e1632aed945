"""Success stories: lists, pages, the public form and moderation with its emails."""

import time
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from django.core import signing
from django.core.exceptions import ValidationError
from PIL import Image
from wagtail.models import Workflow

from cms.email.models import SentEmail
from cms.moderation import workflow
from community.models import StoryPage
from tests.factories.community import CompanyFactory, StoryCategoryFactory, StoryPageFactory, story_index
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def index():
    return story_index()


@pytest.fixture
def author(client):
    user = UserFactory(username="ada", email="ada@example.org")
    client.force_login(user)
    return user


@pytest.fixture
def editor():
    return UserFactory(username="editor", role="Content editors")


def typed(**changed):
    return {
        "opened": signing.dumps(time.time() - 60, salt="opened"),
        "title": "Weather maps in ten minutes",
        "category": StoryCategoryFactory().pk,
        "pull_quote": "We stopped guessing.",
        "text": "We **measure** now. <script>alert(1)</script>",
        "company_name": "Harbor Analytics",
        "author": "Ada Byron, head of data",
        "author_email": "ada@example.org",
    } | changed


def picture(file_format="PNG"):
    file = BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, file_format)
    file.seek(0)
    file.name = f"team.{file_format.lower()}"
    return file


def decide(client, editor, story, action, **fields):
    """Submit the page form with one of its buttons."""
    state = StoryPage.objects.get(pk=story.pk).current_workflow_task_state
    client.force_login(editor)
    return client.post(f"/admin/pages/workflow/action/{story.pk}/{action}/{state.pk}/", fields)


def story_data(address="ada@example.org"):
    return list(SentEmail.objects.filter(to=[address]).order_by("pk").values_list("key", flat=True))


class TestSubmission:
    def test_the_form_asks_for_an_account(self, client, index):
        assert client.get("/success-stories/create/").url.startswith("/accounts/login/")

    def test_a_story_becomes_a_draft_that_nobody_else_sees(self, client, index, author, editor):
        CompanyFactory()
        response = client.post("/success-stories/create/", typed(company_name="harbor analytics"))
        assert response.url == "/success-stories/thanks/"
        assert "Thank you" in client.get(response.url).content.decode()
        story = StoryPage.objects.get()
        assert (story.live, story.submitter, story.slug) == (False, author, "weather-maps-in-ten-minutes")
        assert story.company.name == "Harbor Analytics"
        assert client.get("/success-stories/weather-maps-in-ten-minutes/").status_code == 404
        assert story_data() == ["community.story_received"]
        assert "In review" in client.get("/success-stories/mine/").content.decode()

    def test_moderators_get_an_email_with_all_that_was_typed(self, client, index, author, editor):
        client.post("/success-stories/create/", typed())
        mail = SentEmail.objects.get(key="community.story_to_review")
        assert (mail.to, mail.reply_to) == ([editor.email], "ada@example.org")
        assert mail.subject == "To review: Weather maps in ten minutes"
        for words in (
            "Harbor Analytics",
            "Science",
            "We stopped guessing.",
            "We **measure** now.",
            "/admin/moderation-queue/?item=stories-",
        ):
            assert words in mail.body

    def test_the_subject_of_an_email_is_one_line(self, client, index, author, editor):
        client.post("/success-stories/create/", typed(title="Weather maps\nBcc: all@example.org"))
        subjects = list(SentEmail.objects.values_list("subject", flat=True))
        assert len(subjects) == 2
        assert not any("\n" in subject for subject in subjects)

    def test_editors_read_a_draft_before_it_is_published(self, client, index, author, editor):
        client.post("/success-stories/create/", typed())
        path = f"/admin/pages/{StoryPage.objects.get().pk}/view_draft/"
        assert client.get(path).status_code == 302
        client.force_login(editor)
        assert "We stopped guessing." in client.get(path).content.decode()

    def test_an_editor_publishes_and_the_author_is_notified(self, client, index, author, editor):
        client.post("/success-stories/create/", typed())
        story = StoryPage.objects.get()
        decide(client, editor, story, "approve")
        page = client.get("/success-stories/weather-maps-in-ten-minutes/")
        assert "<strong>measure</strong>" in page.content.decode()
        assert "<script>alert" not in page.content.decode()
        assert story_data()[-1] == "community.story_published"
        assert "/success-stories/weather-maps-in-ten-minutes/" in SentEmail.objects.latest("pk").body

    def test_it_is_returned_with_a_reason_and_comes_again(self, client, index, author, editor):
        client.post("/success-stories/create/", typed())
        story = StoryPage.objects.get()
        decide(client, editor, story, "reject", comment="")
        assert story_data() == ["community.story_received"]
        decide(client, editor, story, "reject", comment="What did you build?")
        assert story_data()[-1] == "community.story_returned"
        assert "What did you build?" in SentEmail.objects.latest("pk").body
        client.force_login(author)
        assert "What did you build?" in client.get("/success-stories/mine/").content.decode()
        form = client.get(f"/success-stories/edit/{story.pk}/").content.decode()
        assert "What did you build?" in form
        assert "Weather maps in ten minutes" in form
        assert client.post(f"/success-stories/edit/{story.pk}/", typed(text="Maps.")).url == "/success-stories/mine/"
        decide(client, editor, story, "approve")
        assert StoryPage.objects.get().text == "Maps."
        assert StoryPage.objects.get().live

    def test_a_change_of_a_published_story_waits(self, client, index, author, editor):
        story = StoryPageFactory(submitter=author, slug="maps")
        client.post(f"/success-stories/edit/{story.pk}/", typed(title="Better maps", text="Newer."))
        assert "Newer." not in client.get("/success-stories/maps/").content.decode()
        decide(client, editor, story, "approve")
        assert "Newer." in client.get("/success-stories/maps/").content.decode()

    def test_what_was_reviewed_is_what_gets_published(self, client, index, author, editor):
        client.post("/success-stories/create/", typed())
        story = StoryPage.objects.get()
        seen = story.current_workflow_task_state
        client.post(f"/success-stories/edit/{story.pk}/", typed(text="Buy pills."))
        client.force_login(editor)
        client.post(f"/admin/pages/workflow/action/{story.pk}/approve/{seen.pk}/")
        assert not StoryPage.objects.get().live

    def test_nobody_decides_about_a_story_of_their_own(self, client, index, editor):
        client.force_login(editor)
        client.post("/success-stories/create/", typed())
        decide(client, editor, StoryPage.objects.get(), "approve")
        assert not StoryPage.objects.get().live

    def test_others_cannot_change_it(self, client, index, author):
        story = StoryPageFactory(submitter=UserFactory())
        assert client.get(f"/success-stories/edit/{story.pk}/").status_code == 404

    def test_a_picture_comes_with_it(self, client, index, author):
        client.post("/success-stories/create/", typed(image_file=picture()))
        assert StoryPage.objects.get().image.title == "Weather maps in ten minutes"

    @pytest.mark.parametrize(
        ("changed", "sentence"),
        [
            ({"title": "Taken"}, "A story with this title already exists."),
            ({"title": "Create"}, "Enter a longer title that describes the story."),
            ({"title": "!!!"}, "Enter a longer title that describes the story."),
            ({"title": "x" * 201}, "at most 200 characters"),
            ({"website_two": "https://spam.example"}, "This looks like spam."),
            ({"opened": ""}, "The form was open for too long."),
            ({"author_email": "nobody"}, "Enter a valid email address."),
            ({"author_email": ""}, "This field is required."),
            ({"company_url": "javascript:alert(1)"}, "Enter a valid URL."),
            ({"category": "999"}, "Select a valid choice."),
        ],
    )
    def test_bad_input_gets_a_sentence(self, client, index, author, changed, sentence):
        StoryPageFactory(title="Taken", slug="taken")
        response = client.post("/success-stories/create/", typed(**changed))
        assert response.status_code == 422
        assert sentence in response.content.decode()
        assert StoryPage.objects.count() == 1

    def test_a_file_that_is_no_picture(self, client, index, author):
        response = client.post("/success-stories/create/", typed(image_file=BytesIO(b"<svg onload=alert(1)>")))
        assert "not an image" in response.content.decode()

    def test_a_flood_stops(self, client, index, author):
        for number in range(10):
            client.post("/success-stories/create/", typed(title=f"Story number {number}"))
        response = client.post("/success-stories/create/", typed(title="One too many"))
        assert "We received too many submissions" in response.content.decode()
        assert StoryPage.objects.count() == 10

    def test_without_a_first_page_there_is_no_form(self, client, author):
        assert client.get("/success-stories/create/").status_code == 404


class TestPages:
    def test_the_first_page_lists_stories_with_fields_and_the_featured_one(self, client, index):
        StoryPageFactory(title="Tides", featured=True)
        StoryPageFactory(title="Draft", live=False)
        page = client.get("/success-stories/").content.decode()
        assert "Tides" in page
        assert "Draft" not in page
        assert "/success-stories/category/science/" in page

    def test_a_category_and_a_company(self, client, index):
        company = CompanyFactory(about="They chart **harbours**.")
        StoryPageFactory(title="Tides", company=company)
        StoryPageFactory(title="Elsewhere", category=StoryCategoryFactory(name="Arts", slug="arts"))
        page = client.get("/success-stories/category/science/").content.decode()
        assert "Tides" in page
        assert "Elsewhere" not in page
        page = client.get("/success-stories/company/harbor-analytics/").content.decode()
        assert "Tides" in page
        assert "<strong>harbours</strong>" in page
        assert client.get("/success-stories/category/nothing/").status_code == 404

    def test_a_story_names_its_company_and_others_of_its_field(self, client, index):
        StoryPageFactory(title="Another")
        StoryPageFactory(slug="tides", company=CompanyFactory())
        page = client.get("/success-stories/tides/").content.decode()
        assert "More stories: Science" in page
        assert "/success-stories/company/harbor-analytics/" in page
        assert "We stopped guessing." in page

    def test_the_feed_holds_the_newest(self, client, index):
        StoryPageFactory(title="Draft", live=False)
        StoryPageFactory(title="Tides", slug="tides")
        response = client.get("/success-stories/feed/")
        assert response["Content-Type"].startswith("application/rss+xml")
        assert "<title>Tides, Tidewater Maps</title>" in response.content.decode()
        assert "/success-stories/tides/</link>" in response.content.decode()
        assert "Draft" not in response.content.decode()

    def test_public_pages_are_the_same_for_everybody(self, client, index):
        StoryPageFactory(slug="tides")
        for path in ("/success-stories/", "/success-stories/tides/", "/success-stories/category/science/"):
            response = client.get(path)
            assert "public" in response["Cache-Control"]
            assert "success-stories" in response["Surrogate-Key"].split()
            assert not response.cookies
            assert "csrf" not in response.content.decode()

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("path", ["/success-stories/", "/success-stories/category/science/", "/success-stories/feed/"])
    def test_lists_need_few_queries_however_many_rows(self, client, index, path, django_assert_max_num_queries):
        for number in range(14):
            StoryPageFactory(company=CompanyFactory(slug=f"company-{number}", name=f"Company {number}"))
        client.get(path)
        with django_assert_max_num_queries(9):
            client.get(path)


class TestFeatured:
    def test_it_begins_and_ends_by_the_clock(self, index):
        StoryPageFactory(featured=True, featured_from=AT, featured_until=AT + timedelta(days=1))
        second = timedelta(seconds=1)
        at = [AT - second, AT, AT + timedelta(days=1) - second, AT + timedelta(days=1)]
        assert [StoryPage.objects.featured(at=moment).count() for moment in at] == [0, 1, 1, 0]

    def test_lists_show_the_newest_first(self, index):
        for title, day in [("Middle", 2), ("Newest", 3), ("Oldest", 1)]:
            StoryPageFactory(title=title, first_published_at=AT + timedelta(days=day))
        assert [story.title for story in StoryPage.objects.for_list()] == ["Newest", "Middle", "Oldest"]

    def test_the_lowest_order_comes_first_and_drafts_never(self, index):
        StoryPageFactory(title="Second", featured=True, featured_order=20)
        StoryPageFactory(title="First", featured=True, featured_order=10)
        StoryPageFactory(title="Draft", featured=True, live=False, featured_order=1)
        StoryPageFactory(title="Plain")
        assert [story.title for story in StoryPage.objects.featured()] == ["First", "Second"]


class TestRules:
    def test_a_story_needs_a_company_and_an_address_of_its_own(self, index):
        for changed, sentence in [
            ({"company_name": ""}, "Choose a company or enter a name."),
            ({"slug": "category"}, "This slug is reserved."),
            ({"featured_from": AT, "featured_until": AT}, "The end must be after the start."),
        ]:
            story = StoryPageFactory()
            for name, value in changed.items():
                setattr(story, name, value)
            with pytest.raises(ValidationError, match=sentence):
                story.full_clean()

    def test_a_description_comes_from_the_quote(self, index):
        assert StoryPageFactory(pull_quote="We *know*.").search_description == "We know."

    def test_content_outlives_people(self, index):
        person = UserFactory()
        story = StoryPageFactory(submitter=person, company=CompanyFactory())
        person.delete()
        story.company.delete()
        assert StoryPage.objects.get(pk=story.pk).organisation == "Tidewater Maps"

    def test_the_workflow_is_made_once_and_kept(self, index):
        index.save()
        assert Workflow.objects.filter(name="Story moderation").count() == 1
        assert workflow.newest(StoryPageFactory()).get_workflow().name == "Story moderation"


def test_changes_of_a_published_story_are_emailed_as_changes(client, index, author, editor):
    client.post("/success-stories/create/", typed())
    story = StoryPage.objects.get()
    workflow.approve(story, by=editor)
    SentEmail.objects.all().delete()
    client.post(f"/success-stories/edit/{story.pk}/", typed(pull_quote="We know now.", category=story.category_id))
    received, to_review = SentEmail.objects.order_by("pk")
    assert (received.key, to_review.key) == ("community.story_change_received", "community.story_change_to_review")
    assert "Quote:\n− We stopped guessing.\n+ We know now." in to_review.body
    client.force_login(editor)
    html = client.get(f"/admin/moderation-queue/?item=stories-{story.pk}").content.decode()
    assert "<del>We stopped guessing.</del><ins>We know now.</ins>" in html
    workflow.approve(StoryPage.objects.get(), by=editor)
    published = SentEmail.objects.latest("pk")
    assert published.key == "community.story_changed"
    assert f"{story.get_absolute_url()}?version=" in published.body


def test_an_author_sees_the_newest_story_first(client, author):
    for title in ("First", "Second"):
        StoryPageFactory(title=title, submitter=author)
    rows = client.get("/success-stories/mine/").context["rows"]
    assert [row["story"].title for row in rows] == ["Second", "First"]
