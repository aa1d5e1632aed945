"""Mounts the three APIs: v1 and v2 in the formats of today's clients, v3 as Wagtail's own API with our routers."""
