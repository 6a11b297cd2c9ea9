# SPDX-License-Identifier: GPL-2.0-or-later
"""pecctl domain and pecctl directory publish: our own record for the providers' directory.

The signed file is opened by the openssl command, and what is in it is loaded into OpenLDAP's own tools
with the directory's schema. Needs no root.
"""

import base64
import hashlib
import json
import os
import re
import sqlite3
import ssl
import subprocess
import tempfile
import unittest
from contextlib import closing
from pathlib import Path

from start_test import entry
from support.authority import DAY, SIGNING, Authority, Issued, now
from support.dns_stub import DnsStub
from support.folders import temporary_folder
from support.paths import ROOT
from support.pecctl_site import PecctlCase
from support.provider import MILTER_UID

ALFA, BETA = "PEC Alfa S.p.A.", "PEC Beta S.r.l."
URL = "https://www.alfa.example/alfa.ldif.p7m"


def signing(name: str, provider: str, domain: str, **times) -> Issued:
    """A provider's certificate and key; the key is the service user's."""
    issued = authority.issue(name, f"/O={provider}/CN={name}", [
        *SIGNING, f"subjectAltName = email:posta-certificata@{domain}"], **times)
    if os.geteuid() == 0:
        os.chown(issued.key, MILTER_UID, -1)
    return issued


def setUpModule():
    global authority, alfa, alfa_next, unit, beta
    folder = temporary_folder(unittest.addModuleCleanup)
    folder.chmod(0o755)
    authority = Authority(folder, "Providers")
    alfa = signing("alfa", ALFA, "pec.alfa.example")
    alfa_next = signing("alfa-next", ALFA, "pec.alfa.example")
    unit = signing("unit", ALFA, "pec.due.example")
    beta = signing("beta", BETA, "pec.beta.example")


def der_of(issued: Issued) -> bytes:
    return ssl.PEM_cert_to_DER_cert(issued.certificate.read_text())


class Case(PecctlCase):
    def setUp(self):
        super().setUp()
        self.file = self.site / "alfa.ldif.p7m"
        self.configure(provider__certificate_file=alfa.certificate, provider__key_file=alfa.key,
                       provider__service_mailbox="ricevute@pec.alfa.example",
                       directory_publish__url=URL, directory_publish__file=self.file)
        self.write_directory(entry(alfa.certificate, ALFA, "pec.alfa.example"),
                             entry(beta.certificate, BETA, "pec.beta.example"))

    def write_directory(self, *entries: str) -> None:
        """The directory in use."""
        (self.site / "directory.ldif").write_text("\n".join(entries))

    def unit_section(self, **changes) -> str:
        options = {"unit": "Unità 2", "domain": "pec.due.example",
                   "certificate_file": unit.certificate, "key_file": unit.key,
                   "service_mailbox": "ricevute@pec.due.example"} | changes
        return "[[unit]]\n" + "".join(f'{key} = "{value}"\n' for key, value in options.items())

    def publish(self, *arguments) -> str:
        return self.answer_to("directory", "publish", *arguments)

    def assert_not_published(self, pattern: str, *arguments) -> None:
        before = self.file.read_bytes() if self.file.exists() else None
        self.assert_complaint(pattern, "directory", "publish", *arguments)
        self.assertEqual(self.file.read_bytes() if self.file.exists() else None, before)
        self.assertEqual(list(self.site.glob("alfa.ldif.p7m.*")), [])

    def record(self) -> bytes:
        """The LDIF in the file, once the openssl command has verified the signature."""
        return subprocess.run(
            ["openssl", "cms", "-verify", "-inform", "DER", "-in", self.file, "-CAfile",
             authority.certificate, "-purpose", "any", "-binary"], capture_output=True, check=True).stdout

    def entries(self) -> dict[str, dict[str, set[bytes]]]:
        """The record as OpenLDAP has it, by dn; attributes in lower case."""
        with tempfile.TemporaryDirectory(prefix="pec-") as folder:
            ldif, server = Path(folder, "record.ldif"), Path(folder, "ldap")
            ldif.write_bytes(self.record())
            subprocess.run([ROOT / "scripts" / "ldap-copy", server, ldif],
                           capture_output=True, check=True)
            loaded = subprocess.run(
                ["/usr/sbin/slapcat", "-F", server / "config", "-b", "o=postacert", "-o",
                 "ldif-wrap=no"], text=True, capture_output=True, check=True).stdout
        found = {}
        for block in loaded.strip().split("\n\n"):
            attributes: dict[str, set[bytes]] = {}
            for line in block.splitlines():
                name, colons, value = re.fullmatch(r"([^:]+)(::?) (.*)", line).groups()
                octets = base64.b64decode(value) if colons == "::" else value.encode()
                attributes.setdefault(name.lower(), set()).add(octets)
            found[attributes.pop("dn").pop().decode()] = attributes
        return found


