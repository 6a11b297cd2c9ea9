# SPDX-License-Identifier: GPL-2.0-or-later
"""pecctl crl update: which lists of revoked certificates are fetched, and which are put in place; and
what pec-milter says of those that are late.

The authorities' web servers are Python's own; the file that comes out is read by the openssl
command. Needs no root.
"""

import itertools
import os
import re
import signal
import sqlite3
import subprocess
import unittest
from contextlib import closing
from pathlib import Path

from start_test import entry
from support.authority import DAY, SIGNING, Authority, now
from support.pecctl_site import ALFA, BETA, PecctlCase, built_program, write_config
from support.provider import MILTER_UID
from support.waiting import wait_until
from support.web_server import WebServer, half_of, redirect_to


class Case(PecctlCase):
    def setUp(self):
        super().setUp()
        self.web = WebServer()
        self.web.__enter__()
        self.addCleanup(self.web.__exit__)
        self.root, self.other = Authority(self.site, "Root"), Authority(self.site, "Other")
        alfa = self.certificate(self.root, "alfa", ALFA, "/down.crl", "/root.crl")
        beta = self.certificate(self.other, "beta", BETA, "/other.crl")
        (self.site / "directory.ldif").write_text(
            entry(alfa, ALFA, "pec.alfa.example") + "\n" + entry(beta, BETA, "pec.beta.example"))
        (self.site / "ca.pem").write_bytes(self.root.certificate.read_bytes()
                                           + self.other.certificate.read_bytes())
        self.crl = self.site / "crl.pem"
        self.days = itertools.count(9)
        self.web.files = {"/root.crl": self.root.crl(), "/other.crl": self.other.crl()}
        self.write_config()

    def certificate(self, authority: Authority, name: str, provider: str, *paths: str) -> Path:
        urls = ", ".join(f"URI:{self.web.url(path)}" for path in paths)
        return authority.issue(name, f"/O={provider}/CN={provider}", [
            *SIGNING, f"subjectAltName = email:posta-certificata@pec.{name}.example",
            f"crlDistributionPoints = {urls}"]).certificate

    def write_config(self, **trust: str | Path) -> None:
        """Options of [trust]; of others as `directory__source`."""
        write_config(self.config, self.options | {"trust.crl_file": self.crl} | {
            name.replace("__", ".") if "__" in name else f"trust.{name}": value for name, value in trust.items()})

    def update(self, **identity) -> subprocess.CompletedProcess:
        return self.pecctl("crl", "update", **identity)

    def lists(self) -> dict[str, str]:
        """The common name of each list's authority, and its nextUpdate: openssl's reading."""
        found = {}
        for block in re.findall(r"-----BEGIN.*?-----END X509 CRL-----\n",
                                self.crl.read_text(), re.DOTALL):
            said = subprocess.run(["openssl", "crl", "-noout", "-issuer", "-nextupdate"], input=block,
                                  text=True, capture_output=True, check=True).stdout
            issuer, ends = said.splitlines()
            found[issuer.rpartition("= ")[2]] = ends.partition("=")[2]
        return found


