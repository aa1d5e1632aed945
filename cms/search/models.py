from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.delivery import purging


class DocEntry(models.Model):
    """Name in the documentation of the standard library, and its URL."""

    name = models.CharField(max_length=200, unique=True)
    kind = models.CharField(
        max_length=40, help_text=_("Role from the inventory, for example py:function, py:module or std:term.")
    )
    url = models.URLField(max_length=500)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = _("documentation entries")

    def __str__(self) -> str:
        return self.name


class EmptySearch(models.Model):
    """Search query without results, with a count."""

    query = models.CharField(_("question"), max_length=200, unique=True)
    hits = models.PositiveIntegerField(_("times asked"), default=0)
    first_searched_at = models.DateTimeField(auto_now_add=True)
    last_searched_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["-hits"]
        verbose_name_plural = _("searches without results")

    def __str__(self) -> str:
        return self.query


class SynonymGroup(models.Model):
    """Terms that find the same results."""

    # Surrogate key of the list of synonyms.
    KEY = "search-synonyms"

    terms = models.CharField(
        max_length=200,
        unique=True,
        help_text=_("Words or phrases that mean the same, separated by commas, for example: venv, virtual environment."),
    )

    class Meta:
        ordering = ["terms"]
        verbose_name = _("search synonyms")
        verbose_name_plural = _("search synonyms")

    def __str__(self) -> str:
        return self.terms

    def clean(self) -> None:
        super().clean()
        self.terms = ", ".join(self.split())
        if len(self.split()) < 2:  # noqa: PLR2004 -- a term and another one.
            raise ValidationError({"terms": _("Enter at least two terms, separated by a comma.")})

    def split(self) -> list[str]:
        """Return the terms, in lowercase and without repetitions."""
        terms = [" ".join(term.lower().split()) for term in self.terms.split(",")]
        return list(dict.fromkeys(term for term in terms if term))


purging.register(SynonymGroup, purges=lambda _: [SynonymGroup.KEY])
