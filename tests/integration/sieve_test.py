# SPDX-License-Identifier: GPL-2.0-or-later
"""What Sieve itself sends for the holder of a mailbox: vacation, reject and redirect, by Pigeonhole. Numbers
in brackets are sections of RFC 6109.
"""

from pathlib import Path

from support import harness
from support.box import Provider
from support.pec_mail import ORDINARY, Arrivals, all_mailboxes, check_signature, letter
from support.people import anna, bruno, dario, elena, fabio

OUTSIDE = "gianni@ordinaria.example"
VACATION = 'require "vacation"; vacation :subject "Assente" "Torno lunedi.";'
REJECT = 'require "reject"; reject "Non lo voglio.";'


def setUpModule():
    global box, mailboxes
    box = harness.sandbox()
    mailboxes = all_mailboxes(box)


class SieveCase(harness.Case):
    def script(self, provider: Provider, user: str, script: str) -> None:
        """The user's own, for this test."""
        home = Path(provider.info["dovecot_config"]).with_name("homes") / user
        if not home.exists():
            with provider.mailbox(user) as mailbox:  # makes the home
                mailbox.all()
        file = home / ".dovecot.sieve"
        file.write_text(script)
        self.addCleanup(file.unlink, missing_ok=True)

    @staticmethod
    def ordinary(recipient: str, subject: str, sender: str = OUTSIDE) -> None:
        with box.beta.connect("mx") as connection:
            connection.sendmail(sender, [recipient], letter(
                sender, to=[recipient], subject=subject, message_id=f"<{subject}@ordinaria.example>"))

    @staticmethod
    def certified(recipient: str, subject: str, sender: str = "", ordinary: int = 0) -> Arrivals:
        sender = sender or anna
        provider = box.alfa if sender.endswith("@" + box.alfa.domain) else box.beta
        provider.submit(sender, [recipient], letter(sender, to=[recipient], subject=subject,
                                                    message_id=f"<{subject}@client>"))
        return mailboxes.new(ordinary)

    def check_certified(self, came: Arrivals, recipient: str, sender: str = "") -> None:
        """The message is there, and its evidence once."""
        self.assertEqual(len(came.of_kind("posta-certificata", at=recipient)), 1)
        kinds = came.kinds()[sender or anna]
        self.assertEqual([kind for kind in kinds if kind != "errore"],
                         ["accettazione", "avvenuta-consegna"])

    def check_nobody_is_bothered(self, came: Arrivals) -> None:
        for provider in (box.alfa, box.beta):
            self.assertEqual(came.by_address[provider.operators], [])
            self.assertEqual(provider.query("SELECT * FROM incident"), [])

    def check_wrapped(self, message, provider: Provider, sender: str) -> None:
        """Ordinary mail, in an anomaly envelope of this provider."""
        self.assertEqual(message.kind, "errore")
        self.assertEqual(check_signature(message, box.ca_file),
                         f"posta-certificata@{provider.domain}")
        self.assertIn(f'"Per conto di: {sender}"', message.raw.decode())
        self.assertTrue(message.raw.startswith(b"Return-Path: <>\r\n"))


class Vacation(SieveCase):
    def test_to_outside_it_is_ordinary_mail_of_the_holder(self):
        self.script(box.beta, dario, VACATION)
        self.ordinary(dario, "ferie")
        came = mailboxes.new(ordinary=1)
        self.assertEqual(came.kinds(), {dario: ["errore"], ORDINARY: ["ordinaria"]})
        [answer] = came.by_address[ORDINARY]
        self.assertTrue(answer.raw.startswith(b"Return-Path: <>\r\n"))
        self.assertIn(dario, answer.header("From"))
        self.assertEqual(answer.header("To"), OUTSIDE)
        self.assertEqual(answer.header("Subject"), "Assente")
        self.assertEqual(answer.header("Auto-Submitted"), "auto-replied (vacation)")
        self.check_nobody_is_bothered(came)

    def test_to_certified_mail_it_comes_in_an_anomaly_envelope(self):
        self.script(box.beta, dario, VACATION)
        came = self.certified(dario, "ferie-certificate")
        self.check_certified(came, dario)
        [answer] = came.of_kind("errore", at=anna)
        self.check_wrapped(answer, box.alfa, dario)
        self.check_nobody_is_bothered(came)

    def test_so_it_does_at_the_same_provider(self):
        self.script(box.beta, dario, VACATION)
        came = self.certified(dario, "ferie-vicine", sender=elena)
        self.check_certified(came, dario, elena)
        [answer] = came.of_kind("errore", at=elena)
        self.check_wrapped(answer, box.beta, dario)
        self.check_nobody_is_bothered(came)

    def test_no_receipt_is_answered(self):
        """[2.2.5] Their senders are addresses that nobody reads but programs."""
        self.script(box.alfa, anna, VACATION)
        came = self.certified(dario, "ferie-di-chi-scrive")
        self.check_certified(came, dario)
        self.assertEqual(set(came.kinds()), {anna, dario, box.alfa.service_mailbox})
        self.check_nobody_is_bothered(came)


