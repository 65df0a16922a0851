"""Logs: one JSON object a line on standard error, a constant event name and ids; never a name, number, address or text.

Libraries that print personal data at INFO (the text provider's client prints numbers, the broker's client prints whole errors)
are kept at WARNING, and their exceptions are logged by type only.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

_QUIET: Final = ("twilio", "aiosmtplib", "aiokafka", "faststream", "mail.log", "asyncio", "uvicorn", "aiohttp")
_NUMBER: Final = re.compile(r"(?<![\w-])(?:\+|00)?\d[\d ()-]{8,}\d(?![\w-])")
_ADDRESS: Final = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A net, not the plan: what looks like a telephone number or an address is blotted out of every string."""
    for key, value in event.items():
        if isinstance(value, str) and key not in {"timestamp", "case_time"}:
            event[key] = _ADDRESS.sub("[address]", _NUMBER.sub("[number]", value))
    return event


def error_only(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception becomes its type and where it was raised: its text may quote a person's data."""
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    error = found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        if trace is not None:
            event["at"] = f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}"
    return event


def _foreign(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A line of a library: its name and level are kept, its text is not ours to vouch for."""
    if "_record" in event and event.get("_from_structlog") is False:
        event["library"] = event["_record"].name
        event["event"] = "library_" + event["_record"].levelname.lower()
    return event


def configure(level: str, service: str) -> None:
    """Send everything through one formatter; call it once, first thing."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                _foreign,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                error_only,
                redact,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(service=service)


def get(name: str) -> structlog.stdlib.BoundLogger:
    """A logger; `name` is the module's."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger
