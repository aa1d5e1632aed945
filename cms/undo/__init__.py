"""Undo: the bin of deleted records, versions of records without drafts, and actions that can be undone."""
