"""The base of the three APIs."""

from rest_framework.permissions import DjangoModelPermissionsOrAnonReadOnly
from rest_framework.renderers import JSONRenderer


class CompactJSONRenderer(JSONRenderer):
    """JSON on one line without blanks and without a charset: scripts cut it with grep."""

    compact = True
    charset = None


class ReadOnlyOrModelPermission(DjangoModelPermissionsOrAnonReadOnly):
    """Everybody reads; writing needs the model's own permission."""
