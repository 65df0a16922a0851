"""What stands under `deploy/` starts what the code is: settings, probes, limits and rules are checked against it.

No container is built or run here; `deploy/README.md` says so.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Final

import pytest

from services import metrics, settings
from services.ops import Progress, ops_app
from services.settings import DispatcherSettings, MigrateSettings, ReceiptsSettings, SchedulerSettings, Settings
from tests.contract.plain_yaml import NotPlain, documents, read

ROOT: Final = Path(__file__).parents[2]
DEPLOY: Final = ROOT / "deploy"
KUBERNETES: Final = DEPLOY / "kubernetes"
SERVICES: Final[dict[str, type[Settings]]] = {
    "scheduler": SchedulerSettings,
    "dispatcher": DispatcherSettings,
    "receipts": ReceiptsSettings,
}


def named(kind: str) -> dict[str, Any]:
    """Every manifest of a kind by its name."""
    manifests = [one for path in KUBERNETES.glob("*.yaml") for one in documents(path)]
    return {one["metadata"]["name"]: one for one in manifests if one["kind"] == kind}


def container(manifest: Any) -> Any:
    """The one container of a manifest."""
    (found,) = manifest["spec"]["template"]["spec"]["containers"]
    return found


@pytest.fixture(name="clean")
def _clean(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in [name for name in os.environ if name.startswith("KEPT_")]:
        monkeypatch.delenv(name)
    return monkeypatch


@pytest.mark.parametrize("path", sorted(DEPLOY.rglob("*.yaml")), ids=lambda path: path.name)
def test_every_file_is_read(path: Path) -> None:
    """Each is YAML, down to its last line."""
    assert all(documents(path))


@pytest.mark.parametrize(
    "text", ["a: 1\n  b: 2", "a: 1\na: 2", "a: [1, 2", "\ta: 1", "just words", "a:\n  - 1\n b: 2"], ids=repr
)
def test_what_is_no_yaml_is_refused(text: str) -> None:
    """The reader of these tests does not let a slip pass."""
    with pytest.raises((NotPlain, IndexError)):
        read(text)


def secrets_of(service: str) -> set[str]:
    """The names that README.md puts into a service's secret."""
    readme = (DEPLOY / "README.md").read_text("utf-8")
    command = re.search(
        rf"^kubectl create secret generic kept-{service} (.*?)\n\n", readme + "\n\n", re.MULTILINE | re.DOTALL
    )
    assert command is not None
    return set(re.findall(r"--from-file=(KEPT_\w+)", command[1]))


@pytest.mark.parametrize("service", SERVICES)
def test_kubernetes_settings_start_each_service(service: str, clean: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The settings of the ConfigMap and the secret that README.md makes are all that a production service needs, and no more."""
    for name in secrets_of(service):
        (tmp_path / name).write_text("postgresql://kept_service@db.example.org/kept")
    for name, value in named("ConfigMap")["kept-settings"]["data"].items():
        clean.setenv(name, value)
    clean.setenv("KEPT_SECRETS_DIR", str(tmp_path))
    found = settings.load(SERVICES[service])
    assert found.environment == "production"


def test_kubernetes_settings_let_the_owner_migrate(clean: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Only the job that migrates gets the owner's URL."""
    assert secrets_of("owner") == {"KEPT_DATABASE_OWNER_URL", "KEPT_DATABASE_URL"}
    for name in secrets_of("owner"):
        (tmp_path / name).write_text("postgresql://db.example.org/kept")
    clean.setenv("KEPT_SECRETS_DIR", str(tmp_path))
    assert settings.load(MigrateSettings)
    users = [one for kind in ("Deployment", "Job") for one in named(kind).values()
             if one["spec"]["template"]["spec"]["volumes"][0]["secret"]["secretName"] == "kept-owner"]  # fmt: skip
    assert [one["metadata"]["name"] for one in users] == ["kept-migrate"]


@pytest.mark.parametrize("service", SERVICES)
def test_compose_settings_start_each_service(service: str, clean: pytest.MonkeyPatch) -> None:
    """What compose.yaml and the filled-in example give is all that a service needs."""
    (compose,) = documents(DEPLOY / "compose.yaml")
    for name, value in compose["services"][service]["environment"].items():
        clean.setenv(name, re.sub(r"\$\{\w+:[?-][^}]*\}", "filled-in", value))
    assert settings.load(SERVICES[service]).environment == "development"


def test_compose_asks_for_nothing_that_its_example_leaves_out() -> None:
    """Whoever fills in settings.env.example has filled in all."""
    asked = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text("utf-8")))
    offered = set(re.findall(r"^(\w+)=", (DEPLOY / "settings.env.example").read_text("utf-8"), re.MULTILINE))
    assert asked == offered


