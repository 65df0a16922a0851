"""The road from a message that is due to its recorded outcome, on the real database and broker, with far ends that obey."""
