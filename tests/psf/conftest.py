import pytest
from django.urls import get_resolver


@pytest.fixture(scope="session", autouse=True)
def _addresses():
    """Load all addresses before a test freezes the time: the schemas of the API are made of real dates."""
    assert get_resolver().url_patterns
