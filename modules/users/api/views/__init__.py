"""Users' endpoints, one file per subject: parse, one call, answer."""
