"""Stand-ins for services that are not ours: small real HTTP servers that behave as their documentation says."""
