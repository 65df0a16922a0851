"""What people read: templates, the words that may never be said, rendering, and how many parts a text has."""
