# SPDX-License-Identifier: GPL-2.0-or-later
"""The delivery plugin in a real Dovecot, with Sieve, between an LMTP client and a receipts smtpd
that are played here.

    dovecot_plugin_test.py --plugin PATH/lib99_pec_plugin.so [unittest's arguments]

Exit status 77: skipped, with the reason.
"""

import hashlib
import os
import poplib
import re
import socket
import tempfile
import threading
import time

from support import dovecot_case
from support.dovecot_case import PASSWORD, SENDER, anomaly, main, outer, pec_message, receipt, signed, stored
from support.dovecot_instance import MAIL_UID, DovecotInstance
from support.waiting import wait_until


class DovecotPluginTest(dovecot_case.DovecotCase):
    # --- What is delivered, and what is handed off ---

    def test_ordinary_mail_passes_untouched(self):
        message = pec_message(self.message_id, header="X-Other: posta-certificata")
        for _ in range(2):
            self.assert_delivered(message)
        self.assertEqual(self.mailbox(), [("INBOX", stored(message))] * 2)
        self.assertEqual(self.receipts.mails, [])
        self.assertEqual(self.journal_files(), [])

    def test_envelope_is_delivered_and_handed_off(self):
        begun = int(time.time())
        message = pec_message(self.message_id)
        self.assert_delivered(message)
        [stamp] = self.check_hand_offs(self.bob)
        self.assertTrue(begun <= stamp <= time.time())
        self.assertEqual(self.receipts.mails[0].data, stored(message))
        self.assertEqual(self.mailbox(), [("INBOX", stored(message))])
        self.assertRegex(" ".join(line[33:] for line in self.journal()),
                         rf"^pending \d+ saved {stamp} done {stamp}$")
        info = self.journal_files()[0].stat()
        self.assertEqual((info.st_uid, info.st_mode & 0o777), (MAIL_UID, 0o600))

    def test_header_counts_in_any_case(self):
        self.assert_delivered(pec_message(self.message_id, "x-TRASPORTO:  Posta-Certificata "))
        self.check_hand_offs(self.bob)

    def test_receipt_is_delivered_once_and_not_handed_off(self):
        message = receipt(self.message_id, "1@pec.alfa.example")
        for _ in range(2):
            self.assert_delivered(message)
        self.assertEqual(self.mailbox(), [("INBOX", stored(message))])
        self.assertEqual(self.receipts.mails, [])

    def test_anomaly_envelopes_of_one_message_id_are_two_messages(self):
        messages = [anomaly(self.message_id, made) for made in ("1", "2")]
        for message in messages:
            self.assert_delivered(message)
        self.assertEqual(self.mailbox(), [("INBOX", stored(message)) for message in messages])
        self.assertEqual(self.receipts.mails, [])

    def test_an_anomaly_envelope_comes_once(self):
        for _ in range(3):
            self.assert_delivered(anomaly(self.message_id))
        self.assertEqual(len(self.mailbox()), 1)
        self.assertEqual(self.receipts.mails, [])

    def test_an_anomaly_envelope_after_a_death(self):
        """The one that was stored is found, and another with its Message-ID is not taken for it."""
        self.assert_delivered(anomaly(self.message_id, "1"))
        self.forget("done")
        self.assert_delivered(anomaly(self.message_id, "1"))
        self.assertEqual(len(self.mailbox()), 1)
        self.assert_delivered(anomaly(self.message_id, "2"))
        with self.imap() as client:
            client.select("INBOX")
            client.store("2", "+FLAGS", r"(\Deleted)")
            client.expunge()
        self.forget("done")
        self.assert_delivered(anomaly(self.message_id, "2"))
        self.assertEqual(len(self.mailbox()), 2)

    def test_sieve_has_its_way_with_anomaly_envelopes(self):
        self.dovecot.set_sieve(self.bob, 'redirect "altrove@ordinaria.example";')
        self.assert_delivered(anomaly(self.message_id, "1"))
        self.dovecot.set_sieve(self.bob, "discard;")
        self.assert_delivered(anomaly(self.message_id, "2"))
        self.assert_delivered(anomaly(self.message_id, "2"))
        self.dovecot.set_sieve(self.bob, 'require ["fileinto", "mailbox"]; fileinto :create "Altro";')
        self.assert_delivered(anomaly(self.message_id, "3"))
        self.assertEqual([folder for folder, _ in self.mailbox()], ["Altro"])
        self.assertEqual(len(self.sieve_mail.mails), 1)

    def test_an_anomaly_envelope_that_does_not_fit_is_refused(self):
        self.add_user(self.bob, quota_rule="*:storage=1K")
        message = anomaly(self.message_id, subject="x" * 2000)
        for _ in range(2):
            self.assertRegex(self.deliver(message)[0], "^552 5.2.2")
        self.assertEqual(self.mailbox(), [])

    def test_detail_stays_in_the_certified_recipient(self):
        name, domain = self.bob.split("@")
        recipient = f"{name}+Ufficio@{domain}"
        self.assert_delivered(pec_message(self.message_id), recipient)
        self.check_hand_offs(recipient)
        self.assertEqual([folder for folder, _ in self.mailbox()], ["INBOX"])

    def test_duplicate_is_dropped(self):
        message = pec_message(self.message_id)
        for _ in range(3):
            self.assert_delivered(message)
        self.check_hand_offs(self.bob)
        self.assertEqual(len(self.mailbox()), 1)
        actions = self.find_in_log(
            rf"pec: action=(\S+) to=<{self.bob}> msgid=<{self.message_id}> (\S+)", 3)
        self.assertEqual(actions, [("deliver", "receipt=asked")] +
                         [("drop", "receipt=asked-before")] * 2)

    def test_two_recipients_of_one_transaction(self):
        carla = "carla." + self.bob
        self.add_user(carla)
        message = pec_message(self.message_id)
        self.assert_delivered(message, self.bob, carla)
        self.check_hand_offs(self.bob, carla)
        for user, mail in zip((self.bob, carla), self.receipts.mails):
            self.assertEqual(self.mailbox(user), [("INBOX", stored(message))])
            self.assertEqual(mail.data, stored(message))

    # --- What a message is stands under its signature ---

    def subjects(self):
        return [re.search(rb"(?m)^Subject: (.*?)\r?$", m)[1].decode() for _, m in self.mailbox()]

    def test_a_receipt_with_an_envelopes_message_id_harms_it_neither_before_nor_after(self):
        envelope = pec_message(self.message_id)
        poison = receipt(self.message_id, "9@pec.alfa.example")
        self.assert_delivered(poison)
        self.assert_delivered(envelope)
        self.check_hand_offs(self.bob)
        self.assertEqual(self.mailbox(), [("INBOX", stored(poison)), ("INBOX", stored(envelope))])
        # While the envelope's receipt is owed, another one comes.
        self.message_id = "2." + self.message_id
        envelope = pec_message(self.message_id)
        self.receipts.down()
        self.assert_deferred(envelope)
        self.assert_delivered(receipt(self.message_id, "8@pec.alfa.example"))
        self.receipts.up()
        self.receipts.mails.clear()
        self.assert_delivered(envelope)
        self.check_hand_offs(self.bob)

    def test_a_receipt_with_an_envelopes_message_id_after_a_death(self):
        """Before it could say that it stored anything; the search must not take one for the other."""
        envelope = pec_message(self.message_id)
        self.dovecot.set_sieve(self.bob, 'redirect "elsewhere@c.example";')
        self.sieve_mail.down()
        self.assert_deferred(envelope)
        self.dovecot.set_sieve(self.bob, "keep;")
        for poison in (receipt(self.message_id, "9@pec.alfa.example"), anomaly(self.message_id),
                       pec_message(self.message_id, "X-Other: x")):
            self.assert_delivered(poison)
        self.assert_delivered(envelope)
        self.check_hand_offs(self.bob)
        self.assertEqual([m for _, m in self.mailbox()].count(stored(envelope)), 1)

    def test_a_replay_with_another_outside_is_a_duplicate(self):
        part = b"Content-Type: text/plain\r\n\r\nprova\r\n"
        self.assert_delivered(outer(self.message_id, "X-Trasporto: posta-certificata") + signed(part))
        self.assert_delivered(outer("another@x.example", "X-Trasporto: posta-certificata", "altro") +
                              signed(part, "----" + "0" * 32))
        self.assertEqual(self.subjects(), ["POSTA CERTIFICATA: prova"])
        self.check_hand_offs(self.bob)
        lines = self.find_in_log(r"(\w+): .*pec: action=drop .* msgid=<another@x.example> (\S+)")
        self.assertEqual([receipt for _, receipt in lines], ["receipt=asked-before"])
        self.assertNotRegex(self.log(), "(Warning|Error): .*pec:")

    def test_a_receipt_in_other_words_is_the_same(self):
        about = "1@pec.alfa.example"
        self.assert_delivered(receipt(self.message_id, about))
        self.assert_delivered(receipt("2." + self.message_id, about, words="la stessa"))
        self.assertEqual(len(self.mailbox()), 1)
        for other in (receipt(self.message_id, "2@pec.alfa.example"),
                      receipt(self.message_id, about, at="05:11:23"),
                      receipt(self.message_id, about, kind="non-accettazione"),
                      receipt(self.message_id, about, signer="posta-certificata@pec.beta.example")):
            self.assert_delivered(other)
        self.assertEqual(len(self.mailbox()), 5)

    def test_an_x_trasporto_that_says_nothing_hides_no_receipt(self):
        message = receipt(self.message_id, "1@pec.alfa.example")
        self.assert_delivered(message)
        for value in (b"", b" ", b" altro"):
            self.assert_delivered(b"X-Trasporto:%b\r\n" % value + message)
        self.assertEqual(self.mailbox(), [("INBOX", stored(message))])

    def test_a_receipt_is_found_under_another_message_id_after_a_death(self):
        """Its Message-ID is under no signature: a replay may bear any."""
        about = "1@pec.alfa.example"
        message = receipt(self.message_id, about)
        self.assert_delivered(receipt("another." + self.message_id, "2@pec.alfa.example"))
        self.assert_delivered(message)
        self.forget("done")
        self.assert_delivered(receipt("2." + self.message_id, about))
        self.assertEqual(len(self.mailbox()), 2)
        self.assertIn(("INBOX", stored(message)), self.mailbox())

    def test_what_bears_a_claim_and_no_signature_is_ordinary_mail(self):
        for number, header in enumerate(("X-Trasporto: posta-certificata", "X-Ricevuta: accettazione",
                                         "X-Trasporto: errore")):
            self.assert_delivered(outer(self.message_id, header, str(number)) + b"\r\nprova\r\n")
        self.assert_delivered(outer(self.message_id, "X-Ricevuta: accettazione", "3") + signed(b"\r\nx"))
        self.assertEqual(self.subjects(), ["0", "1", "2", "3"])
        self.assertEqual((self.receipts.mails, self.journal_files()), ([], []))
        self.find_in_log(r"Warning: .*pec: action=ordinary to=<\S+> reason=no certified mail, although "
                         "the header says so: ", 4)

    def test_line_ends_of_the_mailbox_make_no_other_message(self):
        """A later recipient's copy is read from the first one's maildir, which has LF."""
        carla = "carla." + self.bob
        self.add_user(self.bob, mail="maildir:~/Maildir", mail_save_crlf="no")
        self.add_user(carla)
        body = "città, perché €\r\n".encode() + bytes(range(128, 256)) + b"\r\n"
        message = pec_message(self.message_id, body=body)
        self.assert_delivered(message, self.bob, carla)
        self.check_hand_offs(self.bob, carla)
        self.assertNotIn(b"\r", next(self.dovecot.home(self.bob).glob("Maildir/new/*")).read_bytes())
        for user in (self.bob, carla):
            self.assert_delivered(message, user)
        self.assertEqual(len(self.mailbox(carla)), 1)
        # And the search finds it there.
        self.forget("saved", "done")
        self.assert_delivered(message)
        self.assertEqual(len(self.mailbox()), 1)
        self.assertEqual(len(self.receipts.mails), 3)

    def test_a_large_message_is_identified(self):
        message = pec_message(self.message_id, body=(b"x" * 75 + b"\r\n") * 400_000)
        self.add_user(self.bob, quota_rule="*:storage=200M")
        for _ in range(2):
            self.assert_delivered(message)
        self.assertEqual(len(self.mailbox()), 1)
        self.check_hand_offs(self.bob)

    # --- The journal's files ---

    def test_a_damaged_journal_stops_nobody(self):
        self.assert_delivered(pec_message(self.message_id))
        [file] = self.journal_files()
        file.write_bytes(b"rubbish")
        self.assert_delivered(pec_message("2." + self.message_id))
        self.assertEqual(len(self.mailbox()), 2)
        self.assertEqual(file.with_name(file.name + ".damaged").read_bytes(), b"rubbish")
        self.find_in_log(rf"Warning: .*pec: to=<{self.bob}> {re.escape(str(file))} is damaged: .*; renamed to ")

    def test_a_huge_journal_stops_nobody(self):
        self.assert_delivered(pec_message(self.message_id))
        os.truncate(self.journal_files()[0], 1 << 40)
        for _ in range(2):
            self.assert_delivered(pec_message("2." + self.message_id))
        self.assertEqual(len(self.mailbox()), 2)

    def test_the_journal_of_the_version_before_counts(self):
        """Its keys are of Message-ID and recipient: what was done is dropped, what is owed is asked for."""
        home = self.dovecot.home(self.bob)
        home.mkdir()
        os.chown(home, MAIL_UID, MAIL_UID)
        old, now = home / "pec-delivery-journal", int(time.time())
        with open(old, "w", encoding="ascii") as file:
            file.write(f"pec-delivery-journal 1 {now}\n")
            for state in ("done", "saved"):
                key = hashlib.sha256(f"{state}.{self.message_id}\n{self.bob}".encode()).hexdigest()[:32]
                line = f"{key} {state} {now - 100} 17 Posta in arrivo"
                file.write(f"{hashlib.sha256(line.encode()).hexdigest()[:8]} {line}\n")
            for _ in range(100_000):  # whatever its size
                file.write("00000000 " + "0" * 32 + " done 1 17 INBOX\n")
        self.assert_delivered(pec_message(f"done.{self.message_id}"))
        self.assertEqual((self.mailbox(), self.receipts.mails), ([], []))
        self.assertFalse(old.exists())
        self.assert_delivered(pec_message(f"saved.{self.message_id}"))
        self.assertEqual(self.mailbox(), [])
        [mail] = self.receipts.mails
        self.assertEqual(self.check_internal_recipient(mail.recipients[0], self.bob,
                                                       f"saved.{self.message_id}"), now - 100)

    # --- Aliases: what Postfix says of the address that the sender wrote ---

    def test_receipt_speaks_of_the_address_before_aliases(self):
        for number, address in enumerate(["Info@b.example", '"uffici, altri"@b.example', self.bob]):
            with self.subTest(address):
                self.receipts.mails.clear()
                self.message_id = f"{number}.{self.message_id}"
                message = f"X-Original-To: {address}\r\n".encode() + pec_message(self.message_id)
                for _ in range(2):
                    self.assert_delivered(message)
                self.check_hand_offs(address, mailbox=self.bob)
                self.assertEqual([m for _, m in self.mailbox() if m == stored(message)],
                                 [stored(message)])
                self.assertEqual(self.receipts.mails[0].data, stored(message))
                self.find_in_log(re.escape(f"action=deliver to=<{address}> msgid=<{self.message_id}>"))

    def test_two_addresses_of_one_mailbox_are_two_deliveries(self):
        alias, itself = (f"X-Original-To: {address}\r\n".encode() + pec_message(self.message_id)
                         for address in ("info@b.example", self.bob))
        for _ in range(2):
            self.assert_delivered(alias)
            self.assert_delivered(itself)
        self.check_hand_offs("info@b.example", self.bob, mailbox=self.bob)
        self.assertEqual(self.mailbox(), [("INBOX", stored(alias)), ("INBOX", stored(itself))])

    def test_deferred_delivery_of_an_alias_goes_on(self):
        message = b"X-Original-To: info@b.example\r\n" + pec_message(self.message_id)
        self.receipts.down()
        self.assert_deferred(message)
        self.find_in_log("pec: action=defer to=<info@b.example> ")
        self.receipts.up()
        self.assert_delivered(message)
        self.check_hand_offs("info@b.example", mailbox=self.bob)
        self.assertEqual(self.mailbox(), [("INBOX", stored(message))])

    def test_only_postfix_own_field_is_believed(self):
        """Its place is at the top. Below, anybody can have written it: no signature covers it."""
        own, forged = b"X-Original-To: info@b.example\r\n", b"X-Original-To: carla@b.example\r\n"
        envelope = pec_message(self.message_id)
        trace, rest = envelope.split(b"\r\n", 1)
        below = trace + b"\r\n" + forged + rest
        rows = {
            "own above forged": (own + below, "info@b.example"),
            "own right above forged": (own + forged + envelope, "info@b.example"),
            "forged below the trace": (below, None),
            "forged below another field": (b"Delivered-To: x@b.example\r\n" + forged + envelope, None),
            "forged in a folded field": (b"Return-Path: <a@a.example>\r\n " + forged + envelope, None),
            "a longer name": (forged.replace(b"To:", b"Too:") + envelope, None),
            "empty": (b"X-Original-To: \r\n" + below, None),
            "no address": (b"X-Original-To: b.example\r\n" + below, None),
            "two addresses": (b"X-Original-To: x@b.example, y@b.example\r\n" + below, None),
        }
        for number, (name, (message, recipient)) in enumerate(rows.items()):
            with self.subTest(name):
                self.receipts.mails.clear()
                message_id = f"{number}.{self.message_id}"
                self.assert_delivered(message.replace(self.message_id.encode(), message_id.encode()))
                [mail] = self.receipts.mails
                self.check_internal_recipient(mail.recipients[0], recipient or self.bob, message_id,
                                              mailbox=self.bob if recipient else None)

    def test_without_the_setting_the_field_says_nothing(self):
        self.add_user(self.bob, pec_original_recipient="no")
        self.assert_delivered(b"X-Original-To: info@b.example\r\n" + pec_message(self.message_id))
        self.check_hand_offs(self.bob)

    # --- Bytes ---

    def check_bytes(self, chunking):
        bodies = {
            "8bit": "città, perché €\r\n".encode() + bytes(range(128, 256)) + b"\r\n",
            "long": b"x" * 5000 + b"\r\n" + b"y" * 70000 + b"\r\n",
            "dots": b".\r\n..\r\n.x\r\n. .\r\n",
            "blank": b"\r\n \r\n\t\r\n\r\n",
            "empty": b"",
            "large": b"0123456789abcdef" * 4 * 65536 + b"\r\n",
            "no_final_line_end": b"uno\r\ndue",
        }
        self.receipts.chunking = chunking
        self.addCleanup(setattr, self.receipts, "chunking", False)
        for name, body in bodies.items():
            with self.subTest(name):
                self.receipts.mails.clear()
                user = f"{name}.{self.bob}"
                self.add_user(user)
                message = pec_message(self.message_id, body=body)
                if name == "no_final_line_end":
                    message = message.removesuffix(b"\r\n")
                self.assert_delivered(message, user, exact=name == "no_final_line_end")
                self.assertEqual(self.mailbox(user), [("INBOX", stored(message))])
                self.check_hand_offs(user)
                # DATA ends every line; nothing else may be added.
                end = b"\r\n" if name == "no_final_line_end" and not chunking else b""
                self.assertEqual(self.receipts.mails[0].data, stored(message) + end)

    def test_bytes_stay_as_sent(self):
        self.check_bytes(chunking=False)

    def test_bytes_stay_as_sent_to_a_smtpd_with_chunking(self):
        self.check_bytes(chunking=True)

    # --- Sieve ---

    def test_sieve_discard_ends_in_inbox(self):
        self.dovecot.set_sieve(self.bob, "discard;")
        self.assert_delivered(pec_message(self.message_id, "X-Other: x"))
        self.assertEqual(self.mailbox(), [])  # Sieve runs: ordinary mail is gone
        self.assert_delivered(pec_message(self.message_id))
        self.assertEqual(self.mailbox(), [("INBOX", stored(pec_message(self.message_id)))])
        self.check_hand_offs(self.bob)

    def test_sieve_redirect_ends_in_inbox_too(self):
        self.dovecot.set_sieve(self.bob, 'redirect "elsewhere@c.example";')
        self.assert_delivered(pec_message(self.message_id))
        self.assertEqual([folder for folder, _ in self.mailbox()], ["INBOX"])
        self.assertEqual(self.sieve_mail.mails[0].recipients, ["elsewhere@c.example"])
        self.check_hand_offs(self.bob)

    def test_sieve_redirect_that_fails_defers_and_then_completes(self):
        self.dovecot.set_sieve(self.bob, 'redirect "elsewhere@c.example";')
        self.sieve_mail.down()
        self.assert_deferred(pec_message(self.message_id))
        self.assertEqual(self.receipts.mails, [])
        self.sieve_mail.up()
        self.assert_delivered(pec_message(self.message_id))
        self.assertEqual([folder for folder, _ in self.mailbox()], ["INBOX"])
        self.check_hand_offs(self.bob)

    def test_sieve_reject_ends_in_inbox_too(self):
        self.dovecot.set_sieve(self.bob, 'require "reject"; reject "Non lo voglio";')
        self.assert_delivered(pec_message(self.message_id))
        self.assertEqual([folder for folder, _ in self.mailbox()], ["INBOX"])
        self.assertEqual(self.sieve_mail.mails[0].recipients, [SENDER])
        self.check_hand_offs(self.bob)

    def test_sieve_fileinto_is_where_it_ends(self):
        self.dovecot.set_sieve(
            self.bob, 'require ["fileinto", "mailbox"]; fileinto :create "Uffici e altro";')
        self.assert_delivered(pec_message(self.message_id))
        self.assertEqual([folder for folder, _ in self.mailbox()], ["Uffici e altro"])
        [stamp] = self.check_hand_offs(self.bob)
        self.assertIn(f" saved {stamp}", [line[32:] for line in self.journal()])

    def test_sieve_two_copies_are_one_delivery(self):
        self.dovecot.set_sieve(
            self.bob, 'require ["fileinto", "mailbox"]; fileinto :create "Copia"; keep;')
        self.assert_delivered(pec_message(self.message_id))
        self.assertEqual(sorted(folder for folder, _ in self.mailbox()), ["Copia", "INBOX"])
        self.check_hand_offs(self.bob)

    def test_sieve_two_recipients_one_discards(self):
        carla = "carla." + self.bob
        self.add_user(carla)
        self.dovecot.set_sieve(self.bob, "discard;")
        self.assert_delivered(pec_message(self.message_id), self.bob, carla)
        self.check_hand_offs(self.bob, carla)
        for user in (self.bob, carla):
            self.assertEqual([folder for folder, _ in self.mailbox(user)], ["INBOX"])

    # --- Failures, and coming again ---

    def test_receipts_smtpd_down(self):
        message = pec_message(self.message_id)
        self.receipts.down()
        self.assert_deferred(message)
        self.assert_deferred(message)
        self.assertEqual(len(self.mailbox()), 1)
        [saved_at] = re.findall(r" saved (\d+)", "\n".join(self.journal()))
        self.next_second()
        self.receipts.up()
        self.assert_delivered(message)
        self.assertEqual(self.check_hand_offs(self.bob), [int(saved_at)])
        self.assertEqual(len(self.mailbox()), 1)

    def test_receipts_smtpd_refuses(self):
        message = pec_message(self.message_id)
        for reply in (b"451 4.7.1 later", b"550 5.7.1 never"):
            self.receipts.reply = reply
            self.assert_deferred(message)
            self.next_second()
        self.receipts.reply = b"250 2.0.0 taken"
        self.assert_delivered(message)
        stamps = self.check_hand_offs(self.bob, self.bob, self.bob)
        self.assertEqual(len(set(stamps)), 1)
        self.assertEqual(len(self.mailbox()), 1)

    def test_two_recipients_with_the_receipts_smtpd_down(self):
        carla = "carla." + self.bob
        self.add_user(carla)
        message = pec_message(self.message_id)
        self.receipts.down()
        self.assert_deferred(message, self.bob, carla)
        self.receipts.up()
        self.assert_delivered(message, self.bob, carla)
        self.check_hand_offs(self.bob, carla)
        for user in (self.bob, carla):
            self.assertEqual(self.mailbox(user), [("INBOX", stored(message))])

    def test_lmtp_killed_during_the_hand_off(self):
        message = pec_message(self.message_id)
        self.receipts.may_answer.clear()
        self.addCleanup(self.receipts.may_answer.set)
        first = InBackground(lambda: self.deliver(message))
        wait_until(lambda: self.receipts.mails, "the copy to arrive")
        self.kill_lmtp()
        self.assertIsInstance(first.outcome(), EOFError)
        self.next_second()
        self.receipts.may_answer.set()
        self.assert_delivered(message)
        stamps = self.check_hand_offs(self.bob, self.bob)
        self.assertEqual(len(set(stamps)), 1)
        self.assertEqual(len(self.mailbox()), 1)

    def test_lmtp_killed_at_any_moment(self):
        # Into a mailbox that is there. While Dovecot makes one, it may die with a lock file that does not say
        # yet whose it is: the next delivery waits three minutes for that, and is put off (451).
        self.assert_delivered(pec_message(f"first.{self.message_id}"))
        for number in range(12):
            message_id = f"{number}.{self.message_id}"
            message = pec_message(message_id)
            self.receipts.mails.clear()
            first = InBackground(lambda: self.deliver(message))
            time.sleep(number * 0.002)  # the moment is what is tried, nothing is waited for
            self.kill_lmtp()
            first.outcome()
            wait_until(lambda: self.is_taken(message), "the delivery")
            with self.subTest(number):
                copies = [m for _, m in self.mailbox() if message_id.encode() in m]
                self.assertEqual(copies, [stored(message)])
                # More than one hand-off only if the first was not heard of; the same stamp always.
                self.assertIn(len(self.receipts.mails), (1, 2))
                self.assertEqual(len({m.recipients[0] for m in self.receipts.mails}), 1)
                self.check_internal_recipient(self.receipts.mails[0].recipients[0], self.bob,
                                              message_id)

    def kill_lmtp(self):
        for pid in self.dovecot.processes("lmtp"):
            self.dovecot.kill(pid)

    def test_died_after_the_commit(self):
        message = pec_message(self.message_id)
        self.assert_delivered(message)
        self.forget("saved", "done")
        self.assert_delivered(message)
        self.assertEqual(len(self.mailbox()), 1)
        self.check_hand_offs(self.bob, self.bob)

    def test_died_after_the_commit_and_the_user_moved_the_message(self):
        message = pec_message(self.message_id)
        self.assert_delivered(receipt("another." + self.message_id, self.message_id))
        self.assert_delivered(message)
        self.forget("saved", "done")
        with self.imap() as client:
            client.create("Archivio")
            client.select("INBOX")
            client.uid("MOVE", "2", "Archivio")
        self.assert_delivered(message)
        self.assertEqual([folder for folder, m in self.mailbox() if m == stored(message)],
                         ["Archivio"])
        self.check_hand_offs(self.bob, self.bob)

    def test_died_before_the_commit(self):
        message = pec_message(self.message_id)
        self.assert_delivered(message)
        self.forget("saved", "done")
        with self.imap() as client:
            client.select("INBOX")
            client.store("1", "+FLAGS", r"(\Deleted)")
            client.expunge()
        # What bears its id must not be taken for it.
        self.assert_delivered(receipt(self.message_id, "1@pec.alfa.example"))
        self.assert_delivered(anomaly(self.message_id))
        self.assert_delivered(message)
        self.assertEqual([m for _, m in self.mailbox()].count(stored(message)), 1)
        self.check_hand_offs(self.bob, self.bob)

    def test_the_disk_was_full_when_the_index_was_written(self):
        # Dovecot has the message's file then, and answers 451. Its index learns of the file when the next
        # delivery wants the same name.
        message = pec_message(self.message_id)
        self.assert_delivered(receipt("another." + self.message_id, self.message_id))
        folder = self.dovecot.home(self.bob) / "sdbox/mailboxes/INBOX/dbox-Mails"
        index = {path: path.read_bytes() for path in folder.glob("dovecot.index*")}
        self.assert_delivered(message)
        self.forget("saved", "done")
        self.receipts.mails.clear()
        for path in folder.glob("dovecot.index*"):
            path.unlink() if path not in index else path.write_bytes(index[path])
        self.assert_deferred(message)
        self.find_in_log("already exists, rebuilding index")
        self.assert_delivered(message)
        self.assertEqual([m for _, m in self.mailbox()].count(stored(message)), 1)
        self.check_hand_offs(self.bob)

    def test_the_same_message_twice_at_once(self):
        message = pec_message(self.message_id)
        self.receipts.may_answer.clear()
        self.addCleanup(self.receipts.may_answer.set)
        first = InBackground(lambda: self.deliver(message))
        wait_until(lambda: self.receipts.mails, "the copy to arrive")
        self.assert_deferred(message)
        self.receipts.may_answer.set()
        self.assertRegex(first.outcome()[0], "^250 ")
        self.assert_delivered(message)
        self.check_hand_offs(self.bob)
        self.assertEqual(len(self.mailbox()), 1)

    # --- Refusals and misconfiguration ---

    def test_over_quota_is_refused_for_good(self):
        self.add_user(self.bob, quota_rule="*:storage=20K")
        for sieve in ("keep;", 'require ["fileinto", "mailbox"]; fileinto :create "x";'):
            self.dovecot.set_sieve(self.bob, sieve)
            large = b"x" * 60 * 1024 + b"\r\n"
            for message in (pec_message(self.message_id, "X-Other: x", large),
                            pec_message(self.message_id, body=large),
                            receipt(self.message_id, "1@pec.alfa.example", body=large)):
                with self.subTest(sieve=sieve, message=message[:400]):
                    self.assertRegex(self.deliver(message)[0], "^552 5[.]2[.]2 ")
        self.assertEqual(self.receipts.mails, [])
        self.assertEqual(self.mailbox(), [])
        self.assert_delivered(pec_message(self.message_id))  # this one has room
        self.check_hand_offs(self.bob)

    def test_unknown_user_is_refused_for_good(self):
        with self.lmtp() as client:
            client.mail(SENDER)
            code, text = client.rcpt("niemand@b.example")
        self.assertEqual((code, text.split()[0]), (550, b"5.1.1"))

    def check_deferred_untouched(self, reason):
        self.assert_deferred(pec_message(self.message_id))
        self.assert_deferred(receipt(self.message_id, "1@pec.alfa.example"))
        self.assertEqual(self.mailbox(), [])
        lines = self.find_in_log("pec: .*", 2)
        self.assertEqual(len(lines), 2)
        for line in lines:
            self.assertIn(f"pec: action=defer to=<{self.bob}> reason={reason}", line)
        self.assert_delivered(pec_message(self.message_id, "X-Other: x"))

    def test_without_its_settings_certified_mail_waits(self):
        shared = self.dovecot
        self.addCleanup(setattr, self, "dovecot", shared)
        for setting in ("pec_receipts_address", "pec_delivery_secret_file"):
            with self.subTest(setting), tempfile.TemporaryDirectory(prefix="pec-dovecot-") as folder:
                self.dovecot = DovecotInstance(folder, dovecot_case.PLUGIN, self.receipts.address)
                fragment = self.dovecot.folder / "99-pec.conf"
                fragment.write_text(re.sub(rf"(?m)^ *{setting} .*", "", fragment.read_text()))
                self.add_user(self.bob)
                self.dovecot.start()
                try:
                    self.log_begin = 0
                    self.check_deferred_untouched(f"{setting} is not set: add it to")
                finally:
                    self.dovecot.stop()

    def test_without_secret_file_certified_mail_waits(self):
        missing = self.dovecot.folder / "nothing"
        self.add_user(self.bob, pec_delivery_secret_file=missing)
        self.check_deferred_untouched(f"can't read {missing}")

    def test_without_message_id_certified_mail_waits(self):
        message = pec_message(self.message_id).replace(b"Message-ID:", b"X-Id:")
        self.assert_deferred(message)
        self.assertEqual(self.mailbox(), [])
        self.find_in_log("has no Message-ID")

    def test_unwritable_home_defers(self):
        self.dovecot.home(self.bob).mkdir(mode=0o500)  # root's
        self.assert_deferred(pec_message(self.message_id))
        lock = self.dovecot.home(self.bob) / "pec-delivery-journal.lock"
        self.find_in_log(re.escape(f"can't open {lock}: Permission denied"))
        self.assertEqual(self.receipts.mails, [])

    def test_secret_is_closed_to_the_mail_user(self):
        info = self.dovecot.secret_file.stat()
        self.assertEqual((info.st_uid, info.st_mode & 0o777), (0, 0o400))
        self.assert_delivered(pec_message(self.message_id))  # and yet it is used

    # --- Access to the mailbox ---

    def test_mailbox_is_open_over_tls_only(self):
        self.assert_delivered(pec_message(self.message_id))
        context = self.dovecot.tls_context()
        client = poplib.POP3_SSL("127.0.0.1", self.dovecot.pop3s_port, context=context)
        client.user(self.bob)
        client.pass_(PASSWORD)
        self.assertEqual(client.stat()[0], 1)
        client.quit()
        for port in (self.dovecot.imaps_port, self.dovecot.pop3s_port):
            with socket.create_connection(("127.0.0.1", port), 10) as plain:
                plain.sendall(b"CAPABILITY\r\n")
                self.assertNotIn(b"OK", plain.recv(1000))  # a TLS alert, or the end
        with context.wrap_socket(socket.create_connection(("127.0.0.1", self.dovecot.imaps_port))) \
                as connection:
            self.assertIn(connection.version(), ("TLSv1.2", "TLSv1.3"))


class InBackground:
    """Runs a function; outcome() is what it returned, or its exception."""

    def __init__(self, work):
        self._work = work
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        try:
            self._outcome = self._work()
        except Exception as error:  # pylint: disable=broad-except
            self._outcome = error

    def outcome(self):
        self._thread.join()
        return self._outcome


if __name__ == "__main__":
    main(__doc__)
