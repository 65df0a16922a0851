"""What the Twilio look-alike does with a number: one script a number, as data. A number without one is served without fault."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

Answer = Literal["created", "error", "truncated", "html", "empty", "no_sid", "silent", "dropped"]
Outcome = Literal["delivered", "undelivered", "failed", "sent"]


class Script(BaseModel):
    """How a request to send to one number is answered, and what becomes of the message."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    answer: Answer = "created"
    """`created`: 201 with the message. `error`: `status` and `code`. Spoiled 201s: `truncated`, `html`, `empty`, `no_sid`.
    `silent`: the connection stays open without a word. `dropped`: the connection is reset."""
    accepts: bool = True
    """Whether the message is taken, whatever is answered."""
    status: int = Field(500, ge=400, le=599)
    code: int | None = None
    """Twilio's error code in the body of an `error`; None gives a body that is no JSON, as a gateway in between would."""
    retry_after: int | None = Field(None, ge=0)
    """Seconds, as the header `Retry-After`."""
    times: int | None = Field(None, ge=1)
    """The first so many requests are answered like this, later ones without fault; None is every one."""
    outcome: Outcome = "delivered"
    """Where an accepted message ends."""
    error_code: int | None = None
    """Twilio's code for an outcome that is not delivery."""
    callbacks: Literal["in_order", "doubled_reversed", "none"] = "in_order"
    late_seconds: float = Field(0, ge=0, le=3600)
    """How much later than the truth the callbacks come."""
    reply: str | None = None
    """What the person answers once the text is delivered."""

    def fresh(self) -> Script:
        """What is left of it when its `times` are over: the message's own fate, without the fault."""
        return self.model_copy(update={"answer": "created", "accepts": True, "times": None})


PREFIX: Final = "+447700900"
"""Ofcom's range of numbers for drama, 07700 900000 to 900999: they can belong to nobody."""

SCRIPTS: Final[dict[str, Script]] = {
    f"{PREFIX}101": Script(outcome="undelivered", error_code=30003),  # handset cannot be reached
    f"{PREFIX}102": Script(outcome="undelivered", error_code=30005),  # unknown handset
    f"{PREFIX}103": Script(answer="error", accepts=False, status=400, code=21211),  # no valid number
    f"{PREFIX}104": Script(answer="error", accepts=False, status=400, code=21610),  # has opted out
    f"{PREFIX}105": Script(answer="error", accepts=False, status=429, code=20429, retry_after=1, times=2),
    f"{PREFIX}106": Script(answer="error", accepts=False, status=500, code=20500),
    f"{PREFIX}107": Script(answer="silent"),
    f"{PREFIX}108": Script(callbacks="none"),
    f"{PREFIX}109": Script(callbacks="doubled_reversed"),
    f"{PREFIX}110": Script(late_seconds=2),
    f"{PREFIX}111": Script(reply="STOP"),
    f"{PREFIX}112": Script(answer="error", accepts=False, status=503, code=20503, times=1),
    f"{PREFIX}113": Script(answer="truncated"),
    f"{PREFIX}114": Script(answer="error", accepts=True, status=500, code=20500),
    f"{PREFIX}115": Script(answer="dropped", accepts=False),
    f"{PREFIX}116": Script(outcome="undelivered", error_code=30006),  # landline or unreachable carrier
    f"{PREFIX}117": Script(
        answer="error", accepts=False, status=401, code=20003
    ),  # the account's trouble, not the number's
}
