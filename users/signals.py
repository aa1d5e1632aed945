"""Signals about accounts, for apps above this one."""

from django.dispatch import Signal

# Sent after an account was deleted, with the `username` and `email` that it had.
account_deleted = Signal()
