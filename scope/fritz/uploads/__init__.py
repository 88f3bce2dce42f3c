"""Uploads to Fritz: planned first, then applied through a ledger, finished by running again."""
