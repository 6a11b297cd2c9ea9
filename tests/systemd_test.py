#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The files in systemd/, judged by systemd's own tools: they are right, they confine our programs, and they make the
users and folders that the programs need. What units do on a host that runs systemd is not tried here."""

import configparser
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / "systemd"
OURS = ("/usr/sbin/pec-milter", "/usr/sbin/pec-policyd", "/usr/sbin/pec-scanner", "/usr/sbin/pecctl")
MOST_EXPOSED = 1.5  # of 10
# Dovecot's master is root and starts processes of many users.
EXCEPTED = {"dovecot-pec.service"}
DAEMONS = {"pec-milter.service", "pec-policyd.service", "pec-scanner.service"}


def run(*command) -> subprocess.CompletedProcess:
    return subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"LC_ALL": "C.UTF-8"})


def units(kind: str) -> list[pathlib.Path]:
    return sorted(FOLDER.glob(f"*.{kind}"))


def read(unit: pathlib.Path) -> configparser.ConfigParser:
    """A setting that is there twice has its last value."""
    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters="=", comment_prefixes="#")
    parser.optionxform = str
    parser.read(unit)
    return parser


class Units(unittest.TestCase):
    def test_none_starts_before_the_host_is_set_up(self):
        self.assertGreater(len(units("service")), 8)
        for unit in units("service") + units("timer"):
            self.assertIn("\nConditionPathExists=/etc/pec/pec.toml\n", unit.read_text(), unit.name)

    def test_systemd_understands_them(self):
        """All but our programs, which are not installed here."""
        for unit in units("service") + units("timer"):
            done = run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit)
            told = [line for line in done.stderr.splitlines() if not any(
                f"Command {program} is not executable" in line for program in (*OURS, "/usr/sbin/dovecot"))]
            self.assertEqual(told, [], unit.name)

    def test_they_confine_our_programs(self):
        for unit in units("service"):
            done = run("systemd-analyze", "security", "--offline=yes", "--no-pager", unit)
            found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
            self.assertTrue(found, done.stdout + done.stderr)
            with self.subTest(unit.name):
                if unit.name not in EXCEPTED:
                    self.assertLessEqual(float(found[1]), MOST_EXPOSED, done.stdout)

    def test_the_milter_may_run_postmap(self):
        """Which ends at once if it can't ask the kernel for the host's addresses."""
        self.assertIn("AF_NETLINK", read(FOLDER / "pec-milter.service")["Service"]["RestrictAddressFamilies"].split())

    def test_each_timer_has_its_service(self):
        services = {unit.stem for unit in units("service")}
        for timer in units("timer"):
            self.assertIn(timer.stem, services)
            self.assertEqual(read(timer)["Install"]["WantedBy"], "timers.target")

    def test_daemons_are_watched_and_started_again(self):
        self.assertLessEqual(DAEMONS, {unit.name for unit in units("service")})
        for name in DAEMONS:
            unit = read(FOLDER / name)
            service = unit["Service"]
            with self.subTest(name):
                self.assertEqual((service["Type"], service["Restart"]), ("notify", "always"))
                self.assertEqual(unit["Unit"]["StartLimitIntervalSec"], "0")
                self.assertEqual(unit["Install"]["WantedBy"], "multi-user.target")
                for limit in ("WatchdogSec", "MemoryMax", "TasksMax", "LimitNOFILE"):
                    self.assertIn(limit, service)
                self.assertEqual(service["LimitCORE"], "0")  # a dump would hold keys, or mail

    def test_drop_ins_are_understood(self):
        """Each as part of a unit that has nothing else."""
        drop_ins = [*FOLDER.glob("*.d/*.conf"), *FOLDER.glob("examples/*.conf")]
        drop_ins = [each for each in drop_ins if each.parent.name not in ("sysusers.d", "tmpfiles.d")]
        self.assertGreaterEqual(len(drop_ins), 2)
        for drop_in in drop_ins:
            with tempfile.TemporaryDirectory() as folder:
                unit = pathlib.Path(folder) / "whole.service"
                unit.write_text(drop_in.read_text() + "[Service]\nExecStart=/bin/true\n")
                done = run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit)
                self.assertEqual(done.stderr, "", drop_in)


@unittest.skipUnless(os.geteuid() == 0, "makes files of other users")
class UsersAndFolders(unittest.TestCase):
    def setUp(self):
        """A host with Postfix's group, and an ordinary user."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.host = pathlib.Path(folder.name)
        (self.host / "etc").mkdir()
        self.write("passwd", "root:x:0:0:root:/root:/bin/sh\n")
        self.write("group", "root:x:0:\npostfix:x:115:\n")
        for source in ("sysusers.d", "tmpfiles.d"):
            shutil.copytree(FOLDER / source, self.host / "usr/lib" / source)

    def write(self, name: str, text: str) -> None:
        (self.host / "etc" / name).write_text(text)

    def entries(self, name: str) -> dict[str, list[str]]:
        lines = (self.host / "etc" / name).read_text().splitlines()
        return {fields[0]: fields[1:] for fields in (line.split(":") for line in lines)}

    def make(self, program: str, *arguments: str) -> None:
        done = run(program, f"--root={self.host}", *arguments)
        self.assertEqual((done.returncode, done.stderr.count("rror")), (0, 0), done.stderr)

    def test_users(self):
        self.make("systemd-sysusers")
        users, groups = self.entries("passwd"), self.entries("group")
        for name in ("pec", "pec-scanner", "vmail"):
            self.assertEqual(users[name][2], groups[name][1], name)  # each has a group of its own
            self.assertTrue(users[name][5].endswith("nologin"), name)
        self.assertGreaterEqual(int(users["vmail"][1]), 500)  # Dovecot's first_valid_uid
        self.assertEqual([groups[name][2] for name in ("pec", "pec-scanner", "vmail")], ["", "pec", ""])

    def test_those_that_are_there_stay(self):
        self.write("passwd", "root:x:0:0:root:/root:/bin/sh\nvmail:x:5000:5000::/srv/mail:/bin/false\n")
        self.write("group", "root:x:0:\npostfix:x:115:\nvmail:x:5000:\n")
        self.make("systemd-sysusers")
        self.assertEqual(self.entries("passwd")["vmail"], ["x", "5000", "5000", "", "/srv/mail", "/bin/false"])

    def test_folders(self):
        self.make("systemd-sysusers")
        self.make("systemd-tmpfiles", "--create")
        users, groups = self.entries("passwd"), self.entries("group")
        for name, mode, group in (("run/pec", 0o2750, "postfix"), ("var/lib/pec", 0o2750, "postfix"),
                                  ("var/lib/pec/viruses", 0o700, "pec")):
            info = (self.host / name).stat()
            self.assertEqual((info.st_mode & 0o7777, info.st_uid, info.st_gid),
                             (mode, int(users["pec"][1]), int(groups[group][1])), name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
