# SPDX-License-Identifier: GPL-2.0-or-later
"""Certified mail that can't be delivered: its sender learns so from a signed notice, one for each
recipient, and from nothing else. Numbers in brackets are sections of RFC 6109.
"""

import re
import smtplib
from pathlib import Path

from support import harness
from support.changed_postfix import ChangedPostfix
from support.failures import KILOBYTE, LINE, SHORT, FailureCase, filler, start
from support.foreign_provider import DOMAIN as GAMMA, LOST_DOMAIN, SENDER as GIULIA, ForeignProvider
from support.notices import (NON_DELIVERY, Told, dispatches, ends, expired, failure, full_mailbox, incidents, pec_id_of,
                             unknown_domain, unknown_mailbox)
from support.pec_mail import ORDINARY, letter, recipients_of
from support.people import anna, bruno, dario, elena
from support.smtp_sink import SmtpSink
from support.waiting import wait_until

UNKNOWN = "User unknown in virtual mailbox table"  # says Postfix to other hosts
NOT_THERE = "User doesn't exist"  # says Dovecot to Postfix
LARGE = 5_000_000


def setUpModule():
    global box, mailboxes, gamma, info, service
    box, mailboxes = start()
    [info] = [alias for alias, mailbox in box.beta.info["aliases"].items() if mailbox == dario]
    service = box.alfa.service_mailbox
    gamma = ForeignProvider(box)


class UnknownRecipients(FailureCase):
    def test_at_the_other_provider(self):
        """[3.3.3] refused at RCPT"""
        nobody = f"nessuno@{box.beta.domain}"
        came = self.send("Sconosciuto altrove", nobody)
        self.assertEqual(came.kinds(), {anna: ["accettazione", NON_DELIVERY]})
        acceptance = self.check_told(came, unknown_mailbox(nobody, box.alfa, UNKNOWN))
        self.assertEqual(ends(box.alfa, acceptance), {nobody: "failed_at"})

    def test_at_our_own(self):
        """[3.3.3] The submission is accepted: the notice tells, and no SMTP error."""
        nobody = f"nessuno@{box.alfa.domain}"
        came = self.send("Sconosciuto qui", nobody)
        self.assertEqual(came.kinds(), {anna: ["accettazione", NON_DELIVERY],
                                        service: ["presa-in-carico"]})
        acceptance = self.check_told(came, unknown_mailbox(nobody, box.alfa, NOT_THERE))
        self.assertEqual(ends(box.alfa, acceptance), {nobody: "failed_at"})

    def test_at_the_incoming_point_they_are_refused_at_once(self):
        """[3.3.3] there the other provider's server tells its user"""
        nobody = f"nessuno@{box.beta.domain}"
        with self.assertRaises(smtplib.SMTPRecipientsRefused) as refused:
            gamma.deliver(box.beta, [nobody], gamma.envelope([nobody]))
        self.assertEqual(refused.exception.recipients[nobody][0], 550)
        self.assertEqual(mailboxes.new().kinds(), {})

    def test_mailbox_missing_in_the_store(self):
        """[3.3.3] Postfix has it in its table, Dovecot knows nothing of it."""
        ghost = f"fantasma@{box.alfa.domain}"
        self.change(box.alfa).add_mailbox(ghost)
        came = self.send("Casella assente", ghost)
        self.assertEqual(came.kinds(), {anna: ["accettazione", NON_DELIVERY],
                                        service: ["presa-in-carico"]})
        self.check_told(came, unknown_mailbox(ghost, box.alfa, NOT_THERE))


class UnknownDomains(FailureCase):
    def test_certified(self):
        """[3.3.3] in the providers' directory, but nowhere to be found"""
        recipient = f"qualcuno@{LOST_DOMAIN}"
        came = self.send("Dominio smarrito", recipient)
        self.assertEqual(came.kinds(), {anna: ["accettazione", NON_DELIVERY]})
        acceptance = self.check_told(came, unknown_domain(recipient, box.alfa))
        self.assertEqual(ends(box.alfa, acceptance), {recipient: "failed_at"})

    def test_that_does_not_exist(self):
        """[3.3.3] An ordinary recipient has no dispatch, but the sender is told all the same."""
        recipient = "qualcuno@inesistente.example"
        came = self.send("Dominio inesistente", recipient)
        self.assertEqual(came.kinds(), {anna: ["accettazione", NON_DELIVERY]})
        acceptance = self.check_told(came, unknown_domain(recipient, box.alfa))
        self.assertEqual(recipients_of(acceptance), [(recipient, "esterno")])
        self.assertEqual(dispatches(box.alfa, pec_id_of(acceptance)), {})


