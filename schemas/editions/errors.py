"""What a rule book that cannot be used raises. Apart, so that whoever only catches it loads nothing else."""

from __future__ import annotations


class BookError(ValueError):
    """A rule book that cannot be used: the file, the rule, the key, and what to do about it."""

    def __init__(self, file: str, rule: str, key: str, remedy: str) -> None:
        where = ", ".join(part for part in (file, rule and f"rule {rule}", key) if part)
        super().__init__(f"{where}: {remedy}")
        self.file, self.rule, self.key, self.remedy = file, rule, key, remedy