class Record(Case):
    """RFC 6109, 4.5."""

    def test_the_providers_entry(self):
        self.answer_to("domain", "add", "Comune.example", "scuola.example")
        self.assertEqual(self.publish(), f"{self.file}: 1 entries, 3 domains\n")
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o644)
        ours = self.entries()[f"providerName={ALFA},o=postacert"]
        self.assertEqual(ours["objectclass"], {b"top", b"provider"})
        self.assertEqual(ours["providername"], {ALFA.encode()})
        self.assertNotIn("providerunit", ours)
        self.assertEqual(ours["providercertificate;binary"], {der_of(alfa)})
        self.assertEqual(ours["providercertificatehash"],
                         {hashlib.sha1(der_of(alfa)).hexdigest().encode()})
        self.assertEqual(ours["mailreceipt"], {b"ricevute@pec.alfa.example"})
        self.assertEqual(ours["ldiflocationurl"], {URL.encode()})
        self.assertEqual(ours["manageddomains"],
                         {b"pec.alfa.example", b"comune.example", b"scuola.example"})

    def test_units_have_entries_of_their_own(self):
        self.configure(self.unit_section())
        self.answer_to("domain", "add", "comune.example")
        self.answer_to("domain", "add", "--unit", "Unità 2", "scuola.example")
        self.assertEqual(self.publish(), f"{self.file}: 2 entries, 4 domains\n")
        found = self.entries()
        main = found[f"providerName={ALFA},o=postacert"]
        second = found[f"providerUnit=Unità 2,providerName={ALFA},o=postacert"]
        self.assertEqual(main["manageddomains"], {b"pec.alfa.example", b"comune.example"})
        self.assertEqual(second["manageddomains"], {b"pec.due.example", b"scuola.example"})
        self.assertEqual(second["providerunit"], {"Unità 2".encode()})
        self.assertEqual(second["providername"], {ALFA.encode()})
        self.assertEqual(second["providercertificate;binary"], {der_of(unit)})
        self.assertEqual(second["mailreceipt"], {b"ricevute@pec.due.example"})
        self.assertNotIn("ldiflocationurl", second)

    def test_both_certificates_during_a_renewal(self):
        self.configure(provider__other_certificate_file=alfa_next.certificate)
        self.publish()
        ours = self.entries()[f"providerName={ALFA},o=postacert"]
        self.assertEqual(ours["providercertificate;binary"], {der_of(alfa), der_of(alfa_next)})
        self.assertEqual(ours["providercertificatehash"],
                         {hashlib.sha1(der_of(each)).hexdigest().encode()
                          for each in (alfa, alfa_next)})

    def test_what_it_publishes_its_own_sync_would_take(self):
        """The milters read it as the directory."""
        self.answer_to("domain", "add", "comune.example")
        self.publish()
        authority.crl()
        self.configure(directory__source=f"ldif:{self.file}",
                       directory__signer_ca_file=authority.certificate,
                       directory__signer_subject=f"O={ALFA}, CN=alfa",
                       trust__crl_file=authority.crl_file)
        self.answer_to("directory", "publish")
        policy = self.site / "policy"
        self.answer_to("directory", "tls-policy", policy)
        self.assertEqual(policy.read_text(), "comune.example encrypt\npec.alfa.example encrypt\n")


