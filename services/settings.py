"""Settings: from the environment, or from files of the same name in `KEPT_SECRETS_DIR`; one class per command.

A `KEPT_` name that no command knows stops the start, and so does one that is wrong or missing, with a sentence that names it.
`KEPT_TEST_*` is ignored. Values of secrets are never printed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from services import faults
from services.clock import Clock, clock_from
from services.refusals import Refused


class SettingsWrong(Refused, ValueError):
    """Raised when a start is refused because of settings: one sentence a problem, each naming its setting."""

    status = 2


def _listen(value: str) -> str:
    host, separator, port = value.rpartition(":")
    if not separator or not host or not port.isdigit() or int(port) > 65535:
        raise ValueError("give HOST:PORT, such as 127.0.0.1:8080")
    return value


Listen = Annotated[str, AfterValidator(_listen)]
Environment = Literal["development", "test", "production"]


def host_and_port(listen: str) -> tuple[str, int]:
    """The two halves of a listen setting."""
    host, _, port = listen.rpartition(":")
    return host, int(port)


class Settings(BaseSettings):
    """What every command knows."""

    model_config = SettingsConfigDict(
        env_prefix="KEPT_", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True, frozen=True
    )

    environment: Environment = "development"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    clock: str = "system"
    crash_at: str | None = None
    secrets_dir: Path | None = None

    @field_validator("log_level", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("clock")
    @classmethod
    def _clock(cls, value: str) -> str:
        clock_from(value)
        return value

    @field_validator("crash_at")
    @classmethod
    def _crash_at(cls, value: str | None) -> str | None:
        if value is not None:
            faults.read(value)
        return value

    @model_validator(mode="after")
    def _nothing_of_a_test_in_production(self) -> Settings:
        if self.environment == "production":
            if self.clock != "system":
                raise ValueError("KEPT_CLOCK is refused in production: leave it out")
            if self.crash_at:
                raise ValueError("KEPT_CRASH_AT is refused in production: leave it out")
        return self

    def case_clock(self) -> Clock:
        """The clock that this process reads."""
        return clock_from(self.clock)


class LedgerSettings(Settings):
    """Where the ledger is."""

    database_url: SecretStr


class KafkaSettings(Settings):
    """How to reach the broker."""

    kafka_bootstrap: str
    kafka_prefix: str = ""
    kafka_security: Literal["plaintext", "tls", "sasl_tls"] = "plaintext"
    kafka_username: str | None = None
    kafka_password: SecretStr | None = None
    kafka_ca_file: Path | None = None

    @model_validator(mode="after")
    def _safe_transport(self) -> KafkaSettings:
        if self.environment == "production" and self.kafka_security == "plaintext":
            raise ValueError("KEPT_KAFKA_SECURITY: plaintext is refused in production; use tls or sasl_tls")
        if self.kafka_security == "sasl_tls" and not (self.kafka_username and self.kafka_password):
            raise ValueError("KEPT_KAFKA_USERNAME and KEPT_KAFKA_PASSWORD are needed for sasl_tls")
        if self.kafka_ca_file and not self.kafka_ca_file.is_file():
            raise ValueError("KEPT_KAFKA_CA_FILE: there is no such file")
        return self

    def kafka_credentials(self) -> tuple[str, str]:
        """User and password for sasl_tls; empty where they were not given."""
        return self.kafka_username or "", self.kafka_password.get_secret_value() if self.kafka_password else ""


class ServiceSettings(LedgerSettings, KafkaSettings):
    """What every long-running process shares."""

    kafka_session_seconds: float = Field(default=30, ge=1, le=300)
    """Machine seconds after which the broker gives a silent member's partitions to another; the broker's own bounds hold too."""
    ops_listen: Listen | None = None
    shutdown_seconds: float = Field(default=45, gt=0, le=600)


class BrakeSettings(Settings):
    """The kill switch from outside: set, or the file there, and nothing is sent."""

    stop: str | None = None
    stop_file: Path | None = None


class SchedulerSettings(ServiceSettings, BrakeSettings):
    """`kept scheduler`."""

    lease_seconds: float = Field(default=90, gt=0, le=3600)
    released_bound: int = Field(default=2000, ge=1, le=100_000)
    waiting_alert_seconds: float = Field(default=600, gt=0)


class TwilioSettings(Settings):
    """The REST end of the text provider: the key sends, the token only checks signatures."""

    twilio_base_url: str = "https://api.twilio.com"
    twilio_account_sid: str
    twilio_api_key: str
    twilio_api_secret: SecretStr
    twilio_from: str

    @field_validator("twilio_base_url")
    @classmethod
    def _url(cls, value: str) -> str:
        if not value.startswith(("https://", "http://")):
            raise ValueError("give a URL that begins with https:// (or http:// outside production)")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _safe_provider(self) -> TwilioSettings:
        if self.environment == "production" and not self.twilio_base_url.startswith("https://"):
            raise ValueError("KEPT_TWILIO_BASE_URL: only https is allowed in production")
        return self


class SmtpSettings(Settings):
    """The mail relay."""

    smtp_host: str
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_tls: Literal["starttls", "implicit", "none-local"] = "starttls"
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_ca_file: Path | None = None
    email_from: str
    bounce_domain: str

    @model_validator(mode="after")
    def _safe_relay(self) -> SmtpSettings:
        if self.smtp_tls == "none-local" and self.smtp_host not in {"127.0.0.1", "localhost", "::1"}:
            raise ValueError("KEPT_SMTP_TLS: none-local is only for a relay on this machine; use starttls or implicit")
        if self.smtp_ca_file and not self.smtp_ca_file.is_file():
            raise ValueError("KEPT_SMTP_CA_FILE: there is no such file")
        return self


class DispatcherSettings(ServiceSettings, BrakeSettings, TwilioSettings, SmtpSettings):
    """`kept dispatcher`."""

    sends_in_flight: int = Field(default=256, ge=1, le=2000)
    lease_seconds: float = Field(default=90, gt=0, le=3600)
    receipts_public_url: str
    allowed_recipients: Annotated[tuple[str, ...], NoDecode] = ()

    @field_validator("allowed_recipients", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    def may_receive(self, address: str) -> bool:
        """Whether a real message may go to `address`; in production everybody, elsewhere only who is named."""
        if self.environment == "production" or "*" in self.allowed_recipients:
            return True
        return address.casefold() in {name.casefold() for name in self.allowed_recipients}


class ReceiptsSettings(LedgerSettings):
    """`kept receipts`."""

    receipts_listen: Listen
    receipts_public_url: str
    receipts_smtp_listen: Listen | None = None
    twilio_account_sid: str
    twilio_auth_token: SecretStr
    bounce_domain: str | None = None
    ops_listen: Listen | None = None
    shutdown_seconds: float = Field(default=45, gt=0, le=600)


class MigrateSettings(Settings):
    """`kept migrate`."""

    database_owner_url: SecretStr
    database_url: SecretStr | None = None


_LATER: Final = frozenset({"KEPT_DESK_LISTEN", "KEPT_OIDC_ISSUER", "KEPT_OIDC_CLIENT_ID", "KEPT_OIDC_CLIENT_SECRET"})
"""Settings of the staff's pages, known so that one environment serves every process."""

