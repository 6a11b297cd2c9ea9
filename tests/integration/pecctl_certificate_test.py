# SPDX-License-Identifier: GPL-2.0-or-later
"""`pecctl certificate`: a new key and its request, which openssl reads and a CA of openssl's signs, and what is
wrong with certificates (RFC 6109, 5.5)."""

import os
import stat
import subprocess
import unittest

from support.pecctl_site import ALFA, PecctlCase
from support.pki import Pki

ADDRESS = "posta-certificata@pec.alfa.example"


class Certificate(PecctlCase):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.site / "pki")
        self.configure()
        self.key, self.request = self.site / "new.key", self.site / "new.csr"

    def run_request(self, *more):
        return self.pecctl("certificate", "request", "--key", str(self.key), "--request", str(self.request), *more)

    def openssl(self, *words) -> str:
        return subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True, check=True).stdout

    def sign(self, days: int = 90, extensions: str = "") -> None:
        """As an authority would: what the request asks for, and the identifiers of the keys."""
        more = self.site / "extensions"
        more.write_text("subjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid\n" + extensions)
        self.openssl("x509", "-req", "-in", self.request, "-CA", self.pki.ca_file, "-CAkey", self.pki.key("ca"),
                     "-days", days, "-copy_extensions", "copyall", "-extfile", more, "-out", self.site / "signing.pem")
        self.key.rename(self.site / "signing.key")

    def check(self) -> tuple[int, str]:
        done = self.pecctl("certificate", "check")
        return done.returncode, done.stdout + done.stderr

    def test_the_request_is_of_the_profile(self):
        done = self.run_request()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        text = self.openssl("req", "-in", self.request, "-noout", "-verify", "-text")
        self.assertIn(f"Subject: C = IT, O = {ALFA}, CN = {ADDRESS}", text)
        self.assertIn("Public-Key: (3072 bit)", text)
        self.assertIn(f"email:{ADDRESS}", text)
        self.assertRegex(text, r"X509v3 Key Usage: critical\n +Digital Signature\n")
        self.assertNotIn("Basic Constraints", text)
        self.assertEqual(stat.S_IMODE(self.key.stat().st_mode), 0o400)
        self.assertEqual(self.key.stat().st_uid, self.site.stat().st_uid)
        self.openssl("pkey", "-in", self.key, "-noout", "-check")

    @unittest.skipIf(os.geteuid() != 0, "gives the key to another user")
    def test_root_makes_it_for_the_services_user(self):
        done = self.pecctl("certificate", "request", "--key", str(self.key), "--request", str(self.request), user=0)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.key.stat().st_uid, (self.site / "internal.secret").stat().st_uid)

    def test_what_is_there_stays(self):
        for there in (self.key, self.request):
            with self.subTest(there.name):
                there.write_text("mine\n")
                done = self.run_request()
                self.assertEqual(done.returncode, 1)
                self.assertEqual(done.stderr, f"pecctl: {there} is there already, and stays: name a new file\n")
                self.assertEqual(there.read_text(), "mine\n")
                there.unlink()
                self.assertFalse(self.key.exists() or self.request.exists())

    def test_a_units_request(self):
        unit = ('[[unit]]\nunit = "Unit 2"\ndomain = "pec.due.example"\ncertificate_file = "/none.pem"\n'
                'key_file = "/none.key"\n')
        self.configure(more=unit)
        self.assertEqual(self.run_request("--unit", "unit 2").returncode, 0)
        subject = self.openssl("req", "-in", self.request, "-noout", "-subject")
        self.assertIn(f"O = {ALFA}, OU = Unit 2, CN = posta-certificata@pec.due.example", subject)
        done = self.pecctl("certificate", "request", "--unit", "Unit 3", "--key", "/x", "--request", "/y")
        self.assertEqual(done.stderr, 'pecctl: pec.toml has no [[unit]] called "Unit 3"\n')

    def test_what_an_authority_makes_of_it_is_good(self):
        self.assertEqual(self.run_request().returncode, 0)
        self.sign()
        self.assertEqual(self.check(), (0, "all certificates are good\n"))
        shown = self.pecctl("certificate", "show").stdout
        until = r"until 20\d\d-\d\d-\d\d [\d:]+ UTC, (89|90) days"
        self.assertRegex(shown, rf"^{self.site}/signing\.pem  {ADDRESS}  {until}\n$")

    def test_what_is_wrong_is_said(self):
        self.assertEqual(self.run_request().returncode, 0)
        self.sign(days=10, extensions="basicConstraints = CA:FALSE\n")
        status, said = self.check()
        self.assertEqual(status, 1)
        self.assertIn(f"pecctl: {self.site}/signing.pem: it has basicConstraints", said)
        self.assertRegex(said, "the signing certificate in .* ends on .* have it renewed")

    def test_a_key_of_another_certificate(self):
        self.assertEqual(self.run_request().returncode, 0)
        self.sign()
        self.pki.begin_signing("other", ALFA, ADDRESS)
        self.pki.finish()
        self.configure(provider__key_file=str(self.pki.key("other")))
        self.pki.key("other").chmod(0o400)
        os.chown(self.pki.key("other"), self.site.stat().st_uid, -1)
        status, said = self.check()
        self.assertEqual(status, 1)
        self.assertIn("does not belong to the first certificate", said)

    def test_another_domains_certificate(self):
        self.assertEqual(self.run_request().returncode, 0)
        self.sign()
        self.configure(provider__domain="pec.altra.example")
        status, said = self.check()
        self.assertEqual(status, 1)
        self.assertIn(f"is for {ADDRESS}, and pec.altra.example signs as posta-certificata@pec.altra.example", said)


if __name__ == "__main__":
    unittest.main(verbosity=2)