class FullMailboxes(FailureCase):
    def test_here(self):
        """[3.3.3]"""
        self.fill(box.alfa, bruno)
        came = self.send("Piena qui", bruno)
        self.assertEqual(came.kinds(), {anna: ["accettazione", NON_DELIVERY],
                                        service: ["presa-in-carico"]})
        acceptance = self.check_told(came, full_mailbox(bruno, box.alfa))
        self.assertEqual(ends(box.alfa, acceptance), {bruno: "failed_at"})

    def test_at_the_other_provider(self):
        """[3.3.3] which took it in charge, and makes the notice itself"""
        self.fill(box.beta, elena)
        came = self.send("Piena altrove", elena)
        self.assertEqual(came.kinds(), {anna: ["accettazione", NON_DELIVERY],
                                        service: ["presa-in-carico"]})
        acceptance = self.check_told(came, full_mailbox(elena, box.beta))
        self.assertEqual(ends(box.alfa, acceptance), {elena: "failed_at"})

    def test_for_another_provider(self):
        """[3.3.3] Gamma's envelope: its user has beta's notice, made of beta's log alone."""
        self.fill(box.beta, elena)
        gamma.deliver(box.beta, [elena], gamma.envelope([elena]))
        came = mailboxes.new(ordinary=2)  # gamma's mail lies there
        self.assertEqual(came.kinds(), {ORDINARY: [NON_DELIVERY, "presa-in-carico"]})
        [taken] = came.of_kind("presa-in-carico", at=ORDINARY)
        [notice] = came.of_kind(NON_DELIVERY, at=ORDINARY)
        self.assertEqual(notice.header("Delivered-To"), GIULIA)
        self.check_notice(notice, taken, full_mailbox(elena, box.beta))
        self.assertEqual(incidents(box.beta, pec_id_of(taken)), [])

    def test_what_failed_stays_out(self):
        """[3.3.3] The sender was told that it failed: there is room now, and the same comes again."""
        self.fill(box.beta, elena)
        envelope = gamma.envelope([elena])
        gamma.deliver(box.beta, [elena], envelope)
        self.assertEqual(mailboxes.new(ordinary=2).kinds(), {ORDINARY: [NON_DELIVERY, "presa-in-carico"]})
        box.beta.set_quota(elena)
        gamma.deliver(box.beta, [elena], envelope)
        self.assertEqual(mailboxes.new().kinds(), {})

    def test_behind_an_alias(self):
        """[3.3.3] The sender knows the alias alone, so the notice speaks of it."""
        self.fill(box.beta, dario)
        came = self.send("Piena dietro", info)
        self.assertEqual(came.kinds(), {anna: ["accettazione", NON_DELIVERY],
                                        service: ["presa-in-carico"]})
        acceptance = self.check_told(came, full_mailbox(info, box.beta))
        self.assertEqual(ends(box.alfa, acceptance), {info: "failed_at"})

    def test_behind_an_alias_of_our_own(self):
        """[3.3.3]"""
        [alias] = box.alfa.info["aliases"]
        self.fill(box.alfa, box.alfa.info["aliases"][alias])
        came = self.send("Piena dietro qui", alias, sender=bruno)
        self.assertEqual(came.kinds(), {bruno: ["accettazione", NON_DELIVERY],
                                        service: ["presa-in-carico"]})
        self.check_told(came, full_mailbox(alias, box.alfa), sender=bruno)


