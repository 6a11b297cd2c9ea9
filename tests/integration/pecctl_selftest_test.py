# SPDX-License-Identifier: GPL-2.0-or-later
"""`pecctl selftest` on a provider that is up: all is good, and each damage is told by its own row, with the remedy,
while the other rows stay good."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from support import harness
from support.clamav import EICAR, literal, write_database
from support.options import set_options
from support.paths import BUILD_DIR
from support.people import anna
from support.processes import as_user
from support.provider import MILTER_UID
from support.waiting import wait_until

PATIENCE = 300
# The host of these tests may be one whose clock nobody keeps.
UNKNOWN = {"clock"}
# They ask many programs, or wait for mail.
SLOW = {"tables", "plugins", "ports", "message"}


def setUpModule():
    global box, names
    box = harness.sandbox()
    write_database(folder() / "clamav", "test.ndb", [literal("Test.Eicar", EICAR)])
    password = folder() / "probe.password"
    password.write_text(box.alfa.passwords[anna] + "\n")
    password.chmod(0o600)
    box.configure(box.alfa, site={"probe_mailbox": anna, "probe_password_file": str(password)})
    box.kill_scanner(box.alfa)
    box.start_scanner(box.alfa)
    names = {row["name"] for row in selftest()[1]} - UNKNOWN


def config() -> Path:
    return Path(box.alfa.info["config"])


def folder() -> Path:
    return config().parent


def run(*arguments, file: Path | None = None, **options) -> subprocess.CompletedProcess:
    command = [options.pop("program", BUILD_DIR / "pecctl" / "pecctl"), "--config", file or config(), "selftest"]
    return subprocess.run([*command, *arguments], capture_output=True, text=True, check=False, timeout=PATIENCE,
                          **options)


def selftest(only=(), file: Path | None = None, **options) -> tuple[int, list[dict]]:
    done = run("--json", *(["--only", *sorted(only)] if only else []), file=file, **options)
    if done.stderr:
        raise AssertionError(done.stderr)
    return done.returncode, json.loads(done.stdout)


class Good(harness.Case):
    def test_all_is_good_and_nothing_is_left(self):
        status, rows = selftest()
        self.assertEqual({row["name"]: (row["state"], row["remedy"]) for row in rows if row["name"] not in UNKNOWN},
                         {name: ("good", "") for name in names}, rows)
        self.assertGreater(len(names), 15)
        self.assertEqual(status, int(any(row["state"] == "bad" for row in rows)))
        with box.alfa.mailbox(anna) as mailbox:
            self.assertEqual(mailbox.all(), [])

    def test_no_virus_scanner_finds_the_test_virus_in_the_program(self):
        self.assertNotIn(EICAR, (BUILD_DIR / "pecctl" / "pecctl").read_bytes())

    def test_a_line_for_each(self):
        done = run("--only", "milter", "policy")
        self.assertEqual(done.returncode, 0)
        self.assertEqual([line.split()[:2] for line in done.stdout.splitlines()],
                         [["good", "config"], ["good", "milter"], ["good", "policy"]])
        self.assertIn(f"good  milter           unix:{box.alfa.info['milter']} answers\n", done.stdout)

    def test_what_only_root_can_see_is_off_for_the_service(self):
        program = shutil.copy(BUILD_DIR / "pecctl" / "pecctl", box.directory)
        status, rows = selftest(names - SLOW, program=program, **as_user(MILTER_UID))
        states = {row["name"]: row["state"] for row in rows}
        self.assertEqual({name for name, state in states.items() if state == "off"},
                         {"tls-certificate", "postfix", "dovecot"})
        self.assertEqual((status, {name for name, state in states.items() if state == "bad"}), (0, set()), rows)


class Damage(harness.Case):
    def changed(self, **sections) -> Path:
        """A pec.toml with these options, for pecctl alone."""
        file = folder() / "changed.toml"
        shutil.copy(config(), file)
        self.addCleanup(file.unlink, missing_ok=True)
        set_options(file, **sections)
        return file

    def assert_bad(self, expected: dict[str, str], file: Path | None = None) -> None:
        """These rows, each with a part of what is said; all others are as they were."""
        status, rows = selftest(names - SLOW | expected.keys(), file)
        self.assertEqual(status, 1)
        self.assertEqual({row["name"] for row in rows if row["state"] != "good"} - UNKNOWN, expected.keys(), rows)
        for row in rows:
            if row["name"] in expected:
                self.assertIn(expected[row["name"]], f"{row['found']}. {row['remedy']}")
                self.assertTrue(row["remedy"])

    def test_the_milter_is_away(self):
        box.stop_milter(box.alfa)
        self.addCleanup(box.start_milter, box.alfa)
        self.assert_bad({"milter": "Start pec-milter, and look at its log.", "message": "smtps at "})

    def test_the_policy_daemon_is_away(self):
        box.kill_policyd(box.alfa)
        self.addCleanup(box.start_policyd, box.alfa)
        self.assert_bad({"policy": "Start pec-policyd, and look at its log."})

    def test_the_scanner_is_away(self):
        box.kill_scanner(box.alfa)
        self.addCleanup(box.start_scanner, box.alfa)
        self.assert_bad({"antivirus": "Start pec-scanner"})

    def test_the_scanner_finds_nothing(self):
        def start_with(content: bytes) -> None:
            write_database(folder() / "clamav", "test.ndb", [literal("Test.Eicar", content)])
            box.kill_scanner(box.alfa)
            box.start_scanner(box.alfa)

        self.addCleanup(start_with, EICAR)
        start_with(os.urandom(16))
        self.assert_bad({"antivirus": "it does not find the test virus"})

    def test_revocation_lists_that_have_ended(self):
        pki, crl = box.ca_file.parent, folder() / "late.crl"
        subprocess.run(["openssl", "ca", "-config", pki / "crl.cnf", "-gencrl", "-cert", box.ca_file, "-keyfile",
                        pki / "ca.key", "-crl_lastupdate", "20260101000000Z", "-crl_nextupdate", "20260201000000Z",
                        "-out", crl], check=True, capture_output=True)
        self.assert_bad({"revocation": "counted until 2026-02-01"}, self.changed(trust={"crl_file": str(crl)}))

    def test_keys_of_other_certificates(self):
        pki = box.ca_file.parent
        self.assert_bad({"signing": "does not belong to the first certificate",
                         "tls-certificate": "does not belong to the first certificate"},
                        self.changed(provider={"key_file": str(pki / "beta-signing.key")},
                                     site={"tls_key_file": str(pki / "beta-tls.key")}))

    def test_a_key_that_strangers_can_read(self):
        key = shutil.copy(box.ca_file.parent / "alfa-signing.key", folder() / "open.key")
        Path(key).chmod(0o644)
        self.assert_bad({"files": "chmod"}, self.changed(provider={"key_file": str(key)}))

    def test_a_password_that_strangers_can_read(self):
        password = Path(shutil.copy(folder() / "probe.password", folder() / "open.password"))
        password.chmod(0o644)
        self.assert_bad({"files": f"{password} is open to others"},
                        self.changed(site={"probe_password_file": str(password)}))

    def test_another_host_name(self):
        self.assert_bad({"tls-certificate": "is not for mx.altra.example", "ports": "imaps at "},
                        self.changed(site={"host_name": "mx.altra.example"}))

    def test_an_authority_that_nobody_trusts(self):
        own = folder() / "own.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-subj", "/CN=x", "-keyout",
                        os.devnull, "-out", own], check=True, capture_output=True)
        self.assert_bad({"ports": "certificate"}, self.changed(site={"tls_ca_file": str(own)}))

    def test_a_table_that_is_missing(self):
        table = Path(box.alfa.info["postfix_config"]) / "site_transport_maps"
        away = table.rename(table.with_name("away"))
        self.addCleanup(away.rename, table)
        self.assert_bad({"tables": f"texthash:{table}: "})

    def test_a_directory_without_us(self):
        entries = Path(box.info["directory_ldif"]).read_text().split("\n\n")
        ldif = folder() / "without.ldif"
        ldif.write_text("\n\n".join(entry for entry in entries if "PEC Alfa" not in entry) + "\n")
        self.assert_bad({"directory": "PEC Alfa"}, self.changed(directory={"source": f"ldif:{ldif}"}))

    def test_a_ledger_that_is_not_there(self):
        self.assert_bad({"ledger": "root doesn't create it"},
                        self.changed(ledger={"connection": f"sqlite3://{folder()}/milter/none.db"}))

    def test_little_room_and_no_quota(self):
        self.assert_bad({"disk": "MB free, less than", "quota": "none.sock"},
                        self.changed(antivirus={"min_free_space": 1 << 40},
                                     quota={"dovecot_socket": f"{folder()}/none.sock"}))

    def test_postfix_does_not_run(self):
        etc = shutil.copytree(box.alfa.info["postfix_config"], folder() / "stopped")
        for name in ("queue", "data"):
            (etc / name / "pid").mkdir(parents=True)
            shutil.chown(etc / name, "postfix")
        subprocess.run(["/usr/sbin/postconf", "-c", etc, "-e", f"queue_directory={etc}/queue",
                        f"data_directory={etc}/data"], check=True)
        self.assert_bad({"postfix": "it does not run. Start the instance"},
                        self.changed(site={"postfix_dir": str(etc)}))

    def test_postfixs_settings_are_wrong(self):
        etc = shutil.copytree(box.alfa.info["postfix_config"], folder() / "wrong")
        with open(etc / "main.cf", "a", encoding="utf-8") as file:
            file.write("no_such_parameter = 1\n")
        self.assert_bad({"postfix": "no_such_parameter"}, self.changed(site={"postfix_dir": str(etc)}))

    def test_a_wrong_password(self):
        wrong = folder() / "wrong.password"
        wrong.write_text("geraten\n")
        wrong.chmod(0o600)
        self.assert_bad({"message": "imaps at "}, self.changed(site={"probe_password_file": str(wrong)}))

    def test_no_probe_mailbox(self):
        status, rows = selftest(["message"], self.changed(site={"probe_mailbox": ""}))
        self.assertEqual((status, rows[1]["state"], rows[1]["found"]), (0, "off", "site.probe_mailbox is not set"))

    def test_wrong_options(self):
        file = self.changed(site={"imaps_port": 0})
        status, rows = selftest(file=file)
        self.assertEqual((status, [(row["name"], row["state"]) for row in rows]), (1, [("config", "bad")]))
        self.assertIn("imaps_port", rows[0]["found"])
        self.assertIn("nothing else can be looked at", rows[0]["remedy"])


class WithoutDovecot(harness.Case):
    """The last: it does not come back."""

    def states(self, *only) -> dict[str, str]:
        return {row["name"]: row["state"] for row in selftest(only)[1]}

    def test_1_a_plugin_is_of_another_version(self):
        plugin = folder() / "dovecot" / "modules" / "lib99_pec_plugin.so"
        binary = plugin.resolve().read_bytes()
        self.assertIn(b"2.3.ABI", binary)
        plugin.unlink()
        plugin.write_bytes(binary.replace(b"2.3.ABI", b"9.9.ABI"))
        subprocess.run(["/usr/bin/doveadm", "-c", box.alfa.info["dovecot_config"], "reload"], check=True)
        wait_until(lambda: self.states("plugins")["plugins"] == "bad", "a bad plugin is found out")
        self.assertEqual(self.states("plugins", "dovecot", "quota"),
                         {"config": "good", "plugins": "bad", "dovecot": "good", "quota": "good"})

    def test_2_dovecot_is_away(self):
        box.programs.stop(box.alfa.info["dovecot_name"])
        status, rows = selftest(["dovecot", "quota", "postfix"])
        self.assertEqual(status, 1)
        self.assertEqual({row["name"]: row["state"] for row in rows},
                         {"config": "good", "postfix": "good", "dovecot": "bad", "quota": "bad"}, rows)
        self.assertIn("Start the instance (systemctl start dovecot-pec)", str(rows))


if __name__ == "__main__":
    harness.main()
