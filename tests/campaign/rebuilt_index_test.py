# SPDX-License-Identifier: GPL-2.0-or-later
"""Which copy of a message is excused by what Dovecot has logged (rebuilt_index.py). The lines are as Dovecot
2.3.19 writes them."""

import unittest

from facts import Found
from rebuilt_index import without_brought_back

FOLDER = "/homes/anna@pec.alfa.example/sdbox/mailboxes/INBOX/dbox-Mails"
FAILED = ("Nov 30 17:23:39 lmtp(anna@pec.alfa.example)<1242><SG6p:T2>: Error: sieve: msgid=<1@beta>: failed to store "
          f"into mailbox 'INBOX': write_full() failed with file {FOLDER}/dovecot.index.log: No space left on device\n")
REBUILT = f"Nov 30 17:23:42 lmtp(anna@pec.alfa.example)<1643><1hVd:T2>: Warning: sdbox {FOLDER}: Rebuilding index\n"

COPY = Found("anna@pec.alfa.example", "avvenuta-consegna", "<1@beta>", about="nora@pec.beta.example")


class RebuiltIndex(unittest.TestCase):
    def check(self, found, log, *, excused):
        left, brought_back = without_brought_back(found, log)
        self.assertEqual(len(brought_back), excused)
        self.assertEqual(sorted(left + brought_back, key=repr), sorted(found, key=repr))

    def test_one_copy_for_each_failure(self):
        self.check([COPY, COPY], FAILED + REBUILT, excused=1)
        self.check([COPY, COPY, COPY], FAILED + REBUILT, excused=1)
        self.check([COPY, COPY, COPY], FAILED + FAILED + REBUILT + REBUILT, excused=2)

    def test_the_first_copy_stays(self):
        self.check([COPY], FAILED + REBUILT, excused=0)

    def test_nothing_else_is_excused(self):
        other = Found("anna@pec.alfa.example", "avvenuta-consegna", "<2@beta>")
        for name, found, log in (
                ("nothing was logged", [COPY, COPY], ""),
                ("the index was not rebuilt", [COPY, COPY], FAILED),
                ("it was rebuilt before", [COPY, COPY], REBUILT + FAILED),
                ("that of another folder was", [COPY, COPY], FAILED + REBUILT.replace("INBOX", "Archivio")),
                ("the message itself was not written", [COPY, COPY],
                 FAILED.replace("dovecot.index.log", ".temp.17.P1") + REBUILT),
                ("another message", [other, other], FAILED + REBUILT),
                ("another mailbox", [COPY, COPY], FAILED.replace("lmtp(anna", "lmtp(bruno") + REBUILT),
                ("another content", [COPY, Found(COPY.mailbox, COPY.kind, COPY.message_id, about="else")],
                 FAILED + REBUILT)):
            with self.subTest(name):
                self.check(found, log, excused=0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
