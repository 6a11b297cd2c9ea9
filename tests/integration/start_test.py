# SPDX-License-Identifier: GPL-2.0-or-later
"""What pec-milter says when it can't start: one line that names the file and the remedy, and an
exit status that isn't 0. `--check` says the same without starting. Needs no root.
"""

import re
import shutil
import socket
import subprocess
import unittest
from pathlib import Path

from support.folders import temporary_folder
from support.pecctl_site import ALFA, built_program, entry, named, options_in, service_identity, write_config
from support.pki import Pki

DOMAIN = "pec.alfa.example"


def setUpModule():
    global good
    folder = temporary_folder(unittest.addModuleCleanup)
    folder.chmod(0o755)
    good = folder / "good"
    pki = Pki(good)
    pki.begin_signing("signing", ALFA, f"posta-certificata@{DOMAIN}")
    pki.begin_signing("stranger", ALFA, "posta-certificata@pec.beta.example")
    pki.finish()
    (good / "directory.ldif").write_text(entry(good / "signing.pem"))
    (good / "viruses").mkdir(mode=0o700)
    for secret in ("internal", "delivery"):
        (good / f"{secret}.secret").write_text(64 * "a" + "\n")
        (good / f"{secret}.secret").chmod(0o400)


class Start(unittest.TestCase):
    def setUp(self):
        folder = temporary_folder(self.addCleanup)
        self.site = folder / "site"
        shutil.copytree(good, self.site)
        self.config = self.site / "pec.toml"
        self.options = options_in(self.site)
        self.write_config()
        folder.chmod(0o755)

    def write_config(self, extra: str = "", **changes: str | None) -> None:
        """`provider__name="x"` sets an option, None leaves it out."""
        write_config(self.config, self.options | named(changes), extra)

    def run_program(self, *arguments, run: Path | None = None) -> subprocess.CompletedProcess:
        identity = service_identity(self.site, *self.site.iterdir())
        program = run or built_program("milter/pec-milter")
        return subprocess.run([program, "--config", self.config, *arguments], **identity, cwd="/",
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60,
                              check=False)

    def assert_complaint(self, file: Path | str, remedy: str, both: bool = True) -> None:
        """`remedy`: a pattern. `both`: --check knows it, too."""
        for arguments in ([], ["--check"]) if both else ([],):
            with self.subTest(arguments=arguments):
                done = self.run_program(*arguments)
                self.assertGreater(done.returncode, 0, done)
                self.assertEqual(done.stdout, "")
                self.assertRegex(done.stderr, r"\Apec-milter: [^\n]+\n\Z")
                self.assertIn(str(file), done.stderr)
                self.assertRegex(done.stderr, remedy)


class Good(Start):
    def test_check_says_so(self):
        done = self.run_program("--check")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)

    def test_check_does_not_listen(self):
        self.run_program("--check")
        self.assertFalse((self.site / "socket").exists())


class Configuration(Start):
    def test_missing(self):
        self.config.unlink()
        self.assert_complaint(self.config, "No such file or directory; put it there, or correct")

    def test_unreadable(self):
        self.config.chmod(0)
        self.assert_complaint(self.config, "Permission denied; let the user of this program read it")

    def test_not_toml(self):
        self.write_config(extra="[provider\n")
        self.assert_complaint(self.config, r":\d+:\d+: .*correct the syntax \(TOML\)")

    def test_unknown_option(self):
        self.write_config(provider__time_zome="Europe/Rome")
        self.assert_complaint(self.config, r":\d+:\d+: unknown option provider.time_zome; "
                                           r"did you mean provider.time_zone\?")

    def test_unknown_section(self):
        self.write_config(legder__connection="x")
        self.assert_complaint(self.config, r"unknown section \[legder\]; did you mean \[ledger\]\?")

    def test_required_option_missing(self):
        self.write_config(provider__key_file=None)
        self.assert_complaint(self.config, "provider.key_file is missing; write key_file = ")

    def test_not_a_string(self):
        self.write_config(extra="level = 3\n")
        self.assert_complaint(self.config, "log.level is not a string; write it in double quotes")

    def test_not_a_choice(self):
        self.write_config(log__level="loud")
        self.assert_complaint(self.config, "log.level is not a choice; write one of debug")

    def test_relative_path(self):
        self.write_config(trust__ca_file="ca.pem")
        self.assert_complaint(self.config, "trust.ca_file is not an absolute path; write one")

    def test_unknown_time_zone(self):
        self.write_config(provider__time_zone="Europe/Roma")
        self.assert_complaint(self.config, '"Europe/Roma" is not known.*correct provider.time_zone')

    def test_every_mistake_is_named_at_once(self):
        self.write_config(provider__domain="alfa", milter__socket="8899")
        done = self.run_program("--check")
        self.assertEqual(len(done.stderr.splitlines()), 2, done.stderr)


