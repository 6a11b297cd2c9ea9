#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The hosts that the other tests here stand on: what they are told to do they do, and nothing of them stays."""

import os
import signal
import subprocess
import sys
import unittest
from pathlib import Path

from enclosure import GROUPS, CommandError, Enclosure
from etc_state import EtcState
from host import Host
from support.folders import temporary_folder
from support.processes import stat_of
from support.waiting import wait_until
from trees import Recipe, Trees
from wire import Wire

RELEASE = os.environ.get("PEC_HOSTS_RELEASE", "bookworm")
MINIMAL = Recipe()
BOOT_AND_TELL = f"""\
import sys, time
sys.path.insert(0, {str(Path(__file__).parent)!r})
from host import Host
from trees import Recipe, Trees
host = Host("killed.example", Trees({RELEASE!r}), Recipe())
host.boot()
print(host.enclosure.pid, host._leader, flush=True)
sys.stdin.read()
"""


class OneHost(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.host = Host("mail.alfa.example", Trees(RELEASE), MINIMAL)
        cls.addClassCleanup(cls.host.close)
        cls.host.write("/etc/motd", "before the boot\n")
        cls.host.boot()

    def test_it_runs_systemd_under_its_name(self):
        self.assertEqual(self.host.run("systemctl", "is-system-running").strip(), "running")
        self.assertEqual(self.host.run("hostname", "--fqdn").strip(), "mail.alfa.example")
        self.assertEqual(self.host.run("cat", "/proc/1/comm"), "systemd\n")

    def test_a_command_that_fails_says_what_it_wrote(self):
        with self.assertRaisesRegex(CommandError, "exit status 3: .*\nout\nerr\n") as caught:
            self.host.run("sh", "-c", "echo out; echo err >&2; exit 3")
        self.assertEqual(caught.exception.status, 3)
        with self.assertRaisesRegex(CommandError, "not done within 1 s"):
            self.host.run("sleep", "60", patience=1)

    def test_a_command_may_be_a_users(self):
        self.assertEqual(self.host.run("id", "-un", user="daemon"), "daemon\n")

    def test_files_are_as_they_were_written(self):
        self.assertEqual(self.host.read("/etc/motd"), "before the boot\n")
        self.host.write("/root/secret", "é\n", "640", "root:mail")
        self.assertEqual(self.host.run("stat", "-c", "%a %U:%G", "/root/secret"), "640 root:mail\n")
        self.assertEqual(self.host.read("/root/secret"), "é\n")
        content = bytes(range(256))
        file = temporary_folder(self.addCleanup) / "bytes"
        file.write_bytes(content)
        self.host.put(file, "/root/bytes")
        self.assertEqual(self.host.run("stat", "-c", "%s", "/root/bytes"), "256\n")

    def test_a_reboot_and_a_power_cut_keep_files_and_end_processes(self):
        self.host.write("/root/kept", "kept\n")
        self.host.run("systemd-run", "--unit=sleeper", "sleep", "3600")
        self.host.reboot()
        self.assertEqual(self.host.read("/root/kept"), "kept\n")
        with self.assertRaises(CommandError):
            self.host.run("systemctl", "is-active", "sleeper")
        self.host.cut_power()
        self.host.boot()
        self.host.power_off()
        self.assertEqual(self.host.read("/root/kept"), "kept\n")  # of a host that is off
        self.host.boot()

    def test_etc_tells_content_owner_mode_and_accounts(self):
        before = self.host.etc()
        self.assertEqual(self.host.etc().since(before), [])
        self.host.run("useradd", "nuovo")
        self.host.write("/etc/issue", "another\n")
        self.host.run("chmod", "600", "/etc/motd")
        self.host.run("chgrp", "mail", "/etc/fstab")
        self.host.run("rm", "/etc/issue.net")
        self.host.run("ln", "-s", "nowhere", "/etc/link")
        changes = self.host.etc().since(before)
        self.assertEqual([each.partition(":")[0] for each in changes],
                         ["new /etc/link", "gone /etc/issue.net", "changed /etc/fstab", "changed /etc/issue",
                          "changed /etc/motd", "new user nuovo", "new group nuovo"])
        self.assertIn("changed /etc/fstab: root:root 644 became root:mail 644", changes)
        self.assertIn("+another", changes[3])

    def test_the_tree_stays_clean(self):
        self.host.write("/etc/only-here", "x\n")
        with Host("other.alfa.example", Trees(RELEASE), MINIMAL) as other:
            self.assertEqual(other.run("sh", "-c", "test -e /etc/only-here || echo clean"), "clean\n")


class TwoHosts(unittest.TestCase):
    def test_they_reach_each_other_by_both_families_and_by_name(self):
        with Wire() as wire:
            with Host("left.example", Trees(RELEASE), MINIMAL, wire) as left, \
                    Host("right.example", Trees(RELEASE), MINIMAL, wire) as right:
                [address] = left.addresses
                wire.publish("left.example", address)
                left.boot()
                right.boot()
                self.assertNotEqual(*(each.read("/etc/machine-id") for each in (left, right)))
                for family, wanted in (("ahostsv4", address.v4), ("ahostsv6", address.v6)):
                    found = right.run("getent", family, "left.example")
                    self.assertEqual(found.split()[0], wanted)
                with self.assertRaises(CommandError):
                    right.run("getent", "hosts", "nobody.example")


class Ending(unittest.TestCase):
    def test_nothing_stays_of_a_test_that_is_killed(self):
        test = subprocess.Popen([sys.executable, "-c", BOOT_AND_TELL], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                text=True)
        self.addCleanup(test.wait)
        pids = [int(each) for each in test.stdout.readline().split()]
        self.assertEqual(len(pids), 2)
        self.assertTrue(all(stat_of(pid) for pid in pids))
        test.send_signal(signal.SIGKILL)
        wait_until(lambda: not any(stat_of(pid) for pid in pids), "all have ended", patience=20)
        test.stdin.close()
        test.stdout.close()
        self.assertNotIn(str(Trees(RELEASE).mount_point), Path("/proc/self/mounts").read_text())
        with Enclosure():  # it takes away the groups that the killed one has left
            pass
        with Enclosure() as now:
            groups = [name for name in now.run("ls", "/sys/fs/cgroup").split() if name.startswith(GROUPS)]
        self.assertNotIn(f"{GROUPS}{pids[0]}", groups)

    def test_close_ends_all(self):
        host = Host("brief.example", Trees(RELEASE), MINIMAL)
        host.boot()
        pid = host.enclosure.pid
        host.close()
        self.assertIsNone(stat_of(pid))


class Differences(unittest.TestCase):
    def test_a_link_is_not_followed(self):
        etc = temporary_folder(self.addCleanup)
        (etc / "passwd").write_text("root:x:0:0:::\n")
        (etc / "group").write_text("root:x:0:\n")
        (etc / "away").symlink_to("/nowhere/at/all")
        before = EtcState.of(etc)
        (etc / "away").unlink()
        (etc / "away").symlink_to("/elsewhere")
        [change] = EtcState.of(etc).since(before)
        self.assertTrue(change.startswith("changed /etc/away: "), change)


if __name__ == "__main__":
    unittest.main(verbosity=2)
