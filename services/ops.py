"""`/live`, `/ready` and `/metrics` of each process. Alive means making progress, not answering a ping."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.metrics import REGISTRY

Check = Callable[[], Awaitable[str | None]]
"""None when all is well, else a word for what is not."""


@dataclass(slots=True)
class Progress:
    """When each loop of the process last went round. A loop that stands still for its patience is stuck."""

    patience: dict[str, float] = field(default_factory=dict)
    last: dict[str, float] = field(default_factory=dict)

    def expect(self, loop: str, seconds: float) -> None:
        """From now on `loop` must go round at least every `seconds`."""
        self.patience[loop] = seconds
        self.last[loop] = time.monotonic()

    def beat(self, loop: str) -> None:
        """`loop` has gone round."""
        self.last[loop] = time.monotonic()

    def stuck(self) -> list[str]:
        """The loops that have stood still for longer than their patience."""
        now = time.monotonic()
        return sorted(name for name, seconds in self.patience.items() if now - self.last[name] > seconds)


async def _ask(name: str, check: Check) -> tuple[str, str]:
    try:
        async with asyncio.timeout(3):
            return name, await check() or "ok"
    except Exception as error:  # noqa: BLE001  # whatever is wrong with a dependency is the answer, not a fault of ours
        return name, type(error).__name__


def ops_app(progress: Progress, ready: dict[str, Check]) -> Starlette:
    """The three pages; `ready` names what this process cannot work without."""

    async def live(_: Request) -> Response:
        stuck = progress.stuck()
        return JSONResponse({"live": not stuck, "stuck": stuck}, 503 if stuck else 200)

    async def is_ready(_: Request) -> Response:
        answers = dict(await asyncio.gather(*(_ask(name, check) for name, check in ready.items())))
        good = all(answer == "ok" for answer in answers.values())
        return JSONResponse({"ready": good, "checks": answers}, 200 if good else 503)

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/live", live), Route("/ready", is_ready), Route("/metrics", metrics)])