class Reject(SieveCase):
    def test_ordinary_mail_is_given_back_to_its_sender(self):
        self.script(box.beta, elena, REJECT)
        self.ordinary(elena, "rifiuto")
        came = mailboxes.new(ordinary=1)
        self.assertEqual(came.kinds(), {ORDINARY: ["ordinaria"]})
        [answer] = came.by_address[ORDINARY]
        self.assertTrue(answer.raw.startswith(b"Return-Path: <>\r\n"))
        self.assertEqual(answer.parsed.get_content_type(), "multipart/report")
        self.assertIn(b"Non lo voglio.", answer.raw)
        self.check_nobody_is_bothered(came)

    def test_certified_mail_stays_and_its_sender_hears_it(self):
        self.script(box.beta, elena, REJECT)
        came = self.certified(elena, "rifiuto-certificato")
        self.check_certified(came, elena)
        [answer] = came.of_kind("errore", at=anna)
        self.assertIn(b"Non lo voglio.", answer.postacert())
        self.check_nobody_is_bothered(came)

    def test_nothing_is_given_back_to_an_address_of_a_provider_s_own(self):
        """[2.2.5] Whoever wrote that as the sender of ordinary mail."""
        self.script(box.beta, elena, REJECT)
        self.ordinary(elena, "rifiuto-a-nessuno", f"posta-certificata@{box.alfa.domain}")
        came = mailboxes.new()
        self.assertEqual(came.kinds(), {})
        self.check_nobody_is_bothered(came)


class Redirect(SieveCase):
    def test_ordinary_mail_goes_on_in_its_anomaly_envelope(self):
        self.script(box.beta, fabio, f'redirect "{OUTSIDE}";')
        self.ordinary(fabio, "inoltro")
        came = mailboxes.new(ordinary=1)
        self.assertEqual(came.kinds(), {ORDINARY: ["errore"]})
        [copy] = came.by_address[ORDINARY]
        self.assertTrue(copy.raw.startswith(f"Return-Path: <{OUTSIDE}>\r\n".encode()))
        check_signature(copy, box.ca_file)
        self.check_nobody_is_bothered(came)

    def test_an_envelope_goes_on_as_it_is_and_is_delivered_here_first(self):
        """The copy owes nothing to anybody, and its sender is the original's."""
        self.script(box.beta, fabio, f'redirect "{OUTSIDE}";')
        came = self.certified(fabio, "inoltro-certificato", ordinary=1)
        self.check_certified(came, fabio)
        [copy] = came.of_kind("posta-certificata", at=ORDINARY)
        self.assertTrue(copy.raw.startswith(f"Return-Path: <{anna}>\r\n".encode()))
        check_signature(copy, box.ca_file)
        self.check_nobody_is_bothered(came)

    def test_to_other_mailboxes_of_certified_mail(self):
        for target in (elena, bruno):
            with self.subTest(target):
                self.script(box.beta, fabio, f'redirect "{target}";')
                came = self.certified(fabio, f"inoltro-a-{target.partition('@')[0]}")
                self.check_certified(came, fabio)
                self.assertEqual(came.kinds()[target], ["posta-certificata"])
                self.assertEqual(came.kinds()[anna], ["accettazione", "avvenuta-consegna"])
                self.check_nobody_is_bothered(came)

    def test_a_copy_that_fails_is_no_failure_of_the_message(self):
        self.script(box.beta, fabio, f'redirect "nessuno@{box.alfa.domain}";')
        came = self.certified(fabio, "inoltro-fallito")
        self.check_certified(came, fabio)
        [told] = came.of_kind("errore", at=anna)
        self.assertIn(f"nessuno@{box.alfa.domain}".encode(), told.postacert())
        self.check_nobody_is_bothered(came)

    def test_a_receipt_that_gets_no_further_is_its_provider_s_no_concern(self):
        self.script(box.alfa, anna, f'redirect "nessuno@{box.beta.domain}";')
        came = self.certified(dario, "inoltro-di-ricevute")
        self.check_certified(came, dario)
        self.check_nobody_is_bothered(came)

    def test_to_an_address_of_a_provider_s_own_nothing_goes(self):
        self.script(box.beta, fabio, f'redirect "posta-certificata@{box.alfa.domain}";')
        self.ordinary(fabio, "inoltro-al-gestore")
        came = mailboxes.new()
        self.assertEqual(came.kinds(), {fabio: ["errore"]})
        self.check_nobody_is_bothered(came)


class TheDoor(harness.Case):
    def test_it_takes_one_recipient_and_no_internal_one(self):
        def answers(*recipients: str) -> list[int]:
            with box.beta.connect("sieve") as connection:
                connection.ehlo()
                connection.mail("")
                return [connection.rcpt(each)[0] for each in recipients]

        self.assertEqual(answers(OUTSIDE, dario), [250, 452])
        self.assertEqual(answers(dario, OUTSIDE), [250, 452])
        self.assertEqual(answers("x@presa.pec.internal")[0] // 100, 5)
        self.assertEqual(answers(f"nessuno@{box.beta.domain}"), [550])


if __name__ == "__main__":
    harness.main()