@pytest.mark.parametrize("service", SERVICES)
def test_probes_ask_pages_that_exist(service: str) -> None:
    """Alive is asked of /live, ready of /ready, on the port on which the process answers."""
    pages = {getattr(route, "path", "") for route in ops_app(Progress(), {}).routes}
    one = container(named("Deployment")[f"kept-{service}"])
    paths = {probe: one[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert paths == {"startupProbe": "/live", "livenessProbe": "/live", "readinessProbe": "/ready"}
    assert set(paths.values()) <= pages
    listen = named("ConfigMap")["kept-settings"]["data"]["KEPT_OPS_LISTEN"]
    assert {"name": "ops", "containerPort": listen.rpartition(":")[2]} in one["ports"]


@pytest.mark.parametrize("service", SERVICES)
def test_pods_end_in_order_and_run_as_nobody(service: str) -> None:
    """There is time to finish what is in flight, no right that is not needed, and no variable that a cluster invents."""
    pod = named("Deployment")[f"kept-{service}"]["spec"]["template"]["spec"]
    grace = float(pod["terminationGracePeriodSeconds"])
    assert grace > float(named("ConfigMap")["kept-settings"]["data"]["KEPT_SHUTDOWN_SECONDS"])
    assert (pod["enableServiceLinks"], pod["automountServiceAccountToken"]) == ("false", "false")
    assert (pod["securityContext"]["runAsNonRoot"], pod["securityContext"]["runAsUser"]) == ("true", "10001")
    (compose,) = documents(DEPLOY / "compose.yaml")
    both = compose["services"][service]
    assert float(both["stop_grace_period"].removesuffix("s")) > float(both["environment"]["KEPT_SHUTDOWN_SECONDS"])


@pytest.mark.parametrize("service", SERVICES)
def test_each_runs_the_command_of_its_name(service: str) -> None:
    """A deployment is named for what it runs."""
    (compose,) = documents(DEPLOY / "compose.yaml")
    assert container(named("Deployment")[f"kept-{service}"])["args"] == [service]
    assert compose["services"][service]["command"] == [service]


def test_rules_ask_for_metrics_that_exist() -> None:
    """No rule watches a number that nobody shows."""
    shown = {sample.name for family in metrics.REGISTRY.collect() for sample in family.samples}
    for item in vars(metrics).values():
        if hasattr(item, "_labelnames"):
            shown.add(item._name + ("_total" if item._type == "counter" else ""))
    (rules,) = documents(DEPLOY / "prometheus" / "rules.yaml")
    asked = {name for rule in rules["groups"][0]["rules"] for name in re.findall(r"kept_\w+", rule["expr"])}
    assert asked
    assert asked <= shown


def test_image_is_built_with_the_tool_that_make_uses_and_never_as_root() -> None:
    """One version of uv, from the lock file, without the embedded servers, and a user without rights."""
    dockerfile = (DEPLOY / "Dockerfile").read_text("utf-8")
    wanted = re.search(r"^UV_VERSION := (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert wanted is not None
    assert f"uv=={wanted[1]}" in dockerfile
    runs = re.findall(r"uv sync (.+)", dockerfile)
    assert runs
    assert all("--frozen" in run and "--no-dev" in run and "extra" not in run for run in runs)
    assert re.findall(r"^USER (.+)$", dockerfile, re.MULTILINE) == ["10001:10001"]
    copied = {
        word for line in re.findall(r"^COPY (?!--from)(.+)$", dockerfile, re.MULTILINE) for word in line.split()[:-1]
    }
    kept = set(re.findall(r"^!(.+)$", (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8"), re.MULTILINE))
    assert copied == kept
    assert all((ROOT / name).exists() for name in copied)
