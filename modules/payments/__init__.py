"""Payments, providers, webhooks and the ledger."""
