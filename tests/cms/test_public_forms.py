import time

import pytest
from django.core import signing
from django.core.exceptions import ValidationError
from django.test import RequestFactory

from cms.content.public_forms import PublicForm


def form(request=None, **data):
    stamp = signing.dumps(time.time() - 10, salt="opened")
    return PublicForm({"opened": stamp} | data, request=request or RequestFactory().post("/"))


def test_people_get_through():
    assert form().is_valid()


def test_the_hidden_field_stays_empty():
    assert "spam" in form(website_two="https://spam.example").errors["__all__"][0]


def test_programs_are_too_fast():
    assert "too quickly" in form(opened=signing.dumps(time.time(), salt="opened")).errors["__all__"][0]


def test_a_stamp_that_is_made_up_is_refused_and_nothing_is_lost():
    assert "Send it again" in form(opened="made-up").errors["__all__"][0]


def test_one_address_sends_only_so_much_in_an_hour():
    request = RequestFactory().post("/", REMOTE_ADDR="192.0.2.1")
    for _ in range(PublicForm.per_hour):
        form(request).spend()
    with pytest.raises(ValidationError, match="too many submissions"):
        form(request).spend()
    form(RequestFactory().post("/", REMOTE_ADDR="192.0.2.2")).spend()
