# SPDX-License-Identifier: GPL-2.0-or-later
"""What each SMTP service takes and from whom: postfix-conf/ before any milter has its say."""

import smtplib
import subprocess
from pathlib import Path

from support import harness
from support.changed_postfix import ChangedPostfix
from support.people import anna, bruno, dario
from support.waiting import wait_until

INTERNAL = "anna@pec.alfa.example.1795324282.abcd.accettazione.pec.internal"
LETTER = b"Message-ID: <doors@client>\r\n\r\nhello\r\n"


def setUpModule():
    global box
    box = harness.sandbox("passthrough")


def rcpt(connection: smtplib.SMTP, recipient: str) -> tuple[int, bytes]:
    """RCPT with the address as it stands: smtplib would put strange ones right."""
    return connection.docmd("RCPT", f"TO:<{recipient}>")


class Submission(harness.Case):
    """The access point (RFC 6109, 5.3): TLS and login always, on both ports."""

    SERVICES = ("smtps", "submission")

    def reply(self, connection: smtplib.SMTP, sender: str, recipient: str) -> tuple[int, bytes]:
        """The answer to MAIL and RCPT: the first that isn't 250."""
        connection.ehlo_or_helo_if_needed()
        answer = connection.mail(sender)
        return answer if answer[0] != 250 else connection.rcpt(recipient)

    def test_a_login_is_needed(self):
        for service in self.SERVICES:
            for recipient in (dario, bruno):
                with self.subTest(service, recipient=recipient):
                    with box.alfa.connect(service) as connection:
                        if service == "submission":
                            connection.starttls(context=box.tls)
                        self.assertEqual(self.reply(connection, anna, recipient)[0] // 100, 5)

    def test_the_password_is_checked(self):
        with box.alfa.connect("smtps") as connection:
            with self.assertRaises(smtplib.SMTPAuthenticationError):
                connection.login(anna, "guessed")

    def test_nothing_without_tls(self):
        with box.alfa.connect("submission") as connection:
            connection.ehlo()
            self.assertFalse(connection.has_extn("auth"))
            self.assertEqual(connection.docmd("AUTH", "PLAIN AGEAYg==")[0], 530)
            self.assertEqual(connection.mail(anna)[0], 530)

    def test_a_login_sends_as_itself_alone(self):
        for service in self.SERVICES:
            with self.subTest(service), box.alfa.login(anna, service) as connection:
                self.assertEqual(self.reply(connection, bruno, dario)[0], 553)
                connection.rset()
                self.assertEqual(self.reply(connection, "anna@elsewhere.example", dario)[0], 553)
                connection.rset()
                self.assertEqual(self.reply(connection, anna, dario)[0], 250)

    def test_the_null_sender_is_refused(self):
        for service in self.SERVICES:
            with self.subTest(service), box.alfa.login(anna, service) as connection:
                self.assertEqual(self.reply(connection, "", dario)[0], 550)

    def test_a_session_that_fails_is_mailed_to_nobody(self):
        """Its transcript, which Postfix would send to the postmaster, has the password in it."""
        def ended() -> int:
            return log.read_text().count("disconnect from")

        log = Path(box.alfa.info["maillog"])
        with ChangedPostfix(box.alfa) as postfix:
            postfix.set(queue_minfree="1000000000000000")  # as if the disk were full
            before = ended()
            with box.alfa.login(anna) as connection:
                self.assertEqual(connection.mail(anna)[0], 452)
            wait_until(lambda: ended() > before, "the end of the session")
        wait_until(lambda: not box.alfa.queue(), "an empty queue")
        with box.alfa.mailbox(box.alfa.service_mailbox) as mailbox:
            self.assertEqual(mailbox.all(), [])

    def test_delivery_status_notifications_are_not_offered(self):
        for service in self.SERVICES:
            with self.subTest(service), box.alfa.login(anna, service) as connection:
                connection.ehlo()
                self.assertFalse(connection.has_extn("dsn"))
                connection.mail(anna)
                code, _ = connection.docmd("RCPT", f"TO:<{dario}> NOTIFY=NEVER")
                self.assertEqual(code // 100, 5)

    def test_an_unknown_address_of_ours_is_no_matter_of_the_dialogue(self):
        with box.alfa.login(anna) as connection:
            self.assertEqual(self.reply(connection, anna, f"nobody@{box.alfa.domain}")[0], 250)


class Incoming(harness.Case):
    """The incoming point: anybody, but for our own mailboxes only."""

    def ask(self, recipient: str, sender: str = "someone@ordinaria.example") -> int:
        with box.alfa.connect("mx") as connection:
            connection.ehlo()
            connection.mail(sender)
            return rcpt(connection, recipient)[0]

    def test_takes_mail_for_our_mailboxes_without_tls(self):
        self.assertEqual(self.ask(anna), 250)
        self.assertEqual(self.ask(anna, sender=""), 250)

    def test_takes_mail_for_the_signing_address(self):
        self.assertEqual(self.ask(f"posta-certificata@{box.alfa.domain}", sender=""), 250)

    def test_relays_for_nobody(self):
        for recipient in (dario, "x@ordinaria.example", "x@elsewhere.example", "x%elsewhere.example",
                          f"x%elsewhere.example@{box.alfa.domain}", "elsewhere.example!x",
                          f"@{box.alfa.domain}:x@elsewhere.example", '"x@elsewhere.example"'):
            with self.subTest(recipient):
                self.assertEqual(self.ask(recipient) // 100, 5)

    def test_unknown_mailboxes_are_refused_in_the_dialogue(self):
        self.assertEqual(self.ask(f"nobody@{box.alfa.domain}"), 550)

    def test_nobody_logs_in_here(self):
        with box.alfa.connect("mx") as connection:
            connection.starttls(context=box.tls)
            connection.ehlo()
            self.assertFalse(connection.has_extn("auth"))
            self.assertFalse(connection.has_extn("dsn"))

    def test_offers_starttls_with_its_own_name(self):
        with box.alfa.connect("mx") as connection:
            connection._host = f"mx.{box.alfa.domain}"  # the name that the certificate must have
            self.assertEqual(connection.starttls(context=box.tls)[0], 220)


class InternalRecipients(harness.Case):
    """*.pec.internal has a meaning inside only, in whatever form it is written."""

    FORMS = (INTERNAL, INTERNAL.upper(), INTERNAL + ".", "x@pec.internal", "x@presa.pec.internal",
             "@pec.alfa.example:x@presa.pec.internal", "x@presa.pec.internal@pec.internal",
             '"x@presa.pec.internal"')
    # Local parts of our own domain, and no more: such a mailbox doesn't exist.
    DISGUISES = ("x%presa.pec.internal", "presa.pec.internal!x")

    def test_refused_at_every_public_service(self):
        for service in ("smtps", "submission", "mx"):
            with (box.alfa.connect if service == "mx" else self.login)(service) as connection:
                for form in self.FORMS:
                    with self.subTest(service, form=form):
                        connection.ehlo()
                        connection.mail(anna)
                        self.assertIn(rcpt(connection, form)[0], (550, 554))
                        connection.rset()

    def test_refused_as_senders_from_outside(self):
        """A bounce goes to the sender: it would pass a mailbox's revocation, or have receipts made."""
        for form in (INTERNAL, f"{bruno}.kept.pec.internal", "x@pec.internal", "x@PRESA.pec.internal"):
            with self.subTest(form), box.alfa.connect("mx") as connection:
                connection.ehlo()
                connection.mail(form)
                self.assertEqual(rcpt(connection, anna)[0], 550)

    @staticmethod
    def login(service: str) -> smtplib.SMTP:
        return box.alfa.login(anna, service)

    def test_disguised_they_stay_unknown_mailboxes(self):
        with self.login("smtps") as connection:
            connection.ehlo()
            connection.mail(anna)
            for form in self.DISGUISES:
                self.assertEqual(rcpt(connection, form)[0], 250)
            connection.data(b"Message-ID: <disguise@client>\r\n\r\nhello\r\n")
        [bounce] = box.alfa.wait_for(anna, 1, containing=b"<disguise@client>")
        self.assertEqual(bounce.count(b"Status: 5.1.1"), len(self.DISGUISES))
        maillog = Path(box.alfa.info["maillog"]).read_text()
        self.assertNotRegex(maillog, "postfix/pec(one|many)/")

    def test_the_receipts_service_takes_nothing_else(self):
        # A session each: the first refusal ends one.
        for recipient, answer in ((bruno, 5), ("x@elsewhere.example", 5), (INTERNAL, 2)):
            with self.subTest(recipient):
                connection = box.alfa.connect("receipts")
                self.addCleanup(connection.close)
                connection.ehlo()
                connection.mail(anna)
                self.assertEqual(connection.rcpt(recipient)[0] // 100, answer)


class Configuration(harness.Case):
    def test_postfix_knows_every_setting_and_needs_every_one(self):
        # postconf warns of names that it doesn't know and that nothing refers to.
        for what in ("-n", "-M", "-P"):
            done = subprocess.run(
                ["/usr/sbin/postconf", "-c", box.alfa.info["postfix_config"], what],
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True)
            self.assertEqual(done.stderr, "")

    def test_the_public_services_take_less_than_what_wrapping_makes_of_it(self):
        def limit(service: str) -> int:
            with box.alfa.connect(service) as connection:
                connection.ehlo()
                return int(connection.esmtp_features["size"])

        self.assertLess(limit("smtps"), limit("mx"))
        self.assertEqual(limit("smtps"), limit("submission"))
        self.assertLess(limit("mx"), limit("receipts"))


class WithoutMilter(harness.Case):
    """milter_default_action: what the milter hasn't seen isn't taken; the client comes again."""

    def test_put_off_and_taken_once_it_is_back(self):
        def submit():
            box.alfa.submit(anna, [bruno], LETTER)

        with box.alfa.login(anna) as open_session:
            box.kill_milter(box.alfa)
            self.addCleanup(box.alfa.wait_for, bruno, 1, containing=b"<doors@client>")
            self.addCleanup(submit)
            self.addCleanup(box.start_milter, box.alfa)
            with self.assertRaises(smtplib.SMTPResponseException) as refused:
                open_session.sendmail(anna, [bruno], LETTER)
            self.assertEqual(refused.exception.smtp_code, 451)
        with self.assertRaises(smtplib.SMTPResponseException) as refused:
            submit()
        self.assertEqual(refused.exception.smtp_code // 100, 4)
        with box.alfa.connect("mx") as connection:
            connection.ehlo()
            self.assertEqual(connection.mail("someone@ordinaria.example")[0], 451)


if __name__ == "__main__":
    harness.main()
