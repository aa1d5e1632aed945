"""Elasticsearch as the search engine if SEARCH_URL is set (requirements/search.txt).

The engine finds rows, and the database reads them with the filters of their queryset, so that an outdated index never shows
hidden rows. If the engine does not respond, the search finds nothing and logs an error.
"""

import logging
from typing import Any

from django.db.models.sql.where import AND
from elasticsearch import ApiError, TransportError
from modelsearch.backends.base import FilterError, FilterFieldError, OrderByFieldError
from wagtail.search.backends.elasticsearch8 import (
    Elasticsearch8AutocompleteQueryCompiler,
    Elasticsearch8SearchBackend,
    Elasticsearch8SearchQueryCompiler,
    Elasticsearch8SearchResults,
)

logger = logging.getLogger(__name__)


# The mixin precedes both compilers, so mypy does not know their methods.
Compiler: Any = object


class ForgivingCompiler(Compiler):
    """Mixin that leaves filters without an index column to the database."""

    # As in the databases: all words must match.
    DEFAULT_OPERATOR = "and"

    def _get_filters_from_queryset(self, check_only: bool = False) -> Any:  # noqa: FBT001, FBT002 -- as the parent has it.
        where = self.queryset.query.where
        parts = where.children if where.connector == AND and not where.negated else [where]
        filters = [found for part in parts if (found := self.filter_of(part))]
        return None if check_only or not filters else self._connect_filters(filters, AND, negated=False)

    def filter_of(self, part: Any) -> Any:
        try:
            return self._get_filters_from_where_node(part)
        except (FilterError, FilterFieldError, AttributeError):
            # An expression or a subquery has none of the attributes of a column.
            return None

    def _get_order_by(self) -> Any:
        try:
            yield from list(super()._get_order_by())
        except OrderByFieldError:
            return

    def get_sort(self) -> Any:
        return super().get_sort() or None


class QueryCompiler(ForgivingCompiler, Elasticsearch8SearchQueryCompiler):
    pass


class AutocompleteQueryCompiler(ForgivingCompiler, Elasticsearch8AutocompleteQueryCompiler):
    pass


class Results(Elasticsearch8SearchResults):
    def _do_search(self) -> Any:
        try:
            yield from super()._do_search()
        except (ApiError, TransportError) as error:
            self.warn(error)

    def _do_count(self) -> int:
        try:
            return super()._do_count()
        except (ApiError, TransportError) as error:
            self.warn(error)
            return 0

    def facet(self, field_name: str) -> Any:
        try:
            return super().facet(field_name)
        except (ApiError, TransportError) as error:
            self.warn(error)
            return {}

    def warn(self, error: Any) -> None:
        logger.warning("The search engine does not respond: %s", error)


class SearchBackend(Elasticsearch8SearchBackend):
    query_compiler_class = QueryCompiler
    autocomplete_query_compiler_class = AutocompleteQueryCompiler
    results_class = Results