class Files(Start):
    # Each file, and what is said when it holds something else.
    NAMES = {
        "signing.pem": "no certificate in PEM form: if it is DER, convert it",
        "signing.key": "no private key in PEM form .*: give the key that belongs to",
        "ca.pem": "no certificate in PEM form: if it is DER, convert it",
        "directory.ldif": "line 1: .*",
        "internal.secret": "not hold a secret of 64 hexadecimal digits; make one with",
        "delivery.secret": "not hold a secret of 64 hexadecimal digits; make one with",
    }

    def test_missing(self):
        for name in self.NAMES:
            with self.subTest(name):
                (self.site / name).rename(self.site / "away")
                self.assert_complaint(self.site / name, "No such file or directory; put .* there")
                (self.site / "away").rename(self.site / name)

    def test_unreadable(self):
        for name in self.NAMES:
            with self.subTest(name):
                mode = (self.site / name).stat().st_mode
                (self.site / name).chmod(0)
                self.assert_complaint(self.site / name,
                                      "Permission denied; let the user of this program read it")
                (self.site / name).chmod(mode)

    def test_something_else(self):
        for name, remedy in self.NAMES.items():
            with self.subTest(name):
                path = self.site / name
                path.chmod(0o600)
                kept = path.read_bytes()
                path.write_text("this is none\n")
                self.assert_complaint(path, remedy)
                path.write_bytes(kept)

    def test_secrets_open_to_others(self):
        for name in ("signing.key", "internal.secret", "delivery.secret"):
            with self.subTest(name):
                path = self.site / name
                path.chmod(0o644)
                self.assert_complaint(path, f'run "chmod 600 {path}"')
                path.chmod(0o600)

    def test_others_may_write(self):
        notify = self.site / "notify"
        notify.write_text("#!/bin/sh\n")
        notify.chmod(0o755)
        self.write_config(policy__notify_command=str(notify))
        for path in (self.config, self.site / "ca.pem", self.site / "directory.ldif",
                     self.site / "signing.pem", notify, self.site):
            with self.subTest(path.name):
                mode = path.stat().st_mode
                path.chmod(0o777)
                self.assert_complaint(path, f'run "chmod go-w {path}"')
                path.chmod(mode)

    def test_what_policyd_and_the_scanner_read(self):
        """They look for themselves: they may run where pec-milter doesn't."""
        for name in ("policyd/pec-policyd", "scanner/pec-scanner"):
            with self.subTest(name):
                self.config.chmod(0o666)
                done = self.run_program(run=built_program(name))
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertEqual(
                    done.stderr,
                    f"{Path(name).name}: {self.config} may be written by others than its owner: "
                    f'run "chmod go-w {self.config}" (the configuration)\n')

    def test_key_with_a_passphrase(self):
        key = self.site / "signing.key"
        subprocess.run(["openssl", "pkey", "-in", self.site / "stranger.key", "-aes256", "-passout",
                        "pass:x", "-out", key], check=True)
        key.chmod(0o400)
        self.assert_complaint(key, "has a passphrase: remove it with")

    def test_key_of_another_certificate(self):
        shutil.copy(self.site / "stranger.key", self.site / "signing.key")
        self.assert_complaint(self.site / "signing.key", "does not belong to .*: give the pair")

    def test_certificate_of_another_provider(self):
        """RFC 6109, 5.5: its subjectAltName is the address that messages come from."""
        for kind in ("pem", "key"):
            shutil.copy(self.site / f"stranger.{kind}", self.site / f"signing.{kind}")
        (self.site / "directory.ldif").write_text(entry(self.site / "signing.pem"))
        self.assert_complaint(self.site / "signing.pem",
                              "is for posta-certificata@pec.beta.example.*correct provider.domain")

    def test_directory_without_us(self):
        """RFC 6109, 4.5"""
        for name, text in (
            ("empty", ""),
            ("somebody else", entry(self.site / "stranger.pem", "PEC Beta S.r.l.", "pec.beta.example")),
            ("our domain is another's", entry(self.site / "signing.pem", "PEC Beta S.r.l.")),
            ("our certificate isn't in it", entry(self.site / "stranger.pem")),
        ):
            with self.subTest(name):
                (self.site / "directory.ldif").write_text(text)
                self.assert_complaint(self.site / "directory.ldif", "correct|put")

    def test_directory_from_a_server(self):
        """RFC 6109, 4.5: what keeps it from being read."""
        down = f"ldapi://{str(self.site).replace('/', '%2F')}%2Fldapi"
        for source, options, remedy in (
            (down, {}, "Can't contact LDAP server; see that the server runs and answers"),
            (down, {"bind_dn": "cn=reader"}, "directory.bind_password_file go together"),
            ("ldaps://127.0.0.1:1", {}, r"name a PEM file .* \(directory.ca_file\)"),
            ("ldaps://127.0.0.1:1", {"ca_file": f"{self.site}/none.pem"}, "no TLS .* correct directory.ca_file"),
            ("ldaps://127.0.0.1:1", {"ca_file": f"{self.site}/ca.pem"}, "see that the server runs"),
        ):
            with self.subTest(source, options=options):
                self.write_config(directory__source=source, **{
                    f"directory__{name}": value for name, value in options.items()})
                self.assert_complaint("directory." if "bind_dn" in options else source, remedy)

    def test_folders(self):
        nowhere = self.site / "nowhere"
        self.write_config(milter__temp_dir=str(nowhere))
        self.assert_complaint(nowhere, "make the folder, .* or correct milter.temp_dir")
        self.write_config(ledger__connection=f"sqlite3://{nowhere}/ledger.db")
        self.assert_complaint(nowhere, "create its folder, .*, or correct ledger.connection")
        self.write_config(antivirus__store_dir=str(nowhere))
        self.assert_complaint(nowhere, "make it")
        self.write_config(antivirus__store_dir=str(nowhere), antivirus__engine="none")
        self.assertEqual(self.run_program("--check").returncode, 0)

    def test_tables_of_aliases(self):
        (self.site / "main.cf").write_text("compatibility_level = 3.6\n")  # postmap wants one
        (self.site / "aliases").write_text("info@pec.alfa.example anna@pec.alfa.example\n")
        options = {"aliases__postfix_config": str(self.site)}
        self.write_config(**options, aliases__tables=f"texthash:{self.site}/aliases")
        self.assertEqual(self.run_program("--check").returncode, 0)
        nowhere = f"texthash:{self.site}/nowhere"
        self.write_config(**options, aliases__tables=f"texthash:{self.site}/aliases {nowhere}")
        self.assert_complaint(nowhere, "No such file or directory; repair the table, let the service's "
                                       "user read it, or correct aliases.tables")
        self.write_config(**options, aliases__tables="/etc/aliases")
        self.assert_complaint(self.config, "aliases.tables holds \"/etc/aliases\", which is not a table of Postfix; "
                                           "write its type and its name, such as lmdb:/etc/pec/postfix/aliases")
        self.write_config(**options, aliases__tables=nowhere, aliases__postmap="/nowhere/postmap")
        self.assert_complaint("/nowhere/postmap", "let the service's user execute it, or correct "
                                                  "aliases.postmap")

    def test_socket_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as holder:
            address = f"inet:{holder.getsockname()[1]}@127.0.0.1"
            self.write_config(milter__socket=address)
            done = self.run_program()
        self.assertGreater(done.returncode, 0)
        self.assertRegex(done.stderr, f"{self.config}: can't listen on {re.escape(address)}: correct milter.socket")


if __name__ == "__main__":
    unittest.main(verbosity=2)
