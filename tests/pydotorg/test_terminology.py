import pytest

from docs.terminology import check_python, check_text


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('TEXT = "Post an advert."\n', "advert"),
        ('"""Return the deal."""\n', "deal"),
        ("x = 1  # Mends the page.\n", "Mends"),
        ("def told(): ...\n", "told"),
        ("def send(mail): ...\n", "mail"),
    ],
)
def test_texts_comments_and_names_of_code_are_checked(source, found):
    assert [name for _, name, _ in check_python(source)] == [found]


@pytest.mark.parametrize("text", ["Post a job.", "Your email address", "/accounts/login/", "a mail server"])
def test_correct_terms_pass(text):
    assert list(check_text(text)) == []
