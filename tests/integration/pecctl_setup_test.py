# SPDX-License-Identifier: GPL-2.0-or-later
"""`pecctl setup files` and `pecctl setup files --dry-run`: Postfix's and Dovecot's files as pec.toml has them, and what
somebody has changed by hand. That Postfix and Dovecot work with them: every sandbox. Postfix's own postconf and
Dovecot's doveconf read them here."""

import subprocess
import unittest
from pathlib import Path

from support.folders import temporary_folder
from support.options import set_options
from support.paths import BUILD_DIR, ROOT

CONFIG = """\
[provider]
name = "PEC Alfa S.p.A."
domain = "pec.alfa.example"
certificate_file = "{0}/crt"
key_file = "{0}/key"
service_mailbox = "ricevute@pec.alfa.example"
[trust]
ca_file = "{0}/ca"
[directory]
source = "ldif:{0}/directory.ldif"
[ledger]
connection = "sqlite3://{0}/ledger.db"
[internal]
secret_file = "{0}/internal.secret"
delivery_secret_file = "{0}/delivery.secret"
[site]
host_name = "mx.pec.alfa.example"
tls_certificate_file = "{0}/tls.crt"
tls_key_file = "{0}/tls.key"
operators_mailbox = "gestione@pec.alfa.example"
postfix_dir = "{0}/postfix-pec"
dovecot_dir = "{0}/dovecot-pec"
"""


