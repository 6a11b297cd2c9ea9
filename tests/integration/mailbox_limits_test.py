# SPDX-License-Identifier: GPL-2.0-or-later
"""The limits of a mailbox in a real Dovecot, between an IMAP client, an LMTP client and a receipts
smtpd that are played here: 500 folders and 5,000 messages in each by the limits plugin, and the
quota of Dovecot itself.

    mailbox_limits_test.py --plugin PATH/lib99_pec_plugin.so [unittest's arguments]

The limits plugin is taken from the same folder. Exit status 77: skipped, with the reason.
"""

import contextlib
import imaplib
import re
import smtplib
import threading

from support.dovecot_case import PASSWORD, SENDER, DovecotCase, main, pec_message, receipt
from support.dovecot_instance import wait_until

PROMISED = "Bozze"  # the configuration has it made when it is first used

ENVELOPE = "X-Trasporto: posta-certificata"
ANOMALY = "X-Trasporto: errore"
RECEIPT = "X-Ricevuta: avvenuta-consegna"
ORDINARY = "X-Other: x"

NO_FOLDER = (rb"\[LIMIT\] Ci sono gia' %d cartelle, il massimo: .* / "
             rb"There are %d folders already, the most there can be: ")
NO_ROOM = (rb"\[LIMIT\] Nella cartella non c'e' posto: contiene al massimo %d messaggi; .* / "
           rb"There is no room in the folder: it holds at most %d messages; ")


def message(name, header=ORDINARY):
    message_id = f"{name}@pec.alfa.example"
    if header == RECEIPT:
        return receipt(message_id, message_id, kind="avvenuta-consegna", subject=name)
    return pec_message(message_id, header, subject=name)


