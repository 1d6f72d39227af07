"""Signing in with an account elsewhere: OpenID Connect, authorization code flow with PKCE."""
