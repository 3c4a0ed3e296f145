"""Airflow's four components with Celery, and workers that are machines of their own as far as the kernel can make them so.

Each worker has its own host name, processes and folders; it sees neither the folders of another nor those of the components.
What they share is the network: PostgreSQL, Redis, a bucket, and the servers of the sample city.
"""

from __future__ import annotations

import os
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from demo.log_tail import log_tail
from demo.ports import free_port
from demo.stack import DemoStack
from loaders.setting_values.landing_address import BucketAddress
from loaders.settings import PROJECT_ROOT, stack_environment

_EXECUTOR = "airflow.providers.celery.executors.celery_executor.CeleryExecutor"


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Starts Debian's Redis with a password; yields its URL without a database."""
    port, password = free_port(), secrets.token_hex(16)
    folder.mkdir(parents=True)
    # By a file: every user of the machine can read a command line.
    settings = folder / "redis.conf"
    settings.write_text(f"bind 127.0.0.1\nport {port}\nrequirepass {password}\nsave ''\nappendonly no\ndir {folder}\n")
    command = [shutil.which("redis-server", path=f"{os.environ['PATH']}:/usr/sbin") or "redis-server", str(settings)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"redis://:{password}@127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


class CeleryStack(DemoStack):
    """The demo's services with Celery in place of processes of the scheduler, and the landing in a bucket."""

    def __init__(self, home: Path, redis: str, landing: BucketAddress, months: str) -> None:
        super().__init__(home)
        self._redis = redis
        self._landing = landing
        self._months = months

    def _airflow_environment(self, metadata_url: str) -> dict[str, str]:
        return super()._airflow_environment(metadata_url) | {
            "AIRFLOW__CORE__EXECUTOR": _EXECUTOR,
            "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",
            "AIRFLOW__CELERY__BROKER_URL": f"{self._redis}/0",
            "AIRFLOW__CELERY__RESULT_BACKEND": f"{self._redis}/1",
            "AIRFLOW__CELERY__WORKER_CONCURRENCY": "2",
            # What docs/operations/machines.md says of a worker that dies, in less time.
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
            "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "120",
            # One worker must do the work of two on a busy machine: what waits there is not lost.
            "AIRFLOW__SCHEDULER__NUM_STUCK_IN_QUEUED_RETRIES": "10",
            "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "10",
        }

    def _warehouse_environment(self, urls):  # type: ignore[no-untyped-def]
        bucket = {
            "HUIMIN_LANDING": str(self._landing),
            "AIRFLOW_CONN_HUIMIN_LANDING": self._landing.connection,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        return super()._warehouse_environment(urls) | bucket

    def _start_city(self, *, outlive: bool) -> None:
        home = self._home / "city"
        command = [sys.executable, "-m", "sample_city", "serve", "--home", str(home), "--months", self._months]
        environment = {**os.environ, "SAMPLE_CITY_POSTGRES_URL": self._server.url()}
        self._processes.start("sample-city", command, environment, outlive=outlive)


@dataclass
class WorkerMachine:
    """A Celery worker with a name and a folder of its own; `hidden` are folders that it cannot see."""

    name: str
    folder: Path
    hidden: Sequence[Path]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def home(self) -> Path:
        return self.folder / "huimin"

    @property
    def log(self) -> Path:
        return self.folder / "worker.log"

    def start(self) -> None:
        for folder in (self.home, self.folder / "airflow", self.folder / "tmp"):
            folder.mkdir(parents=True, exist_ok=True)
        own = {
            "HUIMIN_HOME": str(self.home),
            "AIRFLOW_HOME": str(self.folder / "airflow"),
            "TMPDIR": str(self.folder / "tmp"),
            "PYTHONPATH": str(PROJECT_ROOT),
        }
        worker = [str(Path(sys.executable).parent / "airflow"), "celery", "worker", "--skip-serve-logs", "-H", f"{self.name}@%h"]
        hiding = [f"mount -t tmpfs none {shlex.quote(str(folder))}" for folder in self.hidden]
        script = " && ".join([f"hostname {self.name}", *hiding, f"exec {shlex.join(worker)}"])
        # When the first process of the namespace is killed, the kernel kills all others of it, as a power failure does.
        namespaces = ["unshare", "--mount", "--uts", "--pid", "--fork", "--kill-child=SIGKILL", "--mount-proc"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*namespaces, "sh", "-c", script],
                env={**os.environ, **self.environment, **own},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=PROJECT_ROOT,
            )

    def is_ready(self) -> bool:
        assert self.process is not None and self.process.poll() is None, log_tail(self.log, 30)
        return f"{self.name}@" in self.log.read_text(encoding="utf-8", errors="replace").partition(" ready")[0] and (
            " ready" in self.log.read_text(encoding="utf-8", errors="replace")
        )

    def kill(self) -> None:
        """Ends it as a power failure does."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(30)


@contextmanager
def celery_machines(
    folder: Path, landing: BucketAddress, months: str, names: Sequence[str]
) -> Iterator[tuple[CeleryStack, list[WorkerMachine]]]:
    """Starts everything; stops and removes it afterwards."""
    with ExitStack() as ends:
        redis = ends.enter_context(redis_server(folder / "redis"))
        home = folder / "components"
        stack = CeleryStack(home, redis, landing, months)
        ends.callback(stack.remove)
        stack.up(lambda _: None)
        places = {name: folder / name for name in names}
        for place in places.values():
            place.mkdir()
        environment = {key: value for key, value in stack_environment(home).items() if key != "HUIMIN_HOME"}
        machines = []
        for name, place in places.items():
            others = [other for other in places.values() if other != place]
            machine = WorkerMachine(name, place, [home, *others], environment)
            ends.callback(machine.kill)
            machine.start()
            machines.append(machine)
        deadline = time.monotonic() + 120
        while not all(machine.is_ready() for machine in machines):
            assert time.monotonic() < deadline, log_tail(machines[0].log, 30)
            time.sleep(0.5)
        yield stack, machines