class Setup(unittest.TestCase):
    def setUp(self):
        self.folder = temporary_folder(self.addCleanup)
        for name in ("postfix-pec", "dovecot-pec", "postfix", "dovecot"):
            (self.folder / name).mkdir()
        self.config = self.folder / "pec.toml"
        self.config.write_text(CONFIG.format(self.folder))

    def pecctl(self, *arguments, status=0) -> str:
        done = subprocess.run([BUILD_DIR / "pecctl" / "pecctl", "--config", self.config, "setup", *arguments,
                               "--templates", ROOT], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
        self.assertEqual(done.returncode, status, done.stdout)
        return done.stdout

    def postconf(self, name: str) -> str:
        done = subprocess.run(["/usr/sbin/postconf", "-c", self.folder / "postfix-pec", "-h", name],
                              capture_output=True, text=True, check=True)
        self.assertEqual(done.stderr, "")
        return done.stdout.strip()

    def doveconf(self, *names: str) -> str:
        done = subprocess.run(["doveconf", "-h", "-c", self.folder / "dovecot-pec/dovecot.conf", *names],
                              capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def files(self) -> dict[Path, str]:
        return {path: path.read_text() for name in ("postfix-pec", "dovecot-pec")
                for path in (self.folder / name).iterdir()}

    def test_files_are_made_once(self):
        made = self.pecctl("files")
        self.assertIn(f"{self.folder}/postfix-pec/main.cf: made\n", made)
        self.assertEqual(self.postconf("myhostname"), "mx.pec.alfa.example")
        self.assertEqual(self.postconf("inet_interfaces"), "all")
        settings = subprocess.run(["doveconf", "-n", "-c", self.folder / "dovecot-pec/dovecot.conf"],
                                  capture_output=True, text=True, check=False).stdout
        self.assertIn("base_dir = /run/dovecot-pec\n", settings)
        self.assertIn(f"args = {self.folder}/dovecot-pec/pec-accounts-sqlite.conf.ext", settings)
        before = self.files()
        again = self.pecctl("files")
        self.assertEqual({line.rpartition(": ")[2] for line in again.splitlines()}, {"as it was"})
        self.assertEqual(self.files(), before)
        self.assertEqual(self.pecctl("files", "--dry-run"), "all files are as pec.toml says\n")

    def test_a_change_of_pec_toml_is_shown_and_made(self):
        self.pecctl("files")
        set_options(self.config, site={"addresses": "192.0.2.1 2001:db8::1"})
        before = self.files()
        shown = self.pecctl("files", "--dry-run", status=1)
        self.assertIn("\n-inet_interfaces = all\n+inet_interfaces = 192.0.2.1, 2001:db8::1\n", shown)
        self.assertIn("\n-listen = *, ::\n+listen = 192.0.2.1, 2001:db8::1\n", shown)
        self.assertNotIn("by hand", shown)
        self.assertEqual(self.files(), before)
        self.assertIn("main.cf: changed\n", self.pecctl("files"))
        self.assertEqual(self.postconf("inet_interfaces"), "192.0.2.1, 2001:db8::1")

    def test_the_sites_own_lines(self):
        (self.folder / "postfix/main.cf").write_text("# Ours.\nqueue_run_delay = 5s\n")
        (self.folder / "postfix/master.cf").write_text("ours unix - - n - - smtp\n")
        (self.folder / "dovecot/local.conf").write_text("mail_max_userip_connections = 77\n")
        self.pecctl("files")
        self.assertEqual(self.postconf("queue_run_delay"), "5s")
        services = subprocess.run(["/usr/sbin/postconf", "-c", self.folder / "postfix-pec", "-M", "ours/unix"],
                                  capture_output=True, text=True, check=True).stdout
        self.assertRegex(services, r"^ours +unix ")
        self.assertEqual(self.doveconf("mail_max_userip_connections"), "77")

    def log_names(self) -> set[str]:
        """Those that master.cf gives, up to the first slash."""
        lines = subprocess.run(["/usr/sbin/postconf", "-c", self.folder / "postfix-pec", "-Px", "*/*/syslog_name"],
                               capture_output=True, text=True, check=True).stdout.splitlines()
        self.assertGreater(len(lines), 9)
        return {line.rpartition(" = ")[2].partition("/")[0] for line in lines}

    def test_postfix_logs_under_the_instances_name(self):
        self.pecctl("files")
        self.assertEqual(self.postconf("multi_instance_name"), "postfix-pec")
        self.assertEqual(self.log_names(), {"postfix-pec"})
        (self.folder / "postfix/main.cf").write_text("multi_instance_name =\n")
        self.pecctl("files")
        self.assertEqual(self.log_names(), {"postfix"})

    def test_what_somebody_has_changed_by_hand_stays(self):
        self.pecctl("files")
        file = self.folder / "postfix-pec/main.cf"
        mine = file.read_text() + "biff = yes\n"
        file.write_text(mine)
        set_options(self.config, site={"mailbox_quota": "2G"})
        shown = self.pecctl("files", "--dry-run", status=1)
        self.assertIn(f"{file} was changed by hand\n", shown)
        self.assertIn("\n-biff = yes\n", shown)
        refused = self.pecctl("files", status=1)
        self.assertIn(f"pecctl: {file} was changed by hand, and stays: move your lines to the site's own", refused)
        self.assertEqual(file.read_text(), mine)
        self.assertIn("99-pec.conf: changed\n", refused)  # the others don't wait for it
        self.assertIn(f"{file}: changed\n", self.pecctl("files", "--overwrite"))
        self.assertNotIn("biff = yes", file.read_text())
        self.assertEqual(file.with_name("main.cf.edited").read_text(), mine)

    def test_passwords_are_for_the_programs_that_need_them(self):
        for name in ("postfix", "dovecot"):
            secret = self.folder / f"{name}.password"
            secret.write_text(f"{name}-geheim\n")
            secret.chmod(0o600)
        set_options(self.config, ledger={"connection": "postgresql://pec@db.alfa.example/pec"},
                    site={"ledger_reader_password_file": f"{self.folder}/postfix.password",
                          "accounts_reader_password_file": f"{self.folder}/dovecot.password"})
        shown = self.pecctl("files", "--dry-run", status=1)
        self.assertNotIn("geheim", shown)
        self.assertIn("pec-revoked-pgsql.cf differs; it holds a password\n", shown)
        self.pecctl("files")
        for path, content in self.files().items():
            kept = "geheim" in content
            self.assertEqual(kept, path.name in ("pec-revoked-pgsql.cf", "pec-mailboxes-pgsql.cf",
                                                 "pec-accounts-pgsql.conf.ext"), path)
            self.assertEqual(path.stat().st_mode & 0o777, 0o640 if kept else 0o644, path)
            if kept:
                self.assertEqual(path.group(), "dovecot" if "dovecot-pec" in str(path) else "postfix")

        edited = self.folder / "postfix-pec/pec-revoked-pgsql.cf"
        edited.write_text(edited.read_text() + "# mine\n")
        self.pecctl("files", "--overwrite")
        kept = edited.with_name("pec-revoked-pgsql.cf.edited")
        self.assertIn("geheim", kept.read_text())
        self.assertEqual((kept.stat().st_mode & 0o777, kept.group()), (0o640, "postfix"))

    def test_managesieve_is_there_if_the_site_has_a_port_for_it(self):
        port = "service/managesieve-login/inet_listener/sieve/port"
        self.pecctl("files")
        self.assertNotIn("sieve", self.doveconf("protocols").split())
        set_options(self.config, site={"managesieve_port": 4190})
        self.pecctl("files")
        self.assertIn("sieve", self.doveconf("protocols").split())
        self.assertEqual(self.doveconf(port), "4190")
        # What it leaves behind is out of use.
        set_options(self.config, site={"managesieve_port": 0})
        self.pecctl("files")
        self.assertNotIn("sieve", self.doveconf("protocols").split())

    def test_logins_are_counted_if_pec_policyd_listens_for_them(self):
        secret, nonce = self.folder / "logins.secret", self.folder / "logins-nonce.secret"
        for file, digits in ((secret, "1a" * 32), (nonce, "2b" * 32)):
            file.write_text(digits + "\n")
            file.chmod(0o400)
        self.pecctl("files")
        self.assertEqual(self.doveconf("auth_policy_server_url"), "")
        set_options(self.config, policy={"logins_listen": "127.0.0.1:10590", "logins_secret_file": str(secret)},
                    site={"logins_nonce_file": str(nonce)})
        self.pecctl("files")
        self.assertEqual(self.doveconf("auth_policy_server_url", "auth_policy_server_api_header",
                                       "auth_policy_hash_nonce").splitlines(),
                         ["http://127.0.0.1:10590/", f"X-PEC-Secret: {'1a' * 32}", "2b" * 32])
        file = self.folder / "dovecot-pec/pec-logins.conf.ext"
        self.assertEqual((file.stat().st_mode & 0o777, file.group()), (0o640, "dovecot"))
        file.write_text("")
        shown = self.pecctl("files", "--dry-run", status=1)
        self.assertIn(f"{file} differs; it holds a password\n", shown)
        nonce.unlink()
        self.assertIn(f"{nonce}", self.pecctl("files", status=1))
        # Nobody else may know it.
        nonce.write_text("2b" * 32)
        nonce.chmod(0o440)
        self.assertIn(f"chmod 600 {nonce}", self.pecctl("files", status=1))

    def test_what_is_missing_is_named(self):
        text = self.config.read_text()
        self.config.write_text(text.replace("host_name", "#host_name").replace("operators_mailbox", "#operators"))
        self.assertEqual(self.pecctl("files", status=1),
                         'pecctl: site.host_name is missing; write it, such as "mx.pec.alfa.example"\n'
                         'site.operators_mailbox is missing; write it, such as "gestione@pec.alfa.example"\n')
        self.assertEqual(self.files(), {})


if __name__ == "__main__":
    unittest.main(verbosity=2)
