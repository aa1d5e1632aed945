"""Registry of page contexts: each section's `presentation.py` builds the contexts of its pages and previews.

Presentation modules import models. A model therefore asks this registry for its context instead of importing them;
`AppConfig.ready` of the section imports its presentation module.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import models

Builder = TypeVar("Builder", bound=Callable[..., dict[str, Any]])
_builders: dict[type[models.Model], Callable[..., dict[str, Any]]] = {}


def presents(model: type[models.Model]) -> Callable[[Builder], Builder]:
    """Register a function as the builder of the template context for instances of `model`."""

    def register(builder: Builder) -> Builder:
        _builders[model] = builder
        return builder

    return register


def build_context(instance: models.Model, **options: Any) -> dict[str, Any]:
    """Return the template context of an instance, from the builder registered for its model."""
    return _builders[type(instance)](instance, **options)
