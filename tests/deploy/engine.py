"""A Docker engine of the tests' own; it pulls nothing, so there are stand-ins for images."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.deploy.bed import awaited, ca_file, remove_cgroups, run

DOCKER: Final = "/usr/bin/docker"  # another one earlier on PATH may lack BuildKit
COMPOSE: Final = "/usr/bin/docker-compose"
# What a reader has on PATH: this machine's engine has no networks of its own, and its registry of
# packages may be behind a certificate of a company; and Debian 12 has compose as a program apart.
WRAPPED: Final = """#!/bin/sh
case $1 in
build) shift; set -- build --network=host --secret "id=ca,src={ca}" "$@" ;;
run) shift; set -- run --network=host "$@" ;;
esac
exec {docker} "$@"
"""
PLUGIN: Final = """#!/bin/sh
if [ "$1" = docker-cli-plugin-metadata ]; then
    echo '{"SchemaVersion": "0.1.0", "Vendor": "Debian", "Version": "1.29"}'
    exit
fi
shift
exec /usr/bin/docker-compose "$@"
"""
LEFT_OUT: Final = ("./proc/*", "./sys/*", "./dev/*", "./var/cache/*", "./usr/share/doc/*")


class Engine:
    """A running dockerd."""

    def __init__(self, socket: Path) -> None:
        programs = socket.parent / "bin"
        plugins = socket.parent / "config/cli-plugins"
        wrapped = WRAPPED.format(ca=ca_file(), docker=DOCKER)
        for path, text in ((programs / "docker", wrapped), (plugins / "docker-compose", PLUGIN)):
            path.parent.mkdir(parents=True)
            path.write_text(text)
            path.chmod(0o755)
        self.env = {
            "DOCKER_HOST": f"unix://{socket}",
            "DOCKER_BUILDKIT": "1",
            "COMPOSE_DOCKER_CLI_BUILD": "1",
            "DOCKER_CONFIG": str(plugins.parent),
            "PATH": f"{programs}:{os.environ['PATH']}",
        }

    def type_in(self, line: str, folder: Path) -> str:
        """Run a line as a page shows it, at a terminal; what it said."""
        at_terminal = ("script", "--quiet", "--return", "--command", line, "/dev/null")
        done = run("env", "-C", folder, *at_terminal, env=self.env, timeout_s=600)
        return done.stdout

    def run(
        self, *arguments: object, check: bool = True, timeout_s: float = 300.0
    ) -> "subprocess.CompletedProcess[str]":
        """A docker command."""
        return run(DOCKER, *arguments, check=check, env=self.env, timeout_s=timeout_s)

    def compose(
        self, file: Path, *arguments: object, check: bool = True
    ) -> "subprocess.CompletedProcess[str]":
        """A docker-compose command."""
        return run(COMPOSE, "-f", file, *arguments, check=check, env=self.env)

    def inspect(self, what: str, field: str) -> str:
        """A field of a container or an image, as a Go template names it."""
        return self.run("inspect", "--format", f"{{{{{field}}}}}", what).stdout.strip()

    def stand_in(self, tree: Path, name: str) -> None:
        """Import a tree as the image of that name."""
        tar = ["tar", "-C", str(tree), *(f"--exclude={part}" for part in LEFT_OUT), "-c", "."]
        with subprocess.Popen(tar, stdout=subprocess.PIPE) as packed:  # noqa: S603 - ours
            subprocess.run(  # noqa: S603 - as above
                [DOCKER, "import", "-", name],
                stdin=packed.stdout,
                check=True,
                capture_output=True,
                env={**os.environ, **self.env},
            )
        assert packed.returncode == 0

    def build(self, context: Path, *options: object) -> None:
        """Build an image on the network of this machine."""
        secret = f"id=ca,src={ca_file()}"
        self.run("build", "--network=host", "--secret", secret, *options, context, timeout_s=600)


@contextmanager
def engine(folder: Path) -> Iterator[Engine]:
    """An engine whose everything lies in the folder; on the host's network, without bridges."""
    folder.mkdir()
    socket, log = folder / "docker.sock", (folder / "dockerd.log").open("w")
    group = f"hedged-test-engine-{os.getpid()}"
    command = [
        *("dockerd", "--data-root", str(folder / "data"), "--exec-root", str(folder / "exec")),
        *("-H", f"unix://{socket}", "-p", str(folder / "dockerd.pid"), "--bridge=none"),
        *("--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false"),
        f"--cgroup-parent=/{group}",
    ]
    process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)  # noqa: S603 - our own
    running = Engine(socket)
    try:
        awaited("the engine", lambda: not running.run("info", check=False).returncode)
        yield running
    finally:
        left = running.run("ps", "--all", "--quiet", check=False).stdout.split()
        if left:
            running.run("rm", "--force", "--volumes", *left, check=False)
        process.terminate()
        process.wait(60)
        log.close()
        run("umount", "--lazy", folder / "exec/netns/default", check=False)
        remove_cgroups(group)
