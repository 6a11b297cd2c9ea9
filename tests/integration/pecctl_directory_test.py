# SPDX-License-Identifier: GPL-2.0-or-later
"""pecctl directory: what is fetched and put in place, and what is not.

The index is an HTTPS server that asks for a client's certificate, the signatures are the openssl
command's, Postfix's own programs read the table. Needs no root.
"""

import os
import shutil
import time
import unittest
from pathlib import Path

from start_test import entry
from support.authority import DAY, now
from support.dns_stub import DnsStub
from support.pecctl_site import ALFA, BETA
from support.provider import MILTER_UID
from support.signed_directory import PROFILE, SIGNER, DirectoryCase, directory, keys, profile, signed
from support.web_server import WebServer, half_of, redirect_to


class Sync(DirectoryCase):
    """RFC 6109, 4.5."""

    def test_the_signed_file_is_put_in_place_as_it_came(self):
        content = signed(directory("comune.example"))
        self.publish(content)
        done = self.pecctl("sync")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, f"{self.web.url('/index.p7m')}: 2 entries, 3 domains\n")
        self.assertEqual(self.file.read_bytes(), content)
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o644)

    def test_every_certified_domain_is_to_be_spoken_tls_to(self):
        self.publish(signed(directory("comune.example")))
        self.sync()
        for domain in ("pec.alfa.example", "comune.example", "pec.beta.example"):
            self.assertEqual(self.policy_of(domain), "encrypt")
        self.assertEqual(self.policy_of("ordinaria.example"), "")
        self.assertEqual(self.policy.read_text(),
                         "comune.example encrypt\npec.alfa.example encrypt\n"
                         "pec.beta.example encrypt\n")

    def test_an_unchanged_directory_gets_a_new_date(self):
        self.publish(signed(directory()))
        self.sync()
        before = self.file.stat().st_mtime_ns
        self.sync()
        self.assertGreater(self.file.stat().st_mtime_ns, before)

    def test_domains_come_and_go(self):
        self.publish(signed(directory(*(f"d{n}.example" for n in range(8)))))
        self.sync()
        self.publish(signed(directory(*(f"d{n}.example" for n in range(1, 9)))))
        self.sync()
        self.assertEqual(self.policy_of("d0.example"), "")
        self.assertEqual(self.policy_of("d8.example"), "encrypt")

    def test_two_certificates_during_a_renewal(self):
        new = keys().provider_certificate("alfa-new", ALFA)
        lines = [line for line in entry(new).splitlines() if "Certificate" in line]
        self.publish(signed(directory(more="").replace(
            "mailReceipt", "\n".join(lines) + "\nmailReceipt", 1)))
        self.sync()

    def test_a_file_in_place_that_nobody_can_compare_with_is_replaced_on_request_only(self):
        self.publish(signed(directory()))
        self.file.write_bytes(b"rubbish")
        self.assert_refused("https://.*: what is in place can't be compared with it (.*): .*--force")
        self.sync("--force")
        self.sync()

    def test_domains_are_counted_though_the_old_signer_has_expired(self):
        keys().index.issue("past", "/O=Index/CN=Signer", SIGNER, now() - 9 * DAY, now() - DAY)
        many = directory(*(f"d{n}.example" for n in range(8)))
        self.file.write_bytes(signed(many, signer="past"))
        then = (now() - 2 * DAY).timestamp()
        os.utime(self.file, (then, then))
        self.publish(signed(directory()))
        self.assert_refused("https://.*: 8 of our 10 domains are gone from it, and .*")
        self.publish(signed(many))
        self.sync()

    def test_root_writes_as_the_services_user(self):
        if os.geteuid() != 0:
            self.skipTest("only root can be root")
        self.publish(signed(directory()))
        done = self.pecctl("sync", user=0, group=0)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for file in self.site.glob("[dt]*"):
            self.assertEqual(file.stat().st_uid, MILTER_UID, file)


