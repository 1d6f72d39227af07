"""People, credentials, sessions and signing keys."""