class Case(DovecotCase):
    @classmethod
    def configure(cls):
        with open(cls.dovecot.config, "a", encoding="utf-8") as config:
            # In place of those that 99-pec.conf promises: one folder is enough to be told apart.
            config.write(f"namespace inbox {{\n mailbox {PROMISED} {{\n  auto = create\n }}\n"
                         + "".join(f" mailbox \"{name}\" {{\n  auto = no\n }}\n"
                                   for name in ("Posta Indesiderata", "Drafts", "Sent", "Trash"))
                         + "}\n")

    def limits(self, folders=500, messages=5000, **settings):
        self.dovecot.add_user(self.bob, PASSWORD, pec_max_folders=folders,
                              pec_max_folder_messages=messages, **settings)

    @contextlib.contextmanager
    def imap(self):
        client = self.dovecot.imap(self.bob, PASSWORD)
        try:
            yield client
        finally:
            client.shutdown()

    def deliver(self, name, header=ORDINARY):
        """The final reply of LMTP."""
        with smtplib.LMTP(self.dovecot.lmtp_socket, timeout=60) as client:
            try:
                client.sendmail(SENDER, [self.bob], message(name, header))
            except smtplib.SMTPDataError as refused:
                return f"{refused.smtp_code} {refused.smtp_error.decode()}"
        return "250"

    def race(self, contest):
        """contest(client, session, round, all_here) in several sessions at the same time, ten times;
        `all_here` is where they can wait for each other again."""
        sessions = 5
        barrier, errors = threading.Barrier(sessions, timeout=60), []

        def run(session):
            try:
                with self.imap() as client:
                    for round_ in range(10):
                        barrier.wait()
                        contest(client, session, round_, barrier.wait)
            except Exception as error:  # pylint: disable=broad-except
                errors.append(error)
                barrier.abort()

        threads = [threading.Thread(target=run, args=[session]) for session in range(sessions)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])

    def ok(self, answer):
        self.assertEqual(answer[0], "OK", answer)

    def no(self, answer, text, *limit):
        self.assertEqual(answer[0], "NO", answer)
        self.assertRegex(answer[1][0], text % (limit * 2) if limit else text)

    def append(self, client, folder, *names):
        for name in names:
            self.ok(client.append(folder, None, None, message(name)))

    def folders(self):
        """Those that hold messages, as LIST shows them."""
        with self.imap() as client:
            return sorted(line.rpartition(b' "/" ')[2].strip(b'"').decode()
                          for line in client.list()[1] if rb"\noselect" not in line.lower())

    def subjects(self, folder):
        with self.imap() as client:
            self.ok(client.select(f'"{folder}"', readonly=True))
            numbers = client.search(None, "ALL")[1][0].split()
            return [client.fetch(number, "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1][0][1]
                    .decode().removeprefix("Subject: ").strip() for number in numbers]


class Folders(Case):
    def test_one_more_is_refused(self):
        self.limits(folders=4)  # with INBOX and the promised one
        with self.imap() as client:
            self.ok(client.create("a"))
            self.ok(client.create("b"))
            for name in ("c", "b/c", "c/"):
                self.no(client.create(name), NO_FOLDER, 4)
            self.no(client.create("b"), rb"\[ALREADYEXISTS\]")
            self.assertEqual(self.folders(), [PROMISED, "INBOX", "a", "b"])
            self.ok(client.delete("a"))
            self.ok(client.create("c"))
            self.no(client.create("a"), NO_FOLDER, 4)

    def test_parents_that_hold_no_mail_do_not_count(self):
        self.limits(folders=4)
        with self.imap() as client:
            self.ok(client.create("x/y/z"))
            self.ok(client.create("x"))
            self.no(client.create("x/y"), NO_FOLDER, 4)
        self.assertEqual(self.folders(), [PROMISED, "INBOX", "x", "x/y/z"])

    def test_renaming_adds_none(self):
        self.limits(folders=4)
        with self.imap() as client:
            for name in ("a", "a/b"):
                self.ok(client.create(name))
            self.append(client, "a", "uno")
            self.ok(client.rename("a", "deep/er"))
            # The promised one would be there under both names.
            self.ok(client.select(PROMISED))
            self.ok(client.close())
            self.no(client.rename(PROMISED, "c"), NO_FOLDER, 4)
        self.assertEqual(self.folders(), [PROMISED, "INBOX", "deep/er", "deep/er/b"])
        self.assertEqual(self.subjects("deep/er"), ["uno"])

    def test_what_the_configuration_promises_can_be_made(self):
        self.limits(folders=2)
        self.assertEqual(self.deliver("uno"), "250")
        with self.imap() as client:
            self.no(client.create("a"), NO_FOLDER, 2)
            self.append(client, PROMISED, "due")
        self.assertEqual((self.subjects("INBOX"), self.subjects(PROMISED)), (["uno"], ["due"]))

    def test_mail_for_a_folder_that_can_not_be_made_goes_to_inbox(self):
        for sieve in ('require ["fileinto", "mailbox"]; fileinto :create "new";',
                      'require "fileinto"; fileinto "new";'):
            for header in (ENVELOPE, RECEIPT, ANOMALY, ORDINARY):
                with self.subTest(sieve=sieve, header=header):
                    self.bob = f"{header}{len(sieve)}@b.example".lower().replace(": ", "-")
                    self.limits(folders=2)
                    self.dovecot.set_sieve(self.bob, sieve)
                    self.assertEqual(self.deliver("uno", header), "250")
                    self.assertEqual(self.subjects("INBOX"), ["uno"])
                    self.assertEqual(self.folders(), [PROMISED, "INBOX"])
        self.assertEqual(len(self.receipts.mails), 2)  # of the two envelopes

    def test_one_place_for_several_sessions_is_taken_once(self):
        self.limits(folders=3)
        made = []

        def contest(client, session, _round, all_here):
            answer = client.create(f"{session}")[0]
            made.append(answer)
            all_here()
            if answer == "OK":
                self.ok(client.delete(f"{session}"))

        self.race(contest)
        self.assertEqual((made.count("OK"), made.count("NO")), (10, 40))


class Messages(Case):
    def fill(self, client, folder, *names):
        self.ok(client.create(folder))
        self.append(client, folder, *names)

    def test_one_more_is_refused(self):
        self.limits(messages=2)
        with self.imap() as client:
            self.fill(client, "a", "uno", "due")
            self.append(client, "INBOX", "uno", "due")
            for folder in ("a", "INBOX"):
                self.no(client.append(folder, None, None, message("tre")), NO_ROOM, 2)
                self.assertEqual(self.subjects(folder), ["uno", "due"])
            self.ok(client.select("a"))
            self.ok(client.store("1", "+FLAGS", r"(\Deleted)"))
            self.ok(client.expunge())
            self.append(client, "a", "tre")
        self.assertEqual(self.subjects("a"), ["due", "tre"])

    def test_copy_and_move_fit_or_change_nothing(self):
        self.limits(messages=3)
        with self.imap() as client:
            self.fill(client, "from", "uno", "due", "tre")
            self.fill(client, "to", "x", "y")
            self.ok(client.select("from"))
            for command in ("COPY", "MOVE"):
                self.no(client.uid(command, "1:2", "to"), NO_ROOM, 3)
                self.assertEqual(self.subjects("from"), ["uno", "due", "tre"])
                self.assertEqual(self.subjects("to"), ["x", "y"])
            self.ok(client.uid("MOVE", "2", "to"))
            self.no(client.uid("COPY", "1", "to"), NO_ROOM, 3)
        self.assertEqual(self.subjects("from"), ["uno", "tre"])
        self.assertEqual(self.subjects("to"), ["x", "y", "due"])

    def test_delivery_to_inbox_is_never_refused(self):
        self.limits(messages=1)
        for number, header in enumerate((ORDINARY, ANOMALY, ENVELOPE, RECEIPT)):
            self.assertEqual(self.deliver(f"m{number}", header), "250")
        self.assertEqual(self.subjects("INBOX"), ["m0", "m1", "m2", "m3"])
        with self.imap() as client:  # and what is there can be read, moved away and deleted
            self.ok(client.create("a"))
            self.ok(client.select("INBOX"))
            self.ok(client.uid("MOVE", "1", "a"))
            self.no(client.append("INBOX", None, None, message("x")), NO_ROOM, 1)

    def test_mail_for_a_full_folder_goes_to_inbox(self):
        self.limits(messages=1)
        with self.imap() as client:
            self.fill(client, "a", "uno")
        self.dovecot.set_sieve(self.bob, 'require "fileinto"; fileinto "a";')
        for name, header in (("o", ORDINARY), ("e", ENVELOPE), ("n", ANOMALY), ("r", RECEIPT)):
            self.assertEqual(self.deliver(name, header), "250")
        self.assertEqual(self.subjects("a"), ["uno"])
        self.assertEqual(self.subjects("INBOX"), ["o", "e", "n", "r"])

    def test_certified_mail_for_a_full_folder_is_delivered_once_and_its_receipt_asked(self):
        self.limits(messages=1)
        with self.imap() as client:
            self.fill(client, "a", "uno")
        self.dovecot.set_sieve(self.bob, 'require "fileinto"; fileinto "a"; stop;')
        for _ in range(2):  # Postfix may come again
            self.assertEqual(self.deliver("busta", ENVELOPE), "250")
        self.assertEqual(self.subjects("INBOX"), ["busta"])
        [mail] = self.receipts.mails
        self.assertRegex(mail.recipients[0],
                         rf"^{re.escape(self.bob)}[.]\d+[.][a-z2-7]{{32}}[.]consegna[.]pec[.]internal$")
        journal = self.dovecot.home(self.bob) / "pec-delivery-journal.1"
        self.assertRegex(journal.read_bytes(), rb" saved \d+ ")
        wait_until(lambda: re.search("pec: action=deliver .* receipt=asked", self.log()) and
                   re.search("pec: action=drop .* receipt=asked-before", self.log()), "both lines")

    def test_one_full_folder_of_several_costs_no_mail(self):
        self.limits(messages=1)
        with self.imap() as client:
            self.fill(client, "full", "uno")
            self.ok(client.create("room"))
        for first, second in (("room", "full"), ("full", "room")):
            with self.subTest(first=first):
                self.dovecot.set_sieve(self.bob, 'require ["fileinto", "copy"];'
                                       f'fileinto :copy "{first}"; fileinto "{second}";')
                self.assertEqual(self.deliver(first, ENVELOPE), "250")
                self.assertIn(first, self.subjects("INBOX") + self.subjects("room"))
        self.assertEqual(self.subjects("full"), ["uno"])
        self.assertEqual(len(self.receipts.mails), 2)

    def test_one_place_for_several_sessions_is_taken_once(self):
        self.limits(messages=1)
        with self.imap() as client:
            for number in range(10):
                self.ok(client.create(f"{number}"))
        saved = []

        def contest(client, session, round_, _all_here):
            saved.append(client.append(f"{round_}", None, None, message(f"{session}"))[0])

        self.race(contest)
        self.assertEqual((saved.count("OK"), saved.count("NO")), (10, 40))
        for number in range(10):
            self.assertEqual(len(self.subjects(f"{number}")), 1)


class Settings(Case):
    def test_without_any_there_are_500_folders_and_5000_messages(self):
        self.dovecot.add_user(self.bob, PASSWORD)
        with self.imap() as client:
            for number in range(498):
                self.ok(client.create(f"cartella {number}".join('""')))
            self.no(client.create("altra"), NO_FOLDER, 500)
            self.append(client, "INBOX", "uno")
            self.ok(client.select("INBOX"))
            self.ok(client.copy("1", PROMISED))
            self.ok(client.select(PROMISED))
            count = 1
            while count < 5000:
                added = min(count, 5000 - count)
                self.ok(client.copy(f"1:{added}", PROMISED))
                count += added
                self.ok(client.noop())
            self.no(client.append(PROMISED, None, None, message("altro")), NO_ROOM, 5000)
            self.assertEqual(client.status(PROMISED, "(MESSAGES)")[1], [b"Bozze (MESSAGES 5000)"])
        self.limits(folders=0, messages=0)  # the user's own: none
        with self.imap() as client:
            self.ok(client.create("altra"))
            self.append(client, PROMISED, "altro")
        self.assertEqual(len(self.folders()), 501)

    def test_a_wrong_one_makes_mail_wait(self):
        for name in ("folders", "messages"):
            with self.subTest(name):
                self.bob = f"many-{name}@b.example"
                self.limits(**{name: "many"})
                self.assertRegex(self.deliver("uno"), "^451 4[.]")
                with self.assertRaisesRegex(imaplib.IMAP4.error, "Internal error|BYE"):
                    with self.imap() as client:
                        client.noop()
                wait_until(lambda: re.search("pec_max_folder.* is not a number: many", self.log()),
                           "the reason in the log")
                self.log_begin = self.dovecot.log.stat().st_size


class Quota(Case):
    def test_a_mailbox_has_room_for_50000_messages(self):
        self.limits()
        with self.imap() as client:
            [[root], [usage]] = client.getquotaroot("INBOX")[1]
        self.assertEqual(root, b'INBOX "User quota"')
        self.assertEqual(usage, b'"User quota" (STORAGE 0 102400 MESSAGE 0 50000)')

    def test_the_message_after_the_last_is_refused_for_good(self):
        self.limits(quota_rule="*:storage=1G:messages=2")
        for number in range(2):
            self.assertEqual(self.deliver(f"m{number}", ENVELOPE), "250")
        for header in (ENVELOPE, RECEIPT, ANOMALY, ORDINARY):
            self.assertRegex(self.deliver("m2", header), "^552 5[.]2[.]2 ")
        with self.imap() as client:
            self.no(client.append("INBOX", None, None, message("m2")), rb"\[OVERQUOTA\]")
        self.assertEqual(self.subjects("INBOX"), ["m0", "m1"])
        self.assertEqual(len(self.receipts.mails), 2)


if __name__ == "__main__":
    main(__doc__)
