import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from cms.email import models, registry, sending
from cms.email.models import EmailTemplate, SentEmail
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def email_type(monkeypatch):
    monkeypatch.setattr(registry, "EMAIL_TYPES", {})
    monkeypatch.setattr(models, "EMAIL_TYPES", registry.EMAIL_TYPES)
    declared = registry.declare("cms.greeting", example={"name": "Ada"})
    EmailTemplate.objects.create(key="cms.greeting", subject="Hello {{ name }}", body="Dear {{ name }}, <welcome>.")
    return declared


def test_an_email_is_sent_after_the_commit_and_kept(email_type, mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        sending.send(email_type, to=["ada@example.org"], variables={"name": "Ada & <Eve>"}, reply_to="board@example.org")
        assert mailoutbox == []
    message = mailoutbox[0]
    assert (message.subject, message.body) == ("Hello Ada & <Eve>", "Dear Ada & <Eve>, <welcome>.")
    assert (message.to, message.reply_to) == (["ada@example.org"], ["board@example.org"])
    assert SentEmail.objects.get().status == SentEmail.Status.SENT


def test_a_line_break_in_a_variable_starts_no_header(email_type):
    sent = sending.send(email_type, to=["ada@example.org"], variables={"name": "Ada\r\nBcc: all@example.org"})
    assert sent.subject == "Hello Ada Bcc: all@example.org"


def test_an_email_that_lacks_a_variable_is_not_sent(email_type):
    with pytest.raises(ValueError, match=r"The email cms\.greeting lacks name\."):
        sending.send(email_type, to=["ada@example.org"], variables={})


@pytest.mark.parametrize(("key", "body", "field"), [("cms.greeting", "{% if %}", "body"), ("no.such", "Hi", "key")])
def test_words_that_cannot_be_filled_in_are_refused(email_type, key, body, field):
    template = EmailTemplate(key=key, subject="Hello", body=body)
    with pytest.raises(ValidationError) as error:
        template.clean()
    assert list(error.value.message_dict) == [field]


def test_templates_read_no_files_and_no_attributes(email_type):
    template = EmailTemplate(key="cms.greeting", subject="Hello", body='{% include "base.html" %}')
    with pytest.raises(ValidationError):
        template.clean()


def test_staff_send_themselves_a_test_of_a_template(email_type, client, mailoutbox, django_capture_on_commit_callbacks):
    template = EmailTemplate.objects.get()
    address = reverse("email_test", args=[template.pk])
    client.force_login(UserFactory(role="Content editors"))
    assert client.post(address).status_code == 302
    assert not SentEmail.objects.exists()
    admin = UserFactory(role="Site admins", email="ada@example.org")
    client.force_login(admin)
    edit = reverse(EmailTemplate.snippet_viewset.get_url_name("edit"), args=[template.pk])
    assert address in client.get(edit).content.decode()
    assert "to ada@example.org?" in client.get(address).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address)
    assert [(message.to, message.subject) for message in mailoutbox] == [(["ada@example.org"], "Hello Ada")]
    EmailTemplate.objects.update(key="cms.gone")
    assert "There is no email with this name" in client.post(address, follow=True).content.decode()


def test_a_new_template_begins_with_the_words_that_the_email_has(admin_client):
    add = reverse(EmailTemplate.snippet_viewset.get_url_name("add"))
    form = admin_client.get(add).content.decode()
    assert '<option value="jobs.approved">Jobs: approved</option>' in form
    admin_client.post(add, {"key": "jobs.approved", "subject": "", "body": ""})
    template = EmailTemplate.objects.get(key="jobs.approved")
    edit = admin_client.get(reverse(EmailTemplate.snippet_viewset.get_url_name("edit"), args=[template.pk])).content.decode()
    assert template.body
    assert "you may use" in edit
    EmailTemplate.objects.all().delete()
    assert sending.get_content(registry.EMAIL_TYPES["jobs.approved"]) == (template.subject, template.body)