class AtTheRemoteServer(FailureCase):
    def refusal(self, reply: bytes, told: Told, waits: bool = False) -> None:
        """Gamma's server says this after the final dot. `waits`: it is asked again, until the
        queue's lifetime has passed."""
        with SmtpSink() as sink, ChangedPostfix(box.alfa) as postfix:
            sink.reply = reply
            postfix.route(GAMMA, sink.address)
            if waits:
                postfix.set(maximal_queue_lifetime=SHORT)
            came = self.send("Rifiutato", GIULIA)
            self.assertEqual(came.kinds(), {anna: ["accettazione", NON_DELIVERY]})
            acceptance = self.check_told(came, told)
            self.assertEqual(ends(box.alfa, acceptance), {GIULIA: "failed_at"})
            self.assertGreater(len(sink.mails), 1 if waits else 0)

    def refused(self, code: str, words: str) -> Told:
        return failure(GIULIA, box.alfa, "altro", code, "messaggio rifiutato dal destinatario", words)

    def test_refusing_after_data(self):
        """[3.3.3]"""
        for reply, told in (
            (b"554 5.7.1 Not wanted here", self.refused("5.7.1", "554 5.7.1 Not wanted here")),
            (b"552 5.3.4 Too large", self.refused("5.3.4", "552 5.3.4 Too large")),
            (b"550 no such user", unknown_mailbox(GIULIA, box.alfa, "550 no such user")),
            (b"554 go away", self.refused("5.0.0", "554 go away")),
            (b"550 5.2.1 Disabled", failure(GIULIA, box.alfa, "altro", "5.2.1", "casella non attiva",
                                            "550 5.2.1 Disabled")),
            (b"552 5.2.2 Over quota", full_mailbox(GIULIA, box.alfa, "552 5.2.2 Over quota")),
            (b"550-5.1.1 Unknown\r\n550 5.1.1 mailbox",
             unknown_mailbox(GIULIA, box.alfa, "550-5.1.1 Unknown 550 5.1.1 mailbox")),
            # As if our own delivery point had stored it and its receipt were missing.
            (b"554 5.7.1 Delivered, the receipt waits: giulia@pec.gamma.example.1795324282."
             b"qrstuvwxyz234567qrstuvwxyz234567.consegna.pec.internal",
             self.refused("5.7.1", "the receipt waits: giulia@")),
            # Somebody else's words, in XML, text, HTML and log.
            (b"550 5.1.1 <b>&\"[mittente]\" \xe8\x01% unknown",
             unknown_mailbox(GIULIA, box.alfa, r"550 5\.1\.1 <b>&\"\[mittente\]\" .*% unknown")),
        ):
            with self.subTest(reply):
                self.refusal(reply, told)

    def test_putting_off_until_expiry(self):
        """[3.3.3]"""
        for reply, told in (
            (b"451 4.3.0 Later", expired(GIULIA, box.alfa, "451 4.3.0 Later")),
            (b"452 4.2.2 Mailbox full", full_mailbox(GIULIA, box.alfa, "452 4.2.2 Mailbox full")),
        ):
            with self.subTest(reply):
                self.refusal(reply, told, waits=True)

    def test_down_until_expiry(self):
        """[3.3.3]"""
        sink = self.host_for_gamma()
        sink.down()
        self.change(box.alfa).set(maximal_queue_lifetime=SHORT)
        came = self.send("Spento", GIULIA)
        self.assertEqual(came.kinds(), {anna: ["accettazione", NON_DELIVERY]})
        acceptance = self.check_told(came, expired(GIULIA, box.alfa, "Connection refused"))
        self.assertEqual(ends(box.alfa, acceptance), {GIULIA: "failed_at"})


class SeveralAtOnce(FailureCase):
    def four(self) -> list[Told]:
        return [unknown_mailbox(f"nessuno@{box.alfa.domain}", box.alfa, NOT_THERE),
                unknown_mailbox(f"nessuno@{box.beta.domain}", box.alfa, UNKNOWN),
                unknown_domain(f"qualcuno@{LOST_DOMAIN}", box.alfa),
                unknown_domain("qualcuno@inesistente.example", box.alfa)]

    def check_four(self, subject: str, body: bytes = b"\r\nCiao.\r\n") -> None:
        """Four of six recipients fail, in one DSN of Postfix; the others don't feel it."""
        told = self.four()
        came = self.send(subject, *(each.recipient for each in told), bruno, dario, body=body)
        self.assertEqual(came.kinds(), {
            anna: ["accettazione"] + 2 * ["avvenuta-consegna"] + 4 * [NON_DELIVERY],
            service: 2 * ["presa-in-carico"],
            bruno: ["posta-certificata"], dario: ["posta-certificata"]})
        acceptance = self.check_told(came, *told)
        self.assertRegex(box.alfa.milter_log(),
                         rf"role=bounces.*{re.escape(pec_id_of(acceptance))}.*notices for 4 recipients")
        self.assertEqual(ends(box.alfa, acceptance), {
            told[0].recipient: "failed_at", told[1].recipient: "failed_at",
            told[2].recipient: "failed_at", bruno: "delivered_at", dario: "delivered_at"})
        ids = [message.message_id for message in came.of_kind(NON_DELIVERY, at=anna)]
        self.assertEqual(len(set(ids)), 4)

    def test_one_notice_each(self):
        """[3.3.3]"""
        self.check_four("Quattro")

    def test_one_after_the_other(self):
        """[3.3.3] Who failed at once is told at once, and each is told once."""
        sink = self.host_for_gamma()
        sink.reply = b"451 4.3.0 Later"
        nobody = f"nessuno@{box.beta.domain}"
        box.alfa.submit(anna, [nobody, GIULIA], letter(anna, to=[nobody, GIULIA], subject="Uno e uno"))
        with box.alfa.mailbox(anna) as inbox:
            inbox.wait_for(1, containing=b"Subject: AVVISO DI MANCATA CONSEGNA: Uno e uno\r\n")
        wait_until(lambda: [each["queue_name"] for each in box.alfa.queue()] == ["deferred"],
                   "the other one waits")
        self.change(box.alfa).set(maximal_queue_lifetime=SHORT)
        came = mailboxes.new()
        self.assertEqual(came.kinds(), {anna: ["accettazione", NON_DELIVERY, NON_DELIVERY]})
        self.check_told(came, unknown_mailbox(nobody, box.alfa, UNKNOWN),
                        expired(GIULIA, box.alfa, "451 4.3.0 Later"))

    def test_of_a_large_message(self):
        """[3.3.3] The DSN brings back a header only, and the notices don't need more."""
        self.check_four("Quattro grandi", filler(LARGE))