class Refused(Case):
    """Nothing is published, and what was stays."""

    def test_options_that_are_missing(self):
        for option, pattern in (
                ("provider__service_mailbox", "provider.service_mailbox doesn't say where .*"),
                ("directory_publish__url", "directory_publish.url doesn't say where .*"),
                ("directory_publish__file", "directory_publish.file doesn't say where .*")):
            with self.subTest(option):
                kept = dict(self.options)
                self.configure(**{option: ""})
                self.assert_not_published(pattern)
                self.options = kept
        self.configure(self.unit_section(service_mailbox=""))
        self.assert_not_published(r'service_mailbox of \[\[unit\]\] "Unità 2" doesn\'t say where .*')

    def test_certificates(self):
        bare = authority.issue("bare", f"/O={ALFA}/CN=bare", SIGNING)
        self.configure(provider__other_certificate_file=bare.certificate)
        self.assert_not_published(f"{bare.certificate}: the certificate is not of the profile of "
                                  "RFC 6109, 5.5: .*")
        self.configure(provider__other_certificate_file=self.site / "none.pem")
        self.assert_not_published(".*none.pem.*")
        ended = signing("ended", ALFA, "pec.alfa.example", starts=now() - 30 * DAY, ends=now() - DAY)
        self.configure(provider__other_certificate_file=alfa.certificate,
                       provider__certificate_file=ended.certificate, provider__key_file=ended.key)
        self.assert_not_published("the signing certificate in .* expired on .*")

    def test_a_domain_of_another_provider(self):
        self.write_directory(
            entry(alfa.certificate, ALFA, "pec.alfa.example"),
            entry(beta.certificate, BETA, "pec.beta.example") + "managedDomains: comune.example\n")
        self.answer_to("domain", "add", "comune.example")
        self.assert_not_published(f'comune.example: the directory in use gives it to "{BETA}", who '
                                  "must give it up first; if that is right, .*--force")
        self.publish("--force")

    def test_domains_that_would_be_forgotten(self):
        """As on a host whose ledger doesn't know yet what the directory has."""
        self.write_directory(entry(alfa.certificate, ALFA, "pec.alfa.example")
                             + "managedDomains: comune.example\n")
        self.assert_not_published("1 of the 2 domains that the directory in use has of us would go, "
                                  "comune.example among them, .*--force")
        self.answer_to("domain", "add", "comune.example")
        self.publish()
        self.answer_to("domain", "remove", "comune.example")
        self.publish("--force")
        self.assertEqual(self.entries()[f"providerName={ALFA},o=postacert"]["manageddomains"],
                         {b"pec.alfa.example"})

    def test_a_valid_certificate_that_would_be_forgotten(self):
        """Mail that it has signed is on its way."""
        self.configure(provider__certificate_file=alfa_next.certificate,
                       provider__key_file=alfa_next.key)
        self.assert_not_published(f"certificate {hashlib.sha1(der_of(alfa)).hexdigest()} would go, "
                                  ".* name it in other_certificate_file; .*--force")
        self.configure(provider__other_certificate_file=alfa.certificate)
        self.publish()

    def test_a_certificate_that_has_ended_may_go(self):
        ended = signing("old", ALFA, "pec.alfa.example", starts=now() - 30 * DAY, ends=now() - DAY)
        self.write_directory(entry(ended.certificate, ALFA, "pec.alfa.example"))
        self.publish()

    def test_no_directory_to_compare_with(self):
        (self.site / "directory.ldif").unlink()
        self.assert_not_published(".*directory.ldif.*")
        self.publish("--force")  # before the first time, there is none

    def test_a_folder_that_is_not_there(self):
        self.configure(directory_publish__file="/nowhere/alfa.ldif.p7m")
        self.assert_complaint("can't write beside /nowhere/alfa.ldif.p7m: .*", "directory", "publish")

    def test_the_unit_of_a_domain_is_gone(self):
        self.configure(self.unit_section())
        self.answer_to("domain", "add", "--unit", "Unità 2", "scuola.example")
        self.configure()
        self.assert_not_published('scuola.example: it is the domain of unit "Unità 2", which the '
                                  "configuration doesn't have: .*")


