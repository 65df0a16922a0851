"""What providers say later: taken in as it comes, kept raw, and applied afterwards, never backwards."""
