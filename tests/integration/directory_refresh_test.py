# SPDX-License-Identifier: GPL-2.0-or-later
"""The providers' directory changes while the milters run: they go by the new one, without being
restarted, whether it is a file or an LDAP server. Numbers in brackets are sections of RFC 6109.
"""

import os
import ssl
import time
from dataclasses import replace
from pathlib import Path

from support import harness
from support.box import Provider
from support.directory import Entry, LdapDirectory, LdifDirectory, read_entries
from support.foreign_provider import DOMAIN, LOST_DOMAIN, NAME, ForeignProvider
from support.pec_mail import ORDINARY, all_mailboxes, letter, recipients_of
from support.pec_message import PecMessage, run
from support.people import anna, dario, elena
from support.pki import Pki
from support.provider import MILTER_UID
from support.waiting import wait_until

GIULIA = f"giulia@{DOMAIN}"


def setUpModule():
    global box, mailboxes, gamma, gamma_entry
    box = harness.sandbox()
    mailboxes = all_mailboxes(box)
    gamma = ForeignProvider(box)
    gamma_entry = Entry(NAME, f"ricevute@{DOMAIN}", [gamma.certificate("good")],
                        [DOMAIN, LOST_DOMAIN])


class Changes:
    """For either source; `kind` makes it."""

    kind: type

    @classmethod
    def setUpClass(cls):
        cls.entries = read_entries(box)
        cls.directory = cls.kind(box, cls.entries)
        for provider in (box.alfa, box.beta):
            box.reconfigure(provider, directory={
                "source": cls.directory.source, "max_shrink_percent": 60, "refresh_seconds": 1})

    def publish(self) -> None:
        """Returns when both milters have it."""
        self.directory.publish(self.entries)
        for provider in (box.alfa, box.beta):
            box.reload(provider)

    def enter_gamma(self, entered: bool) -> None:
        if entered:
            self.entries[NAME] = gamma_entry
        else:
            del self.entries[NAME]

    def wait_for_state(self, provider: Provider, text: str) -> None:
        wait_until(lambda: f"directory: {text}" in provider.status(),
                   f"'directory: {text}' in the status of {provider.name}")

    def check_gamma(self, certified: bool) -> None:
        """What alfa makes of mail to it, and beta of mail from it."""
        box.alfa.submit(anna, [GIULIA], letter(anna, to=[GIULIA], subject="to gamma"))
        came = mailboxes.new(ordinary=1)
        for message in came.of_kind("accettazione", at=anna):
            self.assertEqual(recipients_of(message),
                             [(GIULIA, "certificato" if certified else "esterno")])
        self.assertEqual(came.kinds(), {anna: ["accettazione"], ORDINARY: ["posta-certificata"]})
        gamma.deliver(box.beta, [dario], gamma.envelope([dario]))
        self.assertEqual(
            mailboxes.new(ordinary=2 if certified else 0).kinds(),
            {dario: ["posta-certificata"], ORDINARY: ["avvenuta-consegna", "presa-in-carico"]}
            if certified else {dario: ["errore"]})

    def check_mail_from_beta(self, certificate: Path) -> None:
        """Certified, and signed with this certificate."""
        box.beta.submit(dario, [anna], letter(dario, to=[anna], subject="from beta"))
        came = mailboxes.new()
        self.assertEqual(came.kinds(), {
            dario: ["accettazione", "avvenuta-consegna"], anna: ["posta-certificata"],
            box.beta.service_mailbox: ["presa-in-carico"]})
        signer = box.directory / "signer.pem"
        message = box.directory / "message"
        message.write_bytes(came.by_address[anna][0].raw)
        run(["openssl", "cms", "-verify", "-in", message, "-CAfile", box.ca_file, "-purpose",
             "smimesign", "-signer", signer, "-out", "/dev/null"])
        self.assertEqual(*(ssl.PEM_cert_to_DER_cert(file.read_text())
                           for file in (signer, certificate)))

    def test_a_provider_comes_and_goes(self):
        """[4.5] Its domains become certified and what it signs is believed, and then no more."""
        self.check_gamma(certified=False)
        self.enter_gamma(True)
        self.publish()
        self.check_gamma(certified=True)
        self.enter_gamma(False)
        self.publish()
        self.check_gamma(certified=False)

    def test_who_had_a_domain_is_remembered(self):
        """[4.5] In the ledger, whoever sees the change: a milter that runs, or one that is started."""
        self.enter_gamma(True)
        self.publish()
        stopped = box.beta
        box.kill_milter(stopped)
        try:
            self.enter_gamma(False)
            self.directory.publish(self.entries)
            box.reload(box.alfa)
        finally:
            box.start_milter(stopped)
        for provider in (box.alfa, box.beta):
            with self.subTest(provider.name):
                rows = provider.query("SELECT domains, until FROM former_owner WHERE provider = ?"
                                      " ORDER BY until DESC LIMIT 1", NAME.lower())
                self.assertEqual([set(domains.split("\n")) for domains, _ in rows],
                                 [{DOMAIN, LOST_DOMAIN}])
                self.assertLess(time.time() - rows[0][1], 600)
                [current] = provider.query("SELECT COUNT(*) FROM domain_owner")
                self.assertEqual(current, (2,))

    def test_who_signed_before_it_left_is_believed(self):
        """What was taken in charge has its delivery receipt, though the mailbox could not be reached
        while its signer left the directory. What comes in now is no provider's."""
        self.enter_gamma(True)
        self.publish()
        message = gamma.envelope([dario])
        pec_id = str(PecMessage(message).parsed["Message-ID"]).strip("<>")
        with box.beta.deferring("lmtp"):
            gamma.deliver(box.beta, [dario], message)
            wait_until(lambda: box.beta.query(
                "SELECT 1 FROM message_log WHERE pec_id = ? AND kind = 'presa-in-carico'", pec_id),
                "the take-charge")
            self.enter_gamma(False)
            self.publish()
        self.assertEqual(mailboxes.new(ordinary=2).kinds(), {
            dario: ["posta-certificata"], ORDINARY: ["avvenuta-consegna", "presa-in-carico"]})
        gamma.deliver(box.beta, [dario], gamma.envelope([dario]))
        self.assertEqual(mailboxes.new().kinds(), {dario: ["errore"]})

    def test_a_flawed_entry_concerns_that_one_alone(self):
        """[4.5] Its last good version stays in use, operators are told, and the rest is taken up."""
        self.enter_gamma(True)
        self.publish()
        self.entries[NAME] = replace(gamma_entry, domains=[*gamma_entry.domains, "localhost"])
        self.entries[box.beta.name].domains.append("nuovo.example")
        self.directory.publish(self.entries)
        try:
            for provider in (box.alfa, box.beta):
                self.wait_for_state(provider, "BAD since ")
                self.assertRegex(provider.status(), f'entry "providerName={NAME}.*": "localhost" in '
                                 "managedDomains is not a mail domain; its last good version is in use; in "
                                 "use: 3 providers, 5 domains")
            self.check_gamma(certified=True)
        finally:
            self.entries[box.beta.name].domains.remove("nuovo.example")
            self.enter_gamma(False)
            self.publish()
        for provider in (box.alfa, box.beta):
            self.wait_for_state(provider, "good since ")

    def test_changes_are_seen_without_a_signal(self):
        for entered, counts in ((True, "3 providers, 4 domains"), (False, "2 providers, 2 domains")):
            self.enter_gamma(entered)
            self.directory.publish(self.entries)
            for provider in (box.alfa, box.beta):
                wait_until(lambda: counts in provider.status(), f"{counts} at {provider.name}")

    def test_renewal_of_a_certificate(self):
        """[4.5] While both are in the directory, a message signed with either is good."""
        before = box.programs.pid(box.alfa.milter_name)
        pki = Pki(box.ca_file.parent)
        name = f"beta-renewed-{self.kind.__name__}"
        pki.begin_signing(name, box.beta.name, f"posta-certificata@{box.beta.domain}")
        pki.finish()
        os.chown(pki.key(name), MILTER_UID, MILTER_UID)
        pki.key(name).chmod(0o400)
        certificates = self.entries[box.beta.name].certificates
        [old], new = list(certificates), pki.certificate(name)

        certificates.append(new)
        self.publish()
        self.check_mail_from_beta(old)
        self.sign_with(new, pki.key(name))
        self.check_mail_from_beta(new)
        self.sign_with(old, pki.key("beta-signing"))
        self.check_mail_from_beta(old)
        self.assertEqual(box.programs.pid(box.alfa.milter_name), before)
        certificates.remove(new)
        self.publish()

    @staticmethod
    def sign_with(certificate: Path, key: Path) -> None:
        box.reconfigure(box.beta, provider={"certificate_file": str(certificate),
                                            "key_file": str(key)})

    def test_a_source_that_fails(self):
        """All goes on with what was read before, and the operators see it."""
        complaint = self.directory.damage()
        try:
            for provider in (box.alfa, box.beta):
                self.wait_for_state(provider, "BAD since ")
                self.assertIn(f": {complaint}", provider.status())
                self.assertIn("; still in use: 2 providers, 2 domains, as of ", provider.status())
            self.check_mail_from_beta(self.entries[box.beta.name].certificates[0])
        finally:
            self.directory.mend()
        for provider in (box.alfa, box.beta):
            self.wait_for_state(provider, "good since ")

    def test_a_source_that_shrinks(self):
        """More than the administrator allows at once is not believed."""
        self.enter_gamma(True)
        self.publish()
        self.directory.publish({box.alfa.name: self.entries[box.alfa.name]})
        for provider in (box.alfa, box.beta):
            self.wait_for_state(provider, "BAD since ")
        self.assertIn(": 3 of 4 domains would go, and directory.max_shrink_percent lets 60% go "
                      "at once; ", box.alfa.status())
        self.check_mail_from_beta(self.entries[box.beta.name].certificates[0])
        self.directory.publish(self.entries)
        for provider in (box.alfa, box.beta):
            self.wait_for_state(provider, "good since ")
        self.enter_gamma(False)
        self.publish()

    def test_a_source_without_ourselves(self):
        """Mail among our users stays certified, and all of it has its receipts."""
        alfa, beta = (self.entries[provider.name] for provider in (box.alfa, box.beta))
        no_entry = f'no entry with providerName "{beta.name}" manages the domain {box.beta.domain}'
        for complaint, *entries in (
            (no_entry, alfa),
            (no_entry, replace(alfa, domains=[*alfa.domains, *beta.domains]),
             replace(beta, domains=["pec.altra.example"])),
            (f"the certificate in {beta.certificates[0]} is not in the entry of", alfa,
             replace(beta, certificates=[self.beta_certificate()])),
        ):
            with self.subTest(complaint, entries=len(entries)):
                self.directory.publish({entry.name: entry for entry in entries})
                self.wait_for_state(box.beta, "BAD since ")
                status = box.beta.status()
                self.assertIn(f"{self.directory.source}: {complaint}", status)
                self.assertIn(", or the directory; still in use: 2 providers, 2 domains, as of ",
                              status)
                self.check_mail_at_beta()
                self.directory.publish(self.entries)
                self.wait_for_state(box.beta, "good since ")

    def beta_certificate(self) -> Path:
        """One that beta doesn't sign with."""
        pki = Pki(box.ca_file.parent)
        name = f"beta-other-{self.kind.__name__}"
        pki.begin_signing(name, box.beta.name, f"posta-certificata@{box.beta.domain}")
        pki.finish()
        return pki.certificate(name)

    def check_mail_at_beta(self) -> None:
        box.beta.submit(dario, [elena], letter(dario, to=[elena], subject="at beta"))
        self.assertEqual(mailboxes.new().kinds(), {
            dario: ["accettazione", "avvenuta-consegna"], elena: ["posta-certificata"],
            box.beta.service_mailbox: ["presa-in-carico"]})


class Ldif(Changes, harness.Case):
    kind = LdifDirectory

    def test_a_file_that_is_older(self):
        """What is in use stays, until it is clear that the old one is right."""
        file = Path(box.info["directory_ldif"])
        now = file.stat().st_mtime
        os.utime(file, (now - 86400, now - 86400))
        try:
            for provider in (box.alfa, box.beta):
                self.wait_for_state(provider, "BAD since ")
                self.assertIn("older than the directory in use, which is of ", provider.status())
            self.check_mail_from_beta(self.entries[box.beta.name].certificates[0])
        finally:
            os.utime(file, (now, now))
        for provider in (box.alfa, box.beta):
            self.wait_for_state(provider, "good since ")


class Ldap(Changes, harness.Case):
    kind = LdapDirectory


if __name__ == "__main__":
    harness.main()
