"""Decides when: what is owed, to whom and by when (`plan`), and what is due now (`release`)."""