class FlawedEntries(DirectoryCase):
    """What is wrong with another's entry is told, and concerns that entry alone."""

    def sync_telling(self, ldif: str, *patterns: str) -> None:
        self.publish(signed(ldif))
        done = self.pecctl("sync")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"\Ahttps://.*: \d+ entries, \d+ domains.*\n\Z")
        lines = done.stderr.splitlines()
        self.assertEqual(len(lines), len(patterns), lines)
        for line, pattern in zip(lines, patterns):
            self.assertRegex(line, rf"\Apecctl: https://.*: {pattern}; its last good version is in use\Z")

    def setUp(self):
        super().setUp()
        self.gamma = keys().provider_certificate("gamma", "PEC Gamma", profile("pec.gamma.example"))
        self.publish(signed(self.with_gamma()))
        self.sync()

    def with_gamma(self, *domains: str, more: str = "", certificate: Path | None = None) -> str:
        managed = "".join(f"managedDomains: {each}\n" for each in ("pec.gamma.example", *domains))
        return directory(*self.new_here, more=entry(certificate or self.gamma, "PEC Gamma", "g.example")
                         + managed + more)

    new_here: tuple = ()

    def check_the_rest_went_in(self) -> None:
        self.assertEqual(self.policy_of("nuovo.example"), "encrypt")
        self.assertEqual(self.policy_of("pec.gamma.example"), "encrypt")
        self.assertEqual(self.policy_of("altro.example"), "")

    def test_each_flaw(self):
        self.new_here = ("nuovo.example",)
        off = keys().provider_certificate("gamma-new", "PEC Gamma", [
            "keyUsage = digitalSignature", *profile("pec.gamma.example")[1:]])
        for ldif, pattern in (
                (self.with_gamma("altro.example", more=f"providerCertificateHash: {40 * '0'}\n"),
                 "entry .*PEC Gamma.*: providerCertificateHash 0{40} is not that of a certificate .*"),
                (self.with_gamma("altro.example", "localhost"),
                 'entry .*PEC Gamma.*: "localhost" in managedDomains is not a mail domain'),
                (self.with_gamma("altro.example", certificate=off),
                 "entry .*PEC Gamma.*: certificate [0-9a-f]{40} is not of the profile of .*")):
            with self.subTest(pattern):
                self.sync_telling(ldif, pattern)
                self.check_the_rest_went_in()
                self.publish(signed(self.with_gamma()))
                self.sync()

    def test_a_domain_in_two_entries(self):
        self.new_here = ("nuovo.example",)
        two = 'domain pec.beta.example is in two entries: .*Beta.*Gamma.*'
        self.sync_telling(self.with_gamma("altro.example", "pec.beta.example"), two)
        self.check_the_rest_went_in()
        self.assertEqual(self.policy_of("pec.beta.example"), "encrypt")

    def test_a_domain_of_ours_in_anothers_entry(self):
        """Neither the first time nor later, when nobody knows a directory without it, does it keep ours out."""
        two = 'domain pec.alfa.example is in two entries: .*Alfa.*Gamma.*'
        self.new_here = ("nuovo.example",)
        self.sync_telling(self.with_gamma("altro.example", "pec.alfa.example"), two)
        self.check_the_rest_went_in()
        self.new_here = ("nuovo.example", "poi.example")
        self.publish(signed(self.with_gamma("pec.alfa.example")))
        self.assertRegex(self.pecctl("sync").stderr, rf"\Apecctl: https://.*: {two}; .* is in use\n\Z")
        self.assertEqual(self.policy_of("poi.example"), "encrypt")
        self.assertEqual(self.policy_of("pec.alfa.example"), "encrypt")