class CrlUpdate(Case):
    def assert_complaints(self, done: subprocess.CompletedProcess, *patterns: str) -> None:
        self.assertEqual(done.returncode, 1, done)
        self.assertRegex(done.stderr, r"\A" + "".join(f"pecctl: {p}\n" for p in patterns) + r"\Z")

    def assert_unchanged(self, *patterns: str) -> None:
        """The list of Root is refused, and stays as it was; that of Other is taken all the same."""
        before = self.lists()["Root"]
        self.web.files["/other.crl"] = self.other.crl(ends=now() + next(self.days) * DAY)
        known = self.lists()["Other"]
        self.assert_complaints(self.update(), ".*/down.crl: .* HTTP 404 .*", *patterns)
        self.assertEqual(self.lists()["Root"], before)
        self.assertNotEqual(self.lists()["Other"], known)
        self.assertEqual(list(self.site.glob("crl.pem.*")), [])

    def test_the_lists_that_the_certificates_name(self):
        done = self.update()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"http://.*/root.crl: the CRL of O=Root, CN=Root counts until "
                                      r"[-0-9]+ [:0-9]+ UTC\n")
        self.assertEqual(set(self.lists()), {"Root", "Other"})
        self.assertEqual(self.crl.stat().st_mode & 0o777, 0o644)
        verified = subprocess.run(
            ["openssl", "verify", "-crl_check", "-CAfile", self.site / "ca.pem", "-CRLfile", self.crl,
             self.site / "Root-ca" / "alfa.pem"], text=True, capture_output=True, check=False)
        self.assertEqual(verified.returncode, 0, verified)

    def test_a_certificates_second_url_does_if_the_first_is_down(self):
        self.assertEqual(self.update().returncode, 0)
        self.assertIn("/down.crl", self.web.requests)

    def test_the_lists_that_the_administrator_names(self):
        self.web.files["/here.crl"] = self.other.crl()
        self.write_config(crl_urls=self.web.url("/here.crl"))
        self.assertEqual(self.update().returncode, 0)
        self.assertEqual(set(self.lists()), {"Other"})
        self.assertEqual(self.web.requests, ["/here.crl"])

    def test_named_by_the_administrator_they_come_before_there_is_a_directory(self):
        (self.site / "directory.ldif").unlink()
        self.write_config(crl_urls=self.web.url("/root.crl"))
        self.assertEqual(self.update().returncode, 0)
        self.assertEqual(set(self.lists()), {"Root"})

    def test_the_list_of_the_directorys_signer(self):
        """It is fetched although the directory can't be judged without it."""
        index = Authority(self.site, "Index")
        signer = index.issue("signer", "/O=Index/CN=Signer", [
            *SIGNING, f"crlDistributionPoints = URI:{self.web.url('/index.crl')}"])
        self.web.files["/index.crl"] = index.crl()
        file = self.site / "directory.ldif"
        file.write_bytes(subprocess.run(
            ["openssl", "cms", "-sign", "-binary", "-nodetach", "-outform", "DER", "-signer",
             signer.certificate, "-inkey", signer.key], input=file.read_bytes(), capture_output=True,
            check=True).stdout)
        self.write_config(directory__signer_ca_file=index.certificate,
                          directory__signer_subject="O=Index, CN=Signer")
        done = self.update()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(set(self.lists()), {"Root", "Other", "Index"})

    def test_a_newer_list_comes_in_the_place_of_the_older(self):
        self.assertEqual(self.update().returncode, 0)
        before = self.lists()
        self.web.files["/root.crl"] = self.root.crl(ends=now() + 14 * DAY)
        self.assertEqual(self.update().returncode, 0)
        after = self.lists()
        self.assertEqual(after["Other"], before["Other"])
        self.assertNotEqual(after["Root"], before["Root"])

    def test_nothing_new_writes_nothing(self):
        self.assertEqual(self.update().returncode, 0)
        before = self.crl.stat()
        self.assertEqual(self.update().returncode, 0)
        self.assertEqual(self.crl.stat().st_ino, before.st_ino)

    def test_bad_lists_leave_what_was_there(self):
        self.assertEqual(self.update().returncode, 0)
        good = self.web.files["/root.crl"]
        (self.site / "elsewhere").mkdir()
        impostor = Authority(self.site / "elsewhere", "Root")
        bad = {
            "changed on the way": (good[:-9] + bytes([good[-9] ^ 1]) + good[-8:],
                                   ".*/root.crl: a CRL of O=Root, CN=Root, but .* not signed .*"),
            "cut off": (good[:-20], ".*/root.crl: not a CRL: .*"),
            "a page": (b"<html>Welcome</html>", ".*/root.crl: not a CRL: .*"),
            "empty": (b"", ".*/root.crl: not a CRL: .*"),
            "by another": (impostor.crl(), ".*/root.crl: .* not signed with the authority's key.*"),
            "past its time": (self.root.crl(now() - 9 * DAY, now() - DAY),
                              ".*/root.crl: the CRL of O=Root, CN=Root counted until .*"),
            "of the future": (self.root.crl(now() + DAY, now() + 2 * DAY),
                              ".*/root.crl: .* which is in the future: .*"),
            "from before": (self.root.crl(now() - 3 * DAY), ".*/root.crl: .* older than the one in .*"),
        }
        for name, (content, pattern) in bad.items():
            with self.subTest(name):
                self.web.files["/root.crl"] = content
                self.assert_unchanged(pattern)

    def test_bad_answers_leave_what_was_there(self):
        self.assertEqual(self.update().returncode, 0)
        good = self.web.files["/root.crl"]
        self.web.files["/elsewhere"] = good
        bad = {
            "half": (half_of(good), ".*/root.crl: .*"),
            "redirect": (redirect_to("/elsewhere"),
                         ".*/root.crl: the server sends us on to http://.*/elsewhere .HTTP 302.*"),
            "too large": (good + bytes(65 << 20), ".*/root.crl: the file is larger than 67108864 .*"),
        }
        for name, (content, pattern) in bad.items():
            with self.subTest(name):
                self.web.files["/root.crl"] = content
                self.assert_unchanged(pattern)
        self.assertNotIn("/elsewhere", self.web.requests)

    def test_a_list_of_somebody_who_is_not_trusted(self):
        (self.site / "ca.pem").write_bytes(self.root.certificate.read_bytes())
        self.assert_complaints(self.update(), ".*/other.crl: a CRL of O=Other, CN=Other, but that "
                                              "authority is not trusted: .*")
        self.assertEqual(set(self.lists()), {"Root"})

    def test_a_damaged_file_is_not_written_over(self):
        self.crl.write_text("rubbish\n")
        self.assert_complaints(self.update(), f"{self.crl} holds no CRL in PEM form: .*")
        self.assertEqual(self.crl.read_text(), "rubbish\n")

    def test_http_alone_is_spoken(self):
        """What else certificates name is passed over: a list over HTTPS would need one itself."""
        points = "URI:https://crl.example/a.crl, URI:ldap://crl.example/cn=a"
        alone = self.root.issue("alone", f"/O={ALFA}/CN=alone",
                                [*SIGNING, f"crlDistributionPoints = {points}"]).certificate
        (self.site / "directory.ldif").write_text(entry(alone, ALFA, "pec.alfa.example"))
        self.assert_complaints(self.update(), "no certificate in the directory says where its "
                                              "authority's CRL is: .*")
        self.assertFalse(self.crl.exists())

    def test_no_file_is_configured(self):
        self.write_config(crl_file="")
        self.assert_complaints(self.update(), ".*: trust.crl_file names no file to keep CRLs in")

    def test_root_writes_it_as_the_services_user(self):
        if os.geteuid() != 0:
            self.skipTest("only root can be root")
        self.assertEqual(self.update(user=0, group=0).returncode, 0)
        self.assertEqual((self.crl.stat().st_uid, self.crl.stat().st_gid), (MILTER_UID, MILTER_UID))


