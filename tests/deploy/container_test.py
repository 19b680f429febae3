#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Builds the image of deploy/docker, and runs it as its head says: read-only, without a capability.

Takes no image from elsewhere: its bases are made of Debian's packages. Skipped where a tool is missing, or where
containers cannot be run.
"""
import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

PARSER = argparse.ArgumentParser()
PARSER.add_argument("--source", required=True, help="root of the repository")
PARSER.add_argument("--ccache", required=True, help="a folder for what was compiled, kept for the next time")
ARGUMENTS, UNITTEST_ARGUMENTS = PARSER.parse_known_args()
sys.path.insert(0, os.path.join(ARGUMENTS.source, "tests/service/rekeyd"))
from authority import Authority  # pylint: disable=wrong-import-position

SKIPPED = 77
NEEDED_GIB = 12
UNWANTED = ("doc", "info", "locale", "man")
BASES = {
    "debian:bookworm": [],
    "debian:bookworm-slim": [f"--dpkgopt=path-exclude=/usr/share/{what}/*" for what in UNWANTED],
}
WAVE = ("pmk,msid,bsid,cmac_key_count,ak_sn\n"
        "ea8487a0f6f4b35fbddb2f232b771d2f71fdda94,001b11c9d50c,000000000005,1,1\n")


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


class Podman:
    """Podman with a store of its own."""

    def __init__(self, folder):
        self.command = ["podman", "--root", os.path.join(folder, "store"), "--runroot", os.path.join(folder, "run"),
                        "--tmpdir", os.path.join(folder, "tmp"), "--runtime", "runc", "--cgroup-manager", "cgroupfs"]
        # Podman's own limits are higher than a sandbox allows.
        locked = resource.getrlimit(resource.RLIMIT_MEMLOCK)[1]
        self.locks_memory = locked == resource.RLIM_INFINITY
        self.limits = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]
        if self.locks_memory:
            self.limits += ["--ulimit", "memlock=-1:-1"]

    def try_to(self, *arguments, timeout=120):
        return subprocess.run([*self.command, *arguments], capture_output=True, text=True, timeout=timeout)

    def __call__(self, *arguments, timeout=120):
        ran = self.try_to(*arguments, timeout=timeout)
        if ran.returncode != 0:
            raise AssertionError(f"podman {' '.join(arguments)} ended with {ran.returncode}\n{ran.stdout[-4000:]}"
                                 f"{ran.stderr[-4000:]}")
        return ran.stdout.strip()

    def confined(self):
        """What the head of the Dockerfile has beside `docker run`."""
        return ["--read-only", "--read-only-tmpfs=false", "--cap-drop", "ALL", *self.limits]


def make_bases(podman, folder):
    for name, options in BASES.items():
        tree = os.path.join(folder, "base.tar")
        subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", *options, "bookworm", tree], check=True,
                       timeout=600)
        podman("import", tree, f"docker.io/library/{name}")
        os.remove(tree)


class ContainerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.podman = Podman(cls.folder.name)
        cls.addClassCleanup(cls.podman.try_to, "rm", "--all", "--force", "--time", "1")
        make_bases(cls.podman, cls.folder.name)
        tried = cls.podman.try_to("run", "--rm", *cls.podman.confined(), "docker.io/library/debian:bookworm", "true")
        if tried.returncode != 0:
            skip("no container can be run here: " + tried.stderr)
        os.makedirs(ARGUMENTS.ccache, exist_ok=True)
        cls.podman("build", "--isolation", "chroot", "--pull-never", "--layers=false",
                   "--volume", f"{ARGUMENTS.ccache}:/root/.cache/ccache", "--tag", "rekeyd",
                   "--file", os.path.join(ARGUMENTS.source, "deploy/docker/Dockerfile"), ARGUMENTS.source,
                   timeout=3600)
        cls.configure()

    @classmethod
    def configure(cls):
        """Certificates, and the configuration of the package with what it has commented out for them."""
        authority = Authority(cls.folder.name)
        cls.ca = authority.ca
        cls.client = authority.issue("operator.example")
        server = authority.issue("server", "IP:127.0.0.1")
        cls.etc = os.path.join(cls.folder.name, "etc")
        os.makedirs(cls.etc)
        for source, name in [(server[0], "server.pem"), (server[1], "server.key"), (cls.ca, "clients-ca.pem")]:
            shutil.copyfile(source, os.path.join(cls.etc, name))
        with open(os.path.join(ARGUMENTS.source, "deploy/rekeyd.toml"), encoding="ascii") as file:
            config = re.sub(r"^# ((tls|allow)-)", r"\1", file.read(), flags=re.MULTILINE)
        config = config.replace('listen = "127.0.0.1:7316"', 'listen = "0.0.0.0:7316"')
        config = config.replace('"gateway-1.example"]', '"operator.example"]')
        if not cls.podman.locks_memory:
            config = config.replace('lock-memory = "require"', 'lock-memory = "try"')
        with open(os.path.join(cls.etc, "rekeyd.toml"), "w", encoding="ascii") as file:
            file.write(config)
        # As the head of the Dockerfile says: for the image's user alone.
        user, group = map(int, cls.podman("inspect", "--format", "{{.Config.User}}", "rekeyd").split(":"))
        os.chmod(os.path.join(cls.etc, "server.key"), 0o400)
        os.chown(os.path.join(cls.etc, "server.key"), user, group)

    def rekeyctl(self, command, server, *options):
        """rekeyctl from the image, beside a container with the server."""
        return self.podman.try_to(
            "run", "--rm", *self.podman.confined(), "--user", "0", "--network", f"container:{server}", "--volume",
            f"{self.folder.name}:{self.folder.name}:ro", "--entrypoint", "/usr/bin/rekeyctl", "rekeyd", command,
            "--tls-cert", self.client[0], "--tls-key", self.client[1], "--tls-ca", self.ca, *options)

    def test_it_serves_confined_and_ends_when_asked(self):
        # Without a network but its own: what leads to it from outside is the host's, and may not be ours to change.
        server = self.podman("run", "--detach", *self.podman.confined(), "--network", "none", "--volume",
                             f"{self.etc}:/etc/rekeyd:ro", "rekeyd")
        deadline = time.monotonic() + 60
        while (health := self.rekeyctl("health", server)).returncode != 0 and time.monotonic() < deadline:
            time.sleep(0.2)
        self.assertEqual(health.returncode, 0, health.stderr + self.podman.try_to("logs", server).stderr)

        with open(f"/proc/{self.podman('inspect', '--format', '{{.State.Pid}}', server)}/status",
                  encoding="ascii") as file:
            status = dict(line.split(":\t", 1) for line in file.read().splitlines() if ":\t" in line)
        for kind in ("CapPrm", "CapEff", "CapBnd"):
            self.assertEqual(int(status[kind], 16), 0, kind)
        self.assertNotIn("0", status["Uid"].split(), "root")

        wave = os.path.join(self.folder.name, "wave.csv")
        with open(wave, "w", encoding="ascii") as file:
            file.write(WAVE)
        derived = self.rekeyctl("derive", server, "--in", wave, "--profile", "legacy-16e", "--verify")
        self.assertEqual(derived.returncode, 0, derived.stderr)
        self.assertIn("d7eaa9683c377b76a2385b8454b57ae7c9ad3224", derived.stdout)

        self.podman("stop", "--time", "60", server)
        self.assertEqual(self.podman("inspect", "--format", "{{.State.ExitCode}}", server), "0",
                         self.podman.try_to("logs", server).stderr)


if __name__ == "__main__":
    MISSING = [tool for tool in ("podman", "runc", "mmdebstrap", "openssl") if shutil.which(tool) is None]
    if MISSING:
        skip(f"{', '.join(MISSING)} missing: apt-get install podman runc mmdebstrap openssl")
    if os.geteuid() != 0:
        skip("containers are run as root here")
    if shutil.disk_usage(tempfile.gettempdir()).free < NEEDED_GIB << 30:
        skip(f"{tempfile.gettempdir()} has less than {NEEDED_GIB} GiB free")
    unittest.main(argv=[sys.argv[0], *UNITTEST_ARGUMENTS])