class BadSources(DirectoryCase):
    """Each leaves what is in place as it was, and says why in one line."""

    def setUp(self):
        super().setUp()
        self.good = signed(directory("comune.example"))
        self.publish(self.good)
        self.sync()

    def assert_file_refused(self, content, pattern: str, *arguments) -> None:
        self.publish(content)
        self.assert_refused(f"https://.*/index.p7m: {pattern}", *arguments)

    def test_a_truncated_file(self):
        self.assert_file_refused(self.good[:-40], ".* not a CMS structure: .*")

    def test_a_changed_octet(self):
        at = self.good.index(b"comune.example")
        changed = self.good[:at] + b"d" + self.good[at + 1:]
        self.assert_file_refused(changed, "the signature does not match the content: .*")

    def test_another_signer(self):
        keys().web.issue("signer", "/O=Index/CN=Signer", SIGNER)
        self.assert_file_refused(signed(directory(), "Web"), ".*CN=Signer: unable to get .*issuer.*")

    def test_another_signer_of_the_same_authority(self):
        keys().index.issue("other", "/O=Index/CN=Other", SIGNER)
        content = signed(directory(), signer="other")
        pattern = ('it is signed by "O=Index, CN=Other", but directory.signer_subject expects '
                   '"O=Index, CN=Signer": .*')
        self.assert_file_refused(content, pattern)
        self.assert_file_refused(content, pattern, "--force")

    def test_a_renewed_signer(self):
        keys().index.issue("renewed", "/O=Index/CN=Signer", SIGNER)
        self.publish(signed(directory("comune.example"), signer="renewed"))
        self.sync()

    def test_a_revoked_signer(self):
        """Of the same name: only the authority's list tells."""
        stolen = keys().index.issue("stolen", "/O=Index/CN=Signer", SIGNER)
        content = signed(directory("comune.example"), signer="stolen")
        keys().index.revoke(stolen)
        keys().index.crl()
        pattern = "the certificate of O=Index, CN=Signer was revoked on .*"
        self.assert_file_refused(content, pattern)
        self.assert_file_refused(content, pattern, "--force")

    def test_no_list_that_could_tell(self):
        self.configure(trust__crl_file="")
        self.assert_file_refused(self.good, "no list of revoked certificates is named "
                                            "\\(trust.crl_file\\), so nobody can tell .*")
        keys().providers.crl()
        self.configure(trust__crl_file=keys().providers.crl_file)
        self.assert_file_refused(self.good, f"{keys().providers.crl_file} has no CRL of O=Index, CN=Index, "
                                            "so nobody can tell .*")
        self.configure(trust__crl_file=f"{self.site}/none.pem")
        self.assert_file_refused(self.good, f"can't read {self.site}/none.pem: No such file .*")

    def test_a_signer_that_is_trusted_by_itself_needs_no_list(self):
        self.configure(trust__crl_file="",
                       directory__signer_ca_file=keys().folder / "Index-ca" / "signer.pem")
        self.sync()

    def test_an_older_file(self):
        """However good it is, it has domains and keys that are gone; by the time of its signature."""
        self.publish(signed(directory("comune.example", "nuovo.example"), at=time.time() + 1))
        self.sync()
        self.assert_file_refused(self.good, "it was signed on .* UTC, and ours, which is in place, on "
                                            ".* UTC: it is an old one; .*--force.*")
        self.assertEqual(self.policy_of("nuovo.example"), "encrypt")
        self.sync("--force")
        self.assertEqual(self.file.read_bytes(), self.good)
        self.assertEqual(self.policy_of("nuovo.example"), "")

    def test_an_expired_signer(self):
        keys().index.issue("old", "/O=Index/CN=Old", SIGNER, now() - 9 * DAY, now() - DAY)
        self.assert_file_refused(signed(directory(), signer="old"),
                                 ".*CN=Old: certificate has expired")

    def test_no_signature_at_all(self):
        self.assert_file_refused(directory().encode(), ".* not a CMS structure: .*")

    def test_an_empty_file(self):
        self.assert_file_refused(b"", ".* not a CMS structure: .*")
        self.assert_file_refused(signed(""), "no provider in it; .*")

    def test_an_error_of_syntax(self):
        ldif = directory()
        line = ldif[:ldif.index("mailReceipt")].count("\n") + 1
        self.assert_file_refused(signed(ldif.replace("mailReceipt:", "mailReceipt", 1)),
                                 f"line {line}: .*")

    def test_a_hash_of_another_certificate(self):
        ldif = directory()
        line = next(line for line in ldif.splitlines() if "CertificateHash" in line)
        self.assert_file_refused(signed(ldif.replace(line, f"providerCertificateHash: {40 * '0'}")),
                                 "entry .*: providerCertificateHash 0{40} is not that of a "
                                 "certificate in this entry")

    def test_a_domain_with_two_owners(self):
        self.assert_file_refused(signed(directory("pec.beta.example")),
                                 f'domain pec.beta.example is in two entries: .*{ALFA}.*{BETA}.*')

    def test_what_is_no_domain(self):
        for domain in ("localhost", "a..example", ".example", "a.example."):
            with self.subTest(domain):
                self.assert_file_refused(
                    signed(directory(domain)), f'entry ".*{ALFA},.*": "{domain}" in managedDomains is '
                                               "not a mail domain")

    def test_certificates_that_are_not_of_the_profile(self):
        """RFC 6109, 5.5."""
        usage, subject, authority, alternative = PROFILE
        cases = {
            "another's": (BETA, PROFILE, "its subject .* has the provider's name neither in O nor .*"),
            "no address": (ALFA, [usage, subject, authority], "it has no e-mail address in .*"),
            "other usage": (ALFA, ["keyUsage = critical, nonRepudiation", subject, authority,
                                   alternative], "its keyUsage lacks digitalSignature"),
            "not critical": (ALFA, ["keyUsage = digitalSignature", subject, authority, alternative],
                             "its keyUsage is not critical"),
            "no usage": (ALFA, [subject, authority, alternative], "its keyUsage lacks .*"),
            "no AKI": (ALFA, [usage, subject, "authorityKeyIdentifier = none", alternative],
                       "it has no authorityKeyIdentifier"),
            "no SKI": (ALFA, [usage, "subjectKeyIdentifier = none", authority, alternative],
                       "it has no subjectKeyIdentifier"),
            "constraints": (ALFA, [*PROFILE, "basicConstraints = CA:FALSE"],
                            "it has basicConstraints, and must not"),
        }
        for name, (provider, extensions, pattern) in cases.items():
            with self.subTest(name):
                certificate = keys().provider_certificate("bad", provider, extensions)
                ldif = entry(certificate, ALFA, "pec.alfa.example")
                self.assert_file_refused(
                    signed(ldif), f'entry ".*{ALFA},.*": certificate [0-9a-f]{{40}} is not of the profile of '
                                  f"RFC 6109, 5.5: {pattern}")

    def test_our_first_certificate_off_the_profile(self):
        self.file.unlink()
        bad = keys().provider_certificate("first", ALFA, ["keyUsage = digitalSignature", *PROFILE[1:]])
        self.assert_file_refused(signed(entry(bad, ALFA, "pec.alfa.example")),
                                 f'"{ALFA}": certificate [0-9a-f]{{40}} is not of the profile of RFC 6109, '
                                 "5.5: its keyUsage is not critical")

    def test_half_the_domains_are_gone_unless_that_is_right(self):
        self.publish(signed(directory(*(f"d{n}.example" for n in range(8)))))
        self.sync("--force")
        fewer = signed(directory(*(f"d{n}.example" for n in range(3))))
        self.assert_file_refused(fewer, "5 of our 10 domains are gone from it, and "
                                        "directory.max_shrink_percent lets 20% go at once: .*")
        self.sync("--force")
        self.assertEqual(self.file.read_bytes(), fewer)

    def test_we_are_gone_ourselves(self):
        """Few domains, but pec-milter would not take such a directory, nor start with it."""
        beta_alone = "".join(f"managedDomains: d{n}.example\n" for n in range(20))
        ours = entry(keys().alfa, ALFA, "pec.alfa.example") + "\n"
        theirs = entry(keys().beta, BETA, "pec.beta.example") + beta_alone
        self.publish(signed(ours + theirs))
        self.sync("--force")
        self.assert_file_refused(
            signed(theirs), f'no entry with providerName "{ALFA}" manages the domain '
                            "pec.alfa.example: .*; it was right in what is in place: .*--force.*")
        self.configure(provider__certificate_file=keys().alfa)
        renewed = keys().provider_certificate("renewed", ALFA)
        self.assert_file_refused(
            signed(entry(renewed, ALFA, "pec.alfa.example") + "\n" + theirs),
            f'the certificate in {keys().alfa} is not in the entry of "{ALFA}": .*--force.*')
        self.sync("--force")

    def test_force_forgives_nothing_else(self):
        self.assert_file_refused(self.good[:-40], ".* not a CMS structure: .*", "--force")

    def test_the_server_is_down(self):
        with WebServer() as other:
            url = f"https://127.0.0.1:{other.port}/index.p7m"
        self.configure(directory_sync__url=url)
        self.assert_refused(f"{url}: Failed to connect .*")

    def test_bad_answers(self):
        self.assert_file_refused(redirect_to("https://elsewhere.example/x"),
                                 "the server sends us on to https://elsewhere.example/x .*")
        self.assert_file_refused(half_of(self.good), ".*")
        self.assert_file_refused(None, "the server answered with HTTP 404 instead of 200")

    def test_too_large(self):
        self.configure(directory_sync__max_size=100)
        self.assert_refused("https://.*: the file is larger than 100 octets")

    def test_too_slow(self):
        self.configure(directory_sync__max_seconds=1)
        self.assert_file_refused(lambda handler: handler.rfile.read(1), "Operation timed out .*")

    def assert_no_way_in(self) -> None:
        """The server ends it in the handshake; what words there are for that is up to whose end of
        the connection is seen first."""
        before = list(self.web.requests)
        self.assert_refused("https://.*/index.p7m: .+")
        self.assertEqual(self.web.requests, before)

    def test_a_client_certificate_of_somebody_else(self):
        stranger = keys().folder / "Stranger-ca" / "client"
        self.configure(directory_sync__certificate_file=stranger.with_suffix(".pem"),
                       directory_sync__key_file=stranger.with_suffix(".key"))
        self.assert_no_way_in()

    def test_no_client_certificate(self):
        self.configure(directory_sync__certificate_file="", directory_sync__key_file="")
        self.assert_no_way_in()

    def test_a_server_that_is_not_the_index(self):
        self.configure(directory_sync__ca_file=keys().index.certificate)
        self.assert_refused("https://.*: SSL certificate problem: .*")
        url = self.web.url("/index.p7m").replace("127.0.0.1", "localhost")
        self.configure(directory_sync__ca_file=keys().web.certificate, directory_sync__url=url)
        self.assert_refused("https://.*: SSL: no alternative certificate subject name matches .*")

    def test_a_key_that_anybody_may_read(self):
        key = self.site / "open.key"
        shutil.copy(keys().folder / "Web-ca" / "client.key", key)
        key.chmod(0o644)
        self.configure(directory_sync__key_file=key)
        self.assert_refused(f"{key} is open to others than its owner: .*")

    def test_no_postmap(self):
        self.configure(directory_sync__tls_policy_map=f"hash:{self.site}/none/tls-policy")
        self.assert_refused(f"can't write beside {self.site}/none/tls-policy: .*nothing was changed")

    def test_settings_that_are_missing(self):
        for key, pattern in {
            "directory_sync.url": "directory_sync.url doesn't say where .*",
            "directory.signer_ca_file": "directory.signer_ca_file doesn't say who must sign .*",
            "directory.signer_subject": "https://.*: directory.signer_subject doesn't say who must sign "
                                        'the directory: this one is signed by "O=Index, CN=Signer"; .*',
            "directory_sync.ca_file": "directory_sync.ca_file doesn't say .*",
        }.items():
            with self.subTest(key):
                kept = self.options[key]
                self.configure(**{key: ""})
                self.assert_refused(pattern)
                self.configure(**{key: kept})


