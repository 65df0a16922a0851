"""Decides how: words it, commits the intent, sends it once, records the outcome, and takes in what providers say later."""
