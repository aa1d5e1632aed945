"""Comments on pages, with emails to the people they mention."""

import pytest
from django.urls import reverse
from wagtail.models import Comment, CommentReply, Page, get_page_models

from cms.editor.comments import find_mentioned
from cms.email.models import SentEmail
from home.models import HomePage, StandardPage
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    home = Page.get_first_root_node().add_child(instance=HomePage(title="Python", slug="front", promise="Readable."))
    about = home.add_child(instance=StandardPage(title="About", slug="about"))
    about.save_revision().publish()
    return about


@pytest.fixture
def editor(client):
    user = UserFactory(username="ada", first_name="Ada", last_name="Byron", role="Site admins")
    client.force_login(user)
    return user


@pytest.mark.parametrize(
    "model", [model for model in get_page_models() if model is not Page], ids=lambda model: model._meta.label
)
def test_every_page_type_has_comments(model):
    form = model.get_edit_handler().get_form_class()
    assert "comments" in form.formsets
    assert "comment_notifications" in form.base_fields


def test_the_edit_form_opens_with_comments(client, editor, page):
    Comment.objects.create(page=page, user=editor, text="Is this right?", contentpath="title")
    html = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    assert "Is this right?" in html


def test_people_who_are_mentioned_get_an_email_with_a_link(editor, page):
    grace = UserFactory(username="Grace.Hopper", role="Content editors")
    UserFactory(username="member")
    comment = Comment.objects.create(
        page=page, user=editor, text="@grace.hopper, @member, @ada and grace@ada: is this right?", contentpath="title"
    )
    mail = SentEmail.objects.get()
    assert (mail.to, mail.key, mail.reply_to) == ([grace.email], "cms.comment_mention", editor.email)
    assert mail.subject == "Ada Byron mentioned you in a comment: About"
    assert f"/admin/pages/{page.pk}/edit/?comment={comment.pk}" in mail.body
    comment.save()
    assert SentEmail.objects.count() == 1
    CommentReply.objects.create(comment=comment, user=grace, text="@ada Yes, it is.")
    assert SentEmail.objects.latest("pk").to == [editor.email]


@pytest.mark.parametrize("text", ["", "me@grace", "mail grace@example.org", "@ grace", "@gracehopper"])
def test_other_texts_mention_nobody(editor, page, text):
    UserFactory(username="grace", role="Site admins")
    assert find_mentioned(text, page, by=editor) == []
