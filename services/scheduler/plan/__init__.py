"""What is owed in one case: one pure function over everything known of it, made of small decisions that each say why."""

from __future__ import annotations

from services.scheduler.plan.assemble import plan

__all__ = ["plan"]