class Check(DirectoryCase):
    """What the directory says of us, and whether it holds."""

    def setUp(self):
        super().setUp()
        self.dns = DnsStub({"pec.alfa.example": ["mx.pec.alfa.example"],
                            "comune.example": ["MX.pec.alfa.example", "mx2.pec.alfa.example"],
                            "pec.beta.example": ["elsewhere.example"]})
        self.dns.__enter__()
        self.addCleanup(self.dns.__exit__)
        self.write(directory("comune.example"))
        self.configure(directory_check__mx_hosts="mx.pec.alfa.example mx2.pec.alfa.example",
                       directory_check__resolver=self.dns.address,
                       provider__certificate_file=keys().alfa)

    def write(self, ldif: str) -> None:
        self.file.write_bytes(signed(ldif))

    def assert_complaints(self, *patterns: str) -> None:
        done = self.pecctl("check")
        self.assertEqual(done.returncode, 1, done)
        self.assertRegex(done.stderr, r"\A" + "".join(f"pecctl: {p}\n" for p in patterns) + r"\Z")

    def test_all_is_well(self):
        done = self.pecctl("check")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, rf'\A"{ALFA}": domains: 2; certificates: 1, the last until '
                                      r"[-0-9]+ [:0-9]+ UTC\n\Z")

    def test_what_is_wrong_with_others(self):
        self.write(directory("comune.example", more="").replace(
            "managedDomains: pec.beta.example", "managedDomains: pec.beta.example\nmanagedDomains: localhost"))
        self.assert_complaints('entry ".*Beta.*": "localhost" in managedDomains is not a mail domain; what else '
                               "can be read of it is in use")

    def test_names_in_another_case(self):
        self.configure(provider__name=ALFA.upper())
        self.assertEqual(self.pecctl("check").returncode, 0)

    def write_unit(self) -> None:
        """The directory has a unit, which signs with a certificate of its own."""
        ldif = entry(keys().beta, ALFA, "pec.comune.example").replace("dn: ", "dn: providerUnit=Due,", 1)
        self.write(entry(keys().alfa, ALFA, "pec.alfa.example") + "\n" + ldif + "providerUnit: Due\n")
        self.dns.records["pec.comune.example"] = ["mx.pec.alfa.example"]

    def configure_unit(self, certificate: Path) -> None:
        self.configure()
        with (self.site / "pec.toml").open("a") as config:
            config.write(f'[[unit]]\nunit = "Due"\ndomain = "pec.comune.example"\n'
                         f'certificate_file = "{certificate}"\nkey_file = "/none"\n')

    def test_a_unit_is_looked_at_too(self):
        self.write_unit()
        for certificate in (keys().beta, keys().alfa):  # the main entry's is as good
            self.configure_unit(certificate)
            done = self.pecctl("check")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertRegex(done.stdout, r'\nunit "Due": domains: 1; certificates: 1, .*')

    def test_a_unit_on_one_side_alone(self):
        self.configure_unit(keys().alfa)
        self.assert_complaints('unit "Due": the configuration has it, and the directory has not: .*')
        self.write_unit()
        self.configure()
        self.assert_complaints('unit "Due": the directory has it, and the configuration has not: .*')

    def test_a_units_certificate_that_is_not_published(self):
        self.write_unit()
        other = keys().provider_certificate("other", ALFA)
        self.configure_unit(other)
        self.assert_complaints(f'{other}: the certificate that unit "Due" signs with is not in our '
                               "entry: publish it")

    def test_the_main_entrys_certificate_is_not_a_units(self):
        self.write_unit()
        self.configure(provider__certificate_file=keys().beta)
        self.configure_unit(keys().beta)
        self.assert_complaints(f'{keys().beta}: the certificate that "{ALFA}" signs with is not in our entry: '
                               "publish it")

    def test_mail_that_goes_elsewhere(self):
        records = self.dns.records
        records["comune.example"] = ["mx.pec.alfa.example", "backup.example"]
        self.assert_complaints('comune.example: its mail goes to "backup.example", which '
                               "directory_check.mx_hosts doesn't name: .*")
        records["comune.example"] = [""]  # RFC 7505: no mail at all
        self.assert_complaints('comune.example: its mail goes to "", which .*')
        records["comune.example"] = []
        self.assert_complaints("comune.example: it has no MX record: .*")
        del records["comune.example"]
        self.assert_complaints("comune.example: it has no MX record: .*")

    def test_a_name_server_that_fails(self):
        self.dns.records["comune.example"] = None
        self.assert_complaints("comune.example: the DNS does not answer")

    def test_certificates_that_end_soon(self):
        self.configure(directory_check__expiry_days=60)
        self.assert_complaints(
            f'"{ALFA}": the last of its certificates in the directory ends on .* UTC: .*',
            f'{keys().alfa}: the certificate that "{ALFA}" signs with ends on .* UTC: have it renewed')

    def test_one_of_two_that_ends_is_a_renewal(self):
        old = keys().providers.issue("alfa-old", f"/O={ALFA}/CN=Old", PROFILE, ends=now() + DAY)
        lines = [line for line in entry(old.certificate).splitlines() if "Certificate" in line]
        self.write(directory("comune.example").replace(
            "mailReceipt", "\n".join(lines) + "\nmailReceipt", 1))
        self.configure(directory_check__expiry_days=10)
        self.assertEqual(self.pecctl("check").returncode, 0)

    def test_a_certificate_that_is_not_published(self):
        self.configure(provider__certificate_file=keys().beta)
        self.assert_complaints(f'{keys().beta}: the certificate that "{ALFA}" signs with is not in our '
                               "entry: publish it")

    def test_no_entry_of_ours(self):
        self.configure(provider__name="PEC Gamma")
        self.assert_complaints('the directory has no entry of "PEC Gamma"')

    def test_no_hosts_of_ours(self):
        self.configure(directory_check__mx_hosts="")
        self.assert_complaints("directory_check.mx_hosts doesn't name our mail servers: .*")


class TlsPolicy(DirectoryCase):
    def setUp(self):
        super().setUp()
        self.file.write_bytes(signed(directory("comune.example")))

    def test_the_table_of_what_is_in_place(self):
        done = self.pecctl("tls-policy")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.assertEqual(self.policy_of("comune.example"), "encrypt")

    def test_a_table_elsewhere(self):
        other = self.site / "other"
        self.configure(directory_sync__tls_policy="secure")
        self.assertEqual(self.pecctl("tls-policy", other).returncode, 0)
        self.assertEqual(other.read_text(), "comune.example secure\npec.alfa.example secure\n"
                                            "pec.beta.example secure\n")
        self.assertFalse(self.policy.exists())

    def test_no_table_named(self):
        self.configure(directory_sync__tls_policy_map="")
        done = self.pecctl("tls-policy")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, r"\Apecctl: name a file, or .*\n\Z")


if __name__ == "__main__":
    unittest.main(verbosity=2)
