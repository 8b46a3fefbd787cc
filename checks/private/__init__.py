"""Personal data and secrets in texts: what counts as one, where it stands, and how it is shown without being told."""
