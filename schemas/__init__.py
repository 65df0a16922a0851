"""What crosses a boundary: events, topics, rule books. It knows nothing of the services."""
