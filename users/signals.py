"""Signals about accounts, for apps above this one."""

from django.dispatch import Signal

# Sent after an account was deleted, with its former `username` and `email`.
account_deleted = Signal()