class Domains(Case):
    def list(self) -> str:
        return self.answer_to("domain", "list")

    def test_they_are_added_and_removed(self):
        self.assertEqual(self.list(), "")
        self.assertEqual(self.answer_to("domain", "add", "Scuola.example", "comune.example"),
                         'scuola.example: added; publish it with "pecctl directory publish"\n'
                         'comune.example: added; publish it with "pecctl directory publish"\n')
        self.assertEqual(self.list(), "comune.example\nscuola.example\n")
        self.assertRegex(self.answer_to("domain", "remove", "SCUOLA.example"),
                         r"\Ascuola.example: removed; it stays certified until .*\n\Z")
        self.assertEqual(self.list(), "comune.example\n")

    def test_for_programs(self):
        self.answer_to("domain", "add", "comune.example")
        [domain] = json.loads(self.answer_to("domain", "list", "--json"))
        self.assertRegex(domain.pop("added"), r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")
        self.assertEqual(domain, {"name": "comune.example", "unit": ""})

    def test_only_said(self):
        self.assertRegex(self.answer_to("domain", "add", "--dry-run", "comune.example"),
                         "comune.example: would be added; .*")
        self.assertEqual(self.list(), "")
        self.answer_to("domain", "add", "comune.example")
        self.assertRegex(self.answer_to("domain", "remove", "--dry-run", "comune.example"),
                         "comune.example: would be removed; .*")
        self.assertEqual(self.list(), "comune.example\n")

    def test_accounts_that_are_left_in_one_are_told(self):
        for name in ("anna", "bruno"):
            self.answer_to("mailbox", "add", f"{name}@pec.alfa.example", "--holder", "Il titolare")
        self.answer_to("domain", "add", "comune.example")
        with closing(sqlite3.connect(self.site / "ledger.db")) as ledger:
            ledger.execute("UPDATE mailbox SET address = replace(address, 'pec.alfa', 'comune')")
            ledger.execute("UPDATE mailbox SET state = 'retired' WHERE address LIKE 'bruno@%'")
            ledger.commit()
        self.assertIn("; accounts left in it: 1 (", self.answer_to("domain", "remove", "comune.example"))

    def test_one_goes_from_unit_to_unit(self):
        self.configure(self.unit_section())
        self.answer_to("domain", "add", "comune.example")
        self.answer_to("domain", "add", "comune.example", "--unit", "Unità 2")
        self.assertEqual(self.list(), 'comune.example  unit "Unità 2"\n')

    def test_all_or_none(self):
        self.answer_to("domain", "add", "comune.example")
        for pattern, *arguments in (
                ('"scuola" is not a mail domain; .*', "add", "ok.example", "scuola"),
                ('"a_b.example" is not a mail domain; .*', "add", "ok.example", "a_b.example"),
                ("pec.alfa.example: the configuration has it as the mail domain of the provider, .*",
                 "add", "ok.example", "PEC.alfa.example"),
                ('the configuration has no unit "Tre": .*', "add", "ok.example", "--unit", "Tre"),
                ('"altro.example" is not a domain that was added; .*', "remove", "comune.example",
                 "altro.example")):
            with self.subTest(arguments):
                self.assert_complaint(pattern, "domain", *arguments)
                self.assertEqual(self.list(), "comune.example\n")


class Check(Case):
    """What was added, and what the directory has."""

    def setUp(self):
        super().setUp()
        self.dns = DnsStub({name: ["mx.pec.alfa.example"] for name in
                            ("pec.alfa.example", "comune.example", "scuola.example")})
        self.dns.__enter__()
        self.addCleanup(self.dns.__exit__)
        self.configure(directory_check__mx_hosts="mx.pec.alfa.example",
                       directory_check__resolver=self.dns.address)
        self.write_directory(entry(alfa.certificate, ALFA, "pec.alfa.example")
                             + "managedDomains: comune.example\n")

    def complaints(self) -> list[str]:
        return self.pecctl("directory", "check").stderr.splitlines()

    def test_who_has_added_none_is_left_in_peace(self):
        self.assertEqual(self.complaints(), [])

    def test_the_same_on_both_sides(self):
        self.answer_to("domain", "add", "comune.example")
        self.assertEqual(self.complaints(), [])

    def test_one_that_the_directory_does_not_have(self):
        self.answer_to("domain", "add", "comune.example", "scuola.example", "lontana.example")
        missing = "it was added, and the directory doesn't have it in that entry of ours: "
        found = self.complaints()
        self.assertEqual(len(found), 3, found)
        self.assertIn(f"lontana.example: {missing}", found[0])
        self.assertIn("lontana.example: ", found[1])  # and mail to it would not come to us
        self.assertIn("MX record", found[1])
        self.assertIn(f"scuola.example: {missing}", found[2])

    def test_one_that_was_not_added(self):
        self.answer_to("domain", "add", "comune.example")
        self.write_directory(entry(alfa.certificate, ALFA, "pec.alfa.example")
                             + "managedDomains: comune.example\nmanagedDomains: scuola.example\n")
        self.assertEqual(len(self.complaints()), 1)
        self.assertIn("scuola.example: the directory has it as ours, and it was not added: ",
                      self.complaints()[0])


if __name__ == "__main__":
    unittest.main(verbosity=2)
