"""Undo: the trash of deleted records, versions of records without drafts, and actions that can be undone."""