COMMAND_SETTINGS: Final[tuple[type[Settings], ...]] = (
    SchedulerSettings,
    DispatcherSettings,
    ReceiptsSettings,
    MigrateSettings,
)


def known_names() -> frozenset[str]:
    """Every setting that some command knows."""
    fields = {name for kind in COMMAND_SETTINGS for name in kind.model_fields}
    return frozenset(f"KEPT_{name.upper()}" for name in fields) | _LATER


AnySettings = TypeVar("AnySettings", bound=Settings)


def load(kind: type[AnySettings]) -> AnySettings:
    """Read the settings of one command; raises SettingsWrong with a sentence for every problem."""
    names = {name for name in os.environ if name.startswith("KEPT_") and not name.startswith("KEPT_TEST_")}
    folder = Path(os.environ["KEPT_SECRETS_DIR"]) if os.environ.get("KEPT_SECRETS_DIR") else None
    if folder is not None:
        if not folder.is_dir():
            raise SettingsWrong("KEPT_SECRETS_DIR is wrong: there is no such folder")
        names |= {file.name for file in folder.iterdir() if file.name.startswith("KEPT_")}
    problems = [
        f"{name} is not a setting of any command: check the spelling, or remove it"
        for name in sorted(names - known_names())
    ]
    try:
        found = kind(_secrets_dir=folder)
    except ValidationError as error:
        problems += [_sentence(problem) for problem in error.errors(include_input=False, include_url=False)]
    if problems:
        raise SettingsWrong("\n".join(problems))
    return found


def _sentence(problem: Any) -> str:
    text = str(problem["msg"]).removeprefix("Value error, ")
    if not problem["loc"]:
        return text
    name = f"KEPT_{str(problem['loc'][0]).upper()}"
    if problem["type"] == "missing":
        return f"{name} is missing: this command needs it"
    return f"{name} is wrong: {text}"