class Sizes(FailureCase):
    def test_notices_carry_nothing_of_the_original(self):
        """[3.3.3] Beyond bounce_size_limit, 50,000 bytes, Postfix gives back a header only."""
        nobody = f"nessuno@{box.beta.domain}"
        self.fill(box.beta, elena)
        for size in (KILOBYTE, 40 * KILOBYTE, 60 * KILOBYTE, LARGE):
            with self.subTest(size):
                came = self.send(f"Grande {size}", nobody, elena,
                                 body=filler(size))
                self.assertEqual(came.kinds(), {anna: ["accettazione", NON_DELIVERY, NON_DELIVERY],
                                                service: ["presa-in-carico"]})
                self.check_told(came, unknown_mailbox(nobody, box.alfa, UNKNOWN),
                                full_mailbox(elena, box.beta))
                for notice in came.of_kind(NON_DELIVERY, at=anna):
                    self.assertNotIn(LINE, notice.raw)


class OrdinaryRecipients(FailureCase):
    def test_the_sender_is_told_of_them_too(self):
        """[3.3.3] There is no dispatch to close: nobody certifies their delivery."""
        sink = self.stack().enter_context(SmtpSink())
        lost = "smarrito@altrove.example"
        sink.rcpt_reply_for[lost] = b"550 5.1.1 unknown here"
        self.change(box.alfa).route("altrove.example", sink.address)
        came = self.send("Ordinario", lost, dario)
        self.assertEqual(came.kinds(), {
            anna: ["accettazione", "avvenuta-consegna", NON_DELIVERY], dario: ["posta-certificata"],
            service: ["presa-in-carico"]})
        acceptance = self.check_told(came, unknown_mailbox(lost, box.alfa, "unknown here"))
        self.assertEqual(ends(box.alfa, acceptance), {dario: "delivered_at"})


class WithoutTheMilter(FailureCase):
    def test_the_bounce_waits(self):
        """[3.3.3] The failed message stays in the queue: no bare bounce, and one notice later."""
        sink = self.host_for_gamma()
        sink.reply = b"554 5.7.1 No"
        sink.may_answer.clear()
        box.alfa.submit(anna, [GIULIA], letter(anna, to=[GIULIA], subject="Rimbalzo"))
        with box.alfa.mailbox(anna) as inbox:
            inbox.wait_for(1, containing=b"Subject: ACCETTAZIONE: Rimbalzo\r\n")
        box.kill_milter(box.alfa)
        log = Path(box.alfa.info["maillog"])
        try:
            sink.may_answer.set()
            wait_until(lambda: "bounce failed" in log.read_text(), "the bounce fails")
            wait_until(
                lambda: [each["queue_name"] for each in box.alfa.queue()] == ["deferred"],
                "the failed message waits")
        finally:
            box.start_milter(box.alfa)
        box.alfa.flush()
        came = mailboxes.new()
        self.assertEqual(came.kinds(), {anna: ["accettazione", NON_DELIVERY]})
        self.check_told(came, failure(GIULIA, box.alfa, "altro", "5.7.1",
                                      "messaggio rifiutato dal destinatario", "554 5.7.1 No"))


if __name__ == "__main__":
    harness.main()
