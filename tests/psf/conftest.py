import pytest
from django.urls import get_resolver


@pytest.fixture(scope="session", autouse=True)
def _addresses():
    """Load all URLs before a test freezes the time, because the API schemas need the real date class."""
    assert get_resolver().url_patterns