class Late(Case):
    """A list is past its time: pec-milter tells operators, and goes on for a while (RFC 6109, 2.2.2)."""

    def setUp(self):
        super().setUp()
        (self.site / "delivery.secret").write_text(64 * "b" + "\n")
        (self.site / "viruses").mkdir(mode=0o700)
        key = self.site / "Root-ca" / "alfa.key"
        for secret in (key, self.site / "internal.secret", self.site / "delivery.secret"):
            secret.chmod(0o400)
        for file in (key, *self.site.iterdir()):
            os.chown(file, self.identity.get("user", -1), -1)
        (self.site / "Root-ca").chmod(0o755)

    def put_lists(self, *lists: bytes) -> None:
        fresh = self.site / "crl.new"
        fresh.write_text("".join(
            subprocess.run(["openssl", "crl", "-inform", "DER"], input=one, capture_output=True,
                           check=True).stdout.decode() for one in lists))
        fresh.rename(self.crl)

    def state(self) -> tuple:
        """What the milter has told last: good or not, and its line."""
        ledger = self.site / "ledger.db"
        if not ledger.exists():
            return ()
        try:
            with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as database:
                rows = database.execute(
                    "SELECT good, text FROM state WHERE component = 'revocation'").fetchall()
        except sqlite3.OperationalError:  # it is being made
            return ()
        return rows[0] if rows else ()

    def test_it_is_told_until_there_is_a_new_one(self):
        # Other's is the very one its server has: one made now could be a second newer, and be kept.
        self.put_lists(self.root.crl(now() - 3 * DAY, now() - DAY / 2), self.web.files["/other.crl"])
        signing = self.site / "Root-ca" / "alfa"
        self.write_config(crl_grace_hours="48")
        config = (self.site / "pec.toml").read_text()
        config = config.replace(str(self.site / "signing.pem"), f"{signing}.pem")
        config = config.replace(str(self.site / "signing.key"), f"{signing}.key")
        config = config.replace("[antivirus]\n", '[antivirus]\nengine = "none"\n')
        (self.site / "pec.toml").write_text(config)

        with subprocess.Popen([built_program("milter/pec-milter"), "--config", self.site / "pec.toml"], cwd="/",
                              stderr=subprocess.PIPE, **self.identity) as process:
            try:
                # Not looked at earlier: as root, SQLite would make files that the milter can't open.
                said = list(itertools.takewhile(lambda line: b"started for" not in line,
                                                process.stderr))
                self.assertTrue(self.state(), said)
                good, text = self.state()
                self.assertFalse(good)
                self.assertRegex(text, "the CRL of O=Root, CN=Root in .* counted until .*, and is used "
                                       "until .* UTC: put the authority's current CRL there")
                self.assertEqual(self.update().returncode, 0)
                process.send_signal(signal.SIGUSR1)
                wait_until(lambda: self.state()[0], "the milter has seen the new lists")
                self.assertEqual(self.state()[1], f"{self.crl}: 2 of 2 CRLs up to date")
            finally:
                process.terminate()


if __name__ == "__main__":
    unittest.main(verbosity=2)
