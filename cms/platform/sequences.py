"""Sequences of primary keys."""

from django.core.management.color import no_style
from django.db import connection, models


def reset_sequence(model: type[models.Model]) -> None:
    """Advance the sequence of a model beyond the IDs that were inserted explicitly."""
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(sql)
