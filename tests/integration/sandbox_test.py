# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/sandbox itself: what it promises to the demo, to the tests and to anybody who calls it."""

import json
import os
import shutil
import unittest
from pathlib import Path

from support import harness
from support.box import run_sandbox
from support.folders import temporary_folder
from support.paths import BUILD_DIR
from support.processes import Programs

PROGRAMS = ("policyd/pec-policyd", "scanner/pec-scanner", "pecctl/pecctl")
PLUGINS = ("dovecot-plugin/lib99_pec_plugin.so", "dovecot-plugin/lib20_pec_limits_plugin.so")


def processes_below(directory: Path) -> list[str]:
    """Command lines of all processes that name the directory."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if str(directory) in command:
                found.append(command)
    return found


def setUpModule():
    global box
    box = harness.sandbox("passthrough")


class Case(unittest.TestCase):
    def new_directory(self) -> Path:
        folder = temporary_folder(self.addCleanup)
        folder.chmod(0o755)
        return folder / "s"

    def up(self, directory: Path, *options) -> dict:
        done = run_sandbox("up", directory, "--milter", "passthrough", *options)
        self.addCleanup(run_sandbox, "down", directory)
        self.assertEqual(done.returncode, 0, done.stdout)
        return json.loads((directory / "sandbox.json").read_text())

    def down(self, directory: Path) -> None:
        done = run_sandbox("down", directory)
        self.assertEqual(done.returncode, 0, done.stdout)


class UpAndDown(Case):
    def setUp(self):
        self.directory = self.new_directory()

    def test_nothing_is_left_of_one_that_is_down(self):
        self.up(self.directory)
        self.assertTrue(processes_below(self.directory))
        members = Programs(self.directory / "processes.json").members()
        self.down(self.directory)
        self.assertEqual(processes_below(self.directory), [])
        self.assertEqual([pid for pid in members if Path(f"/proc/{pid}/exe").exists()], [])

    def test_comes_up_again_where_it_was_taken_down(self):
        self.up(self.directory)
        self.down(self.directory)
        self.up(self.directory)

    def test_foreign_files_are_left_alone(self):
        self.directory.mkdir()
        letter = self.directory / "letter"
        letter.write_text("mine")
        refused = run_sandbox("up", self.directory, "--milter", "passthrough")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("not empty", refused.stdout)
        self.assertEqual(letter.read_text(), "mine")

    def test_works_from_a_build_folder_that_only_root_can_enter(self):
        # As below /root, where the milter's own user can't follow.
        private = self.directory.with_name("build")
        private.mkdir(mode=0o700)
        for program in (*PLUGINS, *PROGRAMS,
                        "tests/support/passthrough_milter/passthrough_milter"):
            (private / program).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(BUILD_DIR / program, private / program)
        self.up(self.directory, "--build-dir", private)

    def test_a_failed_start_leaves_nothing_running_and_shows_the_logs(self):
        # A milter that ends at once: everything else has been started by then.
        broken = self.directory.with_name("build")
        for program, is_link in (*((file, True) for file in (*PLUGINS, *PROGRAMS)),
                                 ("milter/pec-milter", False)):
            path = broken / program
            path.parent.mkdir(parents=True, exist_ok=True)
            if is_link:
                path.symlink_to(BUILD_DIR / program)
            else:
                path.write_text("#!/bin/sh\necho 'no key today' >&2\nexit 1\n")
                path.chmod(0o755)
        failed = run_sandbox("up", self.directory, "--build-dir", broken)
        self.assertEqual(failed.returncode, 1)
        self.assertIn("pec-milter-alfa ended", failed.stdout)
        self.assertIn("no key today", failed.stdout)
        self.assertEqual(processes_below(self.directory), [])


class WhileItIsUp(Case):
    def test_sandbox_json_says_who_is_where(self):
        info = box.info
        self.assertEqual(set(info["providers"]), {"alfa", "beta"})
        for key, provider in info["providers"].items():
            self.assertEqual(provider["domain"], f"pec.{key}.example")
            self.assertEqual(len(provider["users"]), 3)
            self.assertTrue(all(user.endswith(f"@pec.{key}.example") for user in provider["users"]))
            self.assertIn("@", provider["service_mailbox"]["address"])
            for service in ("smtps", "submission", "mx", "imaps", "pop3s"):
                host, port = provider[service]
                self.assertTrue(host.startswith("127."), host)
                self.assertIsInstance(port, int)
            for file in ("maillog", "config"):
                self.assertTrue(Path(provider[file]).is_file(), provider[file])
            for name in ("postfix", "dovecot", "pec-milter", "pec-policyd", "pec-scanner"):
                self.assertTrue(Path(f"/proc/{provider['processes'][name]}/exe").exists(), name)
            directory = Path(info["directory_ldif"]).read_text()
            self.assertIn(f"providerName: {provider['provider_name']}\n", directory)
        self.assertEqual(info["ordinary"]["domain"], "ordinaria.example")
        self.assertTrue(Path(info["ordinary"]["maildir"]).is_dir())
        self.assertTrue(Path(info["ca_file"]).is_file())

    def test_our_programs_run_as_users_without_rights(self):
        for name in ("pec-milter", "pec-policyd", "pec-scanner"):
            status = Path(f"/proc/{box.info['providers']['alfa']['processes'][name]}/status")
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
            self.assertNotIn("0", fields["Uid"].split() + fields["Gid"].split())
            self.assertEqual(fields["Groups"].split(), [])

    def test_another_one_comes_and_goes_beside_it(self):
        other = self.new_directory()
        self.assertNotEqual(self.up(other)["providers"]["alfa"]["mx"], box.alfa.info["mx"])
        self.down(other)
        sender, recipient = box.alfa.users[0], box.beta.users[0]
        box.alfa.submit(sender, [recipient], b"Message-ID: <side@by.side>\r\n\r\nstill there\r\n")
        box.beta.wait_for(recipient, 1, containing=b"<side@by.side>")

    def test_its_directory_is_taken(self):
        again = run_sandbox("up", box.directory, "--milter", "passthrough")
        self.assertEqual(again.returncode, 1)
        self.assertIn("take it down first", again.stdout)


if __name__ == "__main__":
    harness.main()
