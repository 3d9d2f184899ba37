"""The ground that deployments are tested on: a fresh Debian in a folder, made from its mirror.

The one tree serves twice: booted, as a machine with systemd, and imported, as the stand-in for
the base image that Docker would pull. Everything lies in a folder of its own and is removed.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = (
    "systemd,systemd-sysv,dbus,python3,python3-venv,procps,iproute2,curl,ca-certificates,sudo"
)
CHECKED_OUT: Final = (
    *("config", "deploy", "docs", "hedged", "pyproject.toml", "requirements.lock"),
    *("LICENSE", "README.md", ".dockerignore"),
)
PATIENCE_S: Final = 60.0
CA_IN_THERE: Final = "/run/ca.crt"

T = TypeVar("T")


def run(
    *command: object,
    check: bool = True,
    timeout_s: float = 300.0,
    env: Mapping[str, str] | None = None,
    text: str | None = None,
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end; one that fails shows what it said."""
    done = subprocess.run(  # noqa: S603 - the tests' own commands
        [str(part) for part in command],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
        input=text,
        env=None if env is None else {**os.environ, **env},
    )
    if check and done.returncode:
        said = f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        raise AssertionError(f"{command} ended with {done.returncode}:\n{said}")
    return done


def awaited(what: str, look: Callable[[], T | None], *, patience_s: float = PATIENCE_S) -> T:
    """What `look` finds, as soon as it finds something that counts as true."""
    deadline_s = time.monotonic() + patience_s
    while True:
        found: T | None = None
        with suppress(urllib.error.URLError, ConnectionError):
            found = look()
        if found:
            return found
        if time.monotonic() > deadline_s:
            raise AssertionError(f"waited {patience_s:g} s for {what}; last seen: {found!r}")
        time.sleep(0.1)


def ca_file() -> Path:
    """The certificates that this machine trusts: a mirror may be behind a company's own."""
    return Path(os.environ.get("PIP_CERT") or "/etc/ssl/certs/ca-certificates.crt")


def debian(folder: Path) -> Path:
    """The tree, made once for all the workers of a test run."""
    tree = folder / "debian"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "debian.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not tree.exists():
            made = folder / "debian.unfinished"
            suite, mirror = _mirror()
            run("mmdebstrap", "--variant=minbase", f"--include={PACKAGES}", suite, made, mirror)
            made.rename(tree)
    return tree


def checked_out(folder: Path) -> None:
    """A checkout of one's own, of what is installed from one."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in CHECKED_OUT:
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copy(ROOT / name, folder)


def copy_of(tree: Path, to: Path) -> Path:
    """A copy to change at will."""
    run("cp", "-a", "--reflink=auto", tree, to)
    return to


def _mirror() -> tuple[str, str]:
    """The suite of this machine and where its own apt gets the main part of it."""
    fields = "$(CODENAME)|$(REPO_URI)|$(COMPONENT)|$(ORIGIN)"
    for line in run("apt-get", "indextargets", "--format", fields).stdout.splitlines():
        suite, site, component, origin = line.split("|")
        if origin == "Debian" and component == "main" and "-" not in suite:
            return suite, f"deb {site} {suite} main"
    raise AssertionError("apt knows no Debian mirror: run apt-get update on a Debian machine")


class Machine:
    """A booted systemd in a container; it shares the network of this machine."""

    def __init__(self, tree: Path, leader: int) -> None:
        self.tree = tree
        self._enter = ("nsenter", "-t", leader, "-m", "-u", "-i", "-p", "-C", "--")

    def run(
        self, *command: object, check: bool = True, env: Mapping[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command in there, as root."""
        clean = ("env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        given = tuple(f"{name}={value}" for name, value in (env or {}).items())
        return run(*self._enter, *clean, "HOME=/root", *given, *command, check=check)

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """Write a file in there."""
        place = self.tree / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        place.chmod(mode)

    def show(self, unit: str, name: str) -> str:
        """A property of a unit."""
        return self.run("systemctl", "show", "--property", name, "--value", unit).stdout.strip()


@contextmanager
def booted(tree: Path, name: str) -> Iterator[Machine]:
    """Boot the tree; it is shut down at the end of the block."""
    with _cgroups(name) as files:

        def join() -> None:
            for file in files:
                file.write_text("0")

        log = (tree.parent / f"{name}.console").open("w")
        command = [
            *("systemd-nspawn", "-q", "-D", str(tree), "-M", name, "--boot", "--register=no"),
            *("--keep-unit", "--console=pipe", f"--bind-ro={ROOT}:/src"),
            *(f"--bind-ro={ca_file()}:{CA_IN_THERE}", "--bind-ro=/etc/resolv.conf"),
        ]
        process = subprocess.Popen(  # noqa: S603 - the tests' own command
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=join,  # noqa: PLW1509 - no thread runs here
        )
        try:
            yield _arrived(tree, process)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            log.close()


def _arrived(tree: Path, process: "subprocess.Popen[bytes]") -> Machine:
    def leader() -> int | None:
        assert process.poll() is None, "systemd-nspawn ended"
        children = run("pgrep", "-P", process.pid, check=False).stdout.split()
        return int(children[0]) if children else None

    machine = Machine(tree, awaited("the container's first process", leader))
    up = ("running", "degraded")
    awaited(
        "the machine to be up",
        lambda: machine.run("systemctl", "is-system-running", check=False).stdout.strip() in up,
    )
    return machine


@contextmanager
def _cgroups(name: str) -> Iterator[list[Path]]:
    """A control group of its own in the hierarchies that systemd uses; their `cgroup.procs`."""
    tops = [Path("/sys/fs/cgroup/systemd"), Path("/sys/fs/cgroup/unified")]
    if Path("/sys/fs/cgroup/cgroup.controllers").exists():
        tops = [Path("/sys/fs/cgroup")]
    groups = [top / name for top in tops if top.is_dir()]
    for group in groups:
        group.mkdir(exist_ok=True)
    try:
        yield [group / "cgroup.procs" for group in groups]
    finally:
        remove_cgroups(name)


def remove_cgroups(name: str) -> None:
    """Remove a control group, which is empty by now, from every hierarchy."""
    tops = Path("/sys/fs/cgroup")
    for group in (tops / name, *tops.glob(f"*/{name}")):
        for folder, _, _ in os.walk(group, topdown=False):
            with suppress(OSError):
                Path(folder).rmdir()


def removed(folder: Path) -> None:
    """Remove a folder with whatever is mounted below it."""
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for place in sorted((m for m in mounts if m.startswith(f"{folder}/")), reverse=True):
        run("umount", "-l", place, check=False)
    shutil.rmtree(folder, ignore_errors=True)
