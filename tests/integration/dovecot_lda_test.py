# SPDX-License-Identifier: GPL-2.0-or-later
"""The delivery plugin in dovecot-lda, called as Postfix's pipe(8) does: as the mail user, who has a copy
of the delivery secret. The journal and all that is decided are LMTP's (dovecot_plugin_test.py).

    dovecot_lda_test.py --plugin PATH/lib99_pec_plugin.so [unittest's arguments]

Exit status 77: skipped, with the reason.
"""

import os
import shutil
import subprocess

from support.dovecot_case import SENDER, DovecotCase, main, pec_message
from support.dovecot_instance import MAIL_UID

DELIVERED, TEMPORARY, REFUSED = 0, 75, 77  # sysexits.h


class DovecotLda(DovecotCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.copy = cls.dovecot.folder / "lda.secret"
        shutil.copy(cls.dovecot.secret_file, cls.copy)
        os.chown(cls.copy, MAIL_UID, MAIL_UID)
        cls.copy.chmod(0o400)
        cls.lda_log = cls.dovecot.folder / "lda.log"
        cls.lda_log.touch()
        os.chown(cls.lda_log, MAIL_UID, MAIL_UID)

    def setUp(self):
        super().setUp()
        self.add_user(self.bob, pec_delivery_secret_file=self.copy)
        self.message = pec_message(self.message_id).replace(b"\r\n", b"\n")

    def lda(self, fields=b"") -> int:
        """The exit status, by which Postfix goes. `fields`: on top, as pipe(8) writes them."""
        return subprocess.run(
            ["/usr/lib/dovecot/dovecot-lda", "-c", self.dovecot.config, "-o",
             f"log_path={self.lda_log}", "-e", "-f", SENDER, "-d", self.bob],
            input=fields + self.message, user=MAIL_UID, group=MAIL_UID,
            extra_groups=[], check=False, cwd="/").returncode

    def log(self):
        return self.lda_log.read_text()

    def test_envelope_is_delivered_and_handed_off_once(self):
        for _ in range(2):
            self.assertEqual(self.lda(), DELIVERED)
        self.check_hand_offs(self.bob)
        crlf = self.message.replace(b"\n", b"\r\n")
        self.assertEqual(self.receipts.mails[0].data, crlf)
        self.assertEqual(self.mailbox(), [("INBOX", crlf)])

    def test_receipt_speaks_of_the_address_before_aliases(self):
        self.assertEqual(self.lda(b"X-Original-To: ufficio@b.example\n"), DELIVERED)
        self.check_hand_offs("ufficio@b.example", mailbox=self.bob)

    def test_lda_and_lmtp_are_one_delivery(self):
        self.assert_delivered(pec_message(self.message_id))
        self.assertEqual(self.lda(), DELIVERED)
        self.check_hand_offs(self.bob)
        self.assertEqual(len(self.mailbox()), 1)

    def test_receipts_smtpd_down(self):
        self.receipts.down()
        self.assertEqual(self.lda(), TEMPORARY)
        self.receipts.up()
        self.assertEqual(self.lda(), DELIVERED)
        self.check_hand_offs(self.bob)
        self.assertEqual(len(self.mailbox()), 1)

    def test_sieve_discard_ends_in_inbox(self):
        self.dovecot.set_sieve(self.bob, "discard;")
        self.assertEqual(self.lda(), DELIVERED)
        self.check_hand_offs(self.bob)
        self.assertEqual([folder for folder, _ in self.mailbox()], ["INBOX"])

    def test_over_quota_is_refused_for_good(self):
        self.add_user(self.bob, pec_delivery_secret_file=self.copy, quota_rule="*:storage=1K")
        self.message = pec_message(self.message_id, body=b"x" * 2000 + b"\r\n").replace(b"\r\n", b"\n")
        self.assertEqual(self.lda(), REFUSED)
        self.assertEqual((self.mailbox(), self.receipts.mails), ([], []))

    def test_without_a_secret_that_it_can_read_certified_mail_waits(self):
        self.add_user(self.bob)
        self.assertEqual(self.lda(), TEMPORARY)
        self.assertRegex(self.log(), "can't read .*: Permission denied")
        self.assertEqual((self.mailbox(), self.receipts.mails), ([], []))


if __name__ == "__main__":
    main(__doc__)
