"""Settings: read from the environment or from files, and a start that is refused says which one and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.settings import (
    DispatcherSettings,
    MigrateSettings,
    ReceiptsSettings,
    SchedulerSettings,
    SettingsWrong,
    load,
)

SCHEDULER = {"KEPT_DATABASE_URL": "postgresql://x", "KEPT_KAFKA_BOOTSTRAP": "127.0.0.1:9092"}
DISPATCHER = SCHEDULER | {
    "KEPT_TWILIO_ACCOUNT_SID": "AC1",
    "KEPT_TWILIO_API_KEY": "SK1",
    "KEPT_TWILIO_API_SECRET": "secret",
    "KEPT_TWILIO_FROM": "+447700900001",
    "KEPT_SMTP_HOST": "127.0.0.1",
    "KEPT_EMAIL_FROM": "updates@staffs.example",
    "KEPT_BOUNCE_DOMAIN": "bounce.staffs.example",
    "KEPT_RECEIPTS_PUBLIC_URL": "http://127.0.0.1:8082",
}


def give(monkeypatch: pytest.MonkeyPatch, names: dict[str, str]) -> None:
    for name, value in names.items():
        monkeypatch.setenv(name, value)


def test_what_is_given_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names, numbers and lists come in as their kinds."""
    give(monkeypatch, DISPATCHER | {"KEPT_ALLOWED_RECIPIENTS": " +447700900123, Jo@example.org "})
    found = load(DispatcherSettings)
    assert found.may_receive("+447700900123")
    assert found.may_receive("jo@EXAMPLE.org")
    assert not found.may_receive("+447700900124")
    assert found.sends_in_flight == 256


def test_nobody_receives_outside_production_unless_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unset is nobody, a star is everybody."""
    give(monkeypatch, DISPATCHER)
    assert not load(DispatcherSettings).may_receive("+447700900123")
    monkeypatch.setenv("KEPT_ALLOWED_RECIPIENTS", "*")
    assert load(DispatcherSettings).may_receive("+447700900123")


def test_files_stand_in_for_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A secret may lie in a file of its setting's name."""
    (tmp_path / "KEPT_DATABASE_OWNER_URL").write_text("postgresql://owner\n", "utf-8")
    monkeypatch.setenv("KEPT_SECRETS_DIR", str(tmp_path))
    assert load(MigrateSettings).database_owner_url.get_secret_value() == "postgresql://owner"


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        ({"KEPT_TYPO": "1"}, "KEPT_TYPO is not a setting of any command"),
        ({"KEPT_OPS_LISTEN": "nonsense"}, "KEPT_OPS_LISTEN is wrong: give HOST:PORT"),
        ({"KEPT_LEASE_SECONDS": "-1"}, "KEPT_LEASE_SECONDS is wrong"),
        ({"KEPT_CLOCK": "now"}, "KEPT_CLOCK is wrong: give `system`, or ANCHOR,START,RATE"),
        (
            {"KEPT_CLOCK": "2026-03-09T08:00:00,2026-03-09T08:00:00,9"},
            "KEPT_CLOCK is wrong: both instants need an offset",
        ),
        ({"KEPT_ENVIRONMENT": "production"}, "KEPT_KAFKA_SECURITY: plaintext is refused in production"),
        (
            {
                "KEPT_ENVIRONMENT": "production",
                "KEPT_KAFKA_SECURITY": "tls",
                "KEPT_CLOCK": "2026-03-09T08:00:00Z,2026-03-09T08:00:00Z,9",
            },
            "KEPT_CLOCK is refused in production",
        ),
        (
            {
                "KEPT_ENVIRONMENT": "production",
                "KEPT_KAFKA_SECURITY": "tls",
                "KEPT_CRASH_AT": "release.before_commit:1",
            },
            "KEPT_CRASH_AT is refused in production",
        ),
        ({"KEPT_KAFKA_SECURITY": "sasl_tls"}, "KEPT_KAFKA_USERNAME and KEPT_KAFKA_PASSWORD are needed"),
        ({"KEPT_SECRETS_DIR": "/nowhere/at/all"}, "KEPT_SECRETS_DIR is wrong"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, extra: dict[str, str], says: str
) -> None:
    """The sentence names the setting."""
    give(monkeypatch, SCHEDULER | extra)
    with pytest.raises(SettingsWrong, match="KEPT_") as refused:
        load(SchedulerSettings)
    assert says in str(refused.value)


def test_every_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them at once, not one a start."""
    give(monkeypatch, {})
    with pytest.raises(SettingsWrong) as refused:
        load(ReceiptsSettings)
    for name in ("KEPT_DATABASE_URL", "KEPT_RECEIPTS_LISTEN", "KEPT_TWILIO_AUTH_TOKEN"):
        assert f"{name} is missing" in str(refused.value)


def test_a_relay_elsewhere_is_never_in_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    """S33: without TLS only to a relay on this machine."""
    give(monkeypatch, DISPATCHER | {"KEPT_SMTP_HOST": "relay.staffs.example", "KEPT_SMTP_TLS": "none-local"})
    with pytest.raises(SettingsWrong, match="none-local is only for a relay on this machine"):
        load(DispatcherSettings)


def test_settings_of_the_tests_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """`KEPT_TEST_*` belongs to the test run."""
    give(monkeypatch, SCHEDULER | {"KEPT_TEST_ANYTHING": "1"})
    assert load(SchedulerSettings).environment == "development"


def test_a_secret_never_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in a settings object nor in a refusal."""
    give(monkeypatch, DISPATCHER | {"KEPT_SMTP_PORT": "x"})
    with pytest.raises(SettingsWrong) as refused:
        load(DispatcherSettings)
    assert "secret" not in str(refused.value)
    monkeypatch.setenv("KEPT_SMTP_PORT", "25")
    assert "'secret'" not in repr(load(DispatcherSettings))
