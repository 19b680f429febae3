#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Packs the Debian packages, unpacks them, and runs what is in them."""
import argparse
import glob
import os
import subprocess
import sys
import tempfile
import unittest

PARSER = argparse.ArgumentParser()
PARSER.add_argument("--cpack", required=True)
PARSER.add_argument("--build", required=True, help="the build folder to pack from")
ARGUMENTS, UNITTEST_ARGUMENTS = PARSER.parse_known_args()


def run(*command, cwd=None):
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=500, cwd=cwd).stdout


class PackageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        run(ARGUMENTS.cpack, "-G", "DEB", "-B", cls.folder.name, cwd=ARGUMENTS.build)
        cls.packages = {}
        for package in glob.glob(os.path.join(cls.folder.name, "*.deb")):
            name = os.path.basename(package).split("_")[0]
            cls.packages[name] = os.path.join(cls.folder.name, name)
            run("dpkg-deb", "-R", package, cls.packages[name])

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def path(self, package, file):
        return os.path.join(self.packages[package], file)

    def control(self, package):
        with open(self.path(package, "DEBIAN/control"), encoding="ascii") as file:
            return dict(line.split(": ", 1) for line in file.read().splitlines() if ": " in line)

    def test_there_are_three(self):
        self.assertEqual(set(self.packages), {"rekeyd", "rekeyctl", "librekey-dev"})

    def test_the_programs_run(self):
        for package, program in [("rekeyd", "rekeyd"), ("rekeyctl", "rekeyctl")]:
            said = run(self.path(package, f"usr/bin/{program}"), "--version")
            self.assertEqual(said, f"{program} {self.control(package)['Version']}\n")

    def test_scenarios_and_networks_come_with_the_tools(self):
        for kind in ("scenarios", "networks"):
            self.assertTrue(os.path.exists(self.path("rekeyctl", f"usr/share/rekey/{kind}/one-abs-outage.yaml")), kind)

    def test_the_configuration_is_good_and_kept_across_upgrades(self):
        config = "etc/rekeyd/rekeyd.toml"
        run(self.path("rekeyd", "usr/bin/rekeyd"), "--config", self.path("rekeyd", config), "--check-config")
        with open(self.path("rekeyd", "DEBIAN/conffiles"), encoding="ascii") as file:
            self.assertEqual(file.read(), f"/{config}\n")

    def test_the_unit_and_its_user_are_there(self):
        with open(self.path("rekeyd", "usr/lib/systemd/system/rekeyd.service"), encoding="ascii") as file:
            self.assertIn("ExecStart=/usr/bin/rekeyd --config /etc/rekeyd/rekeyd.toml\n", file.read())
        self.assertTrue(os.path.exists(self.path("rekeyd", "usr/lib/sysusers.d/rekeyd.conf")))
        for script in ["postinst", "prerm", "postrm"]:
            self.assertTrue(os.access(self.path("rekeyd", f"DEBIAN/{script}"), os.X_OK))
            run("sh", "-n", self.path("rekeyd", f"DEBIAN/{script}"))

    def test_the_user_can_be_made(self):
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(os.path.join(root, "etc"))
            run("systemd-sysusers", "--root", root, self.path("rekeyd", "usr/lib/sysusers.d/rekeyd.conf"))
            with open(os.path.join(root, "etc/passwd"), encoding="ascii") as file:
                self.assertIn("rekeyd:", file.read())

    def test_dependencies_are_found_out(self):
        depends = self.control("rekeyd")["Depends"]
        for library in ["libgrpc++", "libssl3", "libprometheus-cpp-pull", "libsystemd0"]:
            self.assertIn(library, depends)
        self.assertNotIn("libsystemd", self.control("rekeyctl")["Depends"])

    def test_the_library_has_its_public_headers_alone(self):
        self.assertEqual(os.listdir(self.path("librekey-dev", "usr/include")), ["rekey"])
        self.assertTrue(os.path.exists(self.path("librekey-dev", "usr/lib/cmake/rekey/rekeyConfig.cmake")))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *UNITTEST_ARGUMENTS])
