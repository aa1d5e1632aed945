"""Factories of model instances."""

from django.db.models import Model
from factory import Factory


def factory_of(model: type[Model]) -> type[Factory] | None:
    """Return the imported factory of this package for a model, or None."""
    waiting = [Factory]
    while waiting:
        subclasses = waiting.pop().__subclasses__()
        for each in subclasses:
            if each._meta.model is model and each.__module__.startswith(__name__):
                return each
        waiting += subclasses
    return None
