"""Columns of the lists of the admin."""

from wagtail.admin.ui.tables import Column


class ChipColumn(Column):
    """A word with a colour. The value is the word and one of: ok, warn, info, quiet."""

    cell_template_name = "cms/admin/chip_cell.html"
