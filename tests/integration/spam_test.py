# SPDX-License-Identifier: GPL-2.0-or-later
"""Mail that passes a spam filter, a real one, before pec-milter: what is certified, who is blocked, and
where marked mail lies. docs/spam.md says how a host is set up for it; so are alfa and beta here.
"""

import imaplib
import re
import smtplib
import sqlite3
import time
import unittest
from contextlib import ExitStack, closing
from pathlib import Path

from support import harness
from support.changed_postfix import ChangedPostfix
from support.mailbox import expect_ok
from support.pec_mail import all_mailboxes, header_lines, header_names, letter, wait_until_quiet
from support.pec_message import PecMessage
from support.people import anna, bruno, carla, dario, elena, fabio
from support.rspamd import SPAM, SUSPECTED, Rspamd
from support.waiting import PATIENCE, wait_until

OUTSIDE = "gianni@ordinaria.example"
MOST_SPAM = 180  # in one hour
FOLDER = "Posta Indesiderata"


def setUpModule():
    global box, mailboxes
    box = harness.sandbox()
    rspamd = Rspamd(box.programs, box.directory / "rspamd")
    rspamd.start()
    stack = ExitStack()
    for provider, services in ((box.alfa, ("smtps", "submission", "mx")), (box.beta, ("mx",))):
        box.reconfigure(provider, spam={"header": "X-Rspamd-Action"})
        postfix = stack.enter_context(ChangedPostfix(provider))
        table = Path(provider.info["postfix_config"]) / "pec-filter-headers.regexp"
        postfix.set(header_checks=f"regexp:{table}")
        for service in services:
            host, port = provider.info[service]
            postfix.set_service("mx/pass" if service == "mx" else f"{host}:{port}/inet",
                                smtpd_milters=f"unix:{rspamd.socket},unix:{provider.info['milter']}")
    unittest.addModuleCleanup(stack.close)
    mailboxes = all_mailboxes(box)


def text(words: str) -> bytes:
    return f"Content-Type: text/plain\r\n\r\n{words}\r\n".encode()


def deliver(recipient: str, words: str, fields: bytes = b"") -> None:
    """Ordinary mail, from outside."""
    with box.beta.connect("mx") as connection:
        connection.sendmail(OUTSIDE, [recipient], letter(OUTSIDE, to=[recipient], subject="x",
                                                         fields=fields, body=text(words)))


def messages(address: str, folder: str) -> list[PecMessage]:
    """What lies there, and takes it out."""
    wait_until_quiet(box)
    with imaplib.IMAP4_SSL(*box.beta.info["imaps"], ssl_context=box.tls) as imap:
        imap.login(address, box.beta.info["users"][address])
        expect_ok(imap.select(f'"{folder}"'))
        count = len(expect_ok(imap.search(None, "ALL"))[0].split())
        found = [expect_ok(imap.fetch(str(number), "(BODY.PEEK[])"))[0][1]
                 for number in range(1, count + 1)]
        if count:
            imap.store(f"1:{count}", "+FLAGS", r"\Deleted")
            imap.expunge()
    return [PecMessage(raw) for raw in found]


def submissions(login: str) -> list[tuple]:
    return box.alfa.query("SELECT level FROM submission WHERE login = ?", login)


def state(address: str) -> list[tuple]:
    return box.alfa.query("SELECT state, reason FROM mailbox WHERE address = ?", address)


class TheCertifiedOriginal(harness.Case):
    # What a client may write under the filter's names, in odd forms too.
    FORGED = (b"X-Rspamd-Action: reject\r\n"
              b"X-Spam-Level:  ****\r\n\t**\r\n"
              b"x-spam-flag: NO\r\n"
              b"X-PEC-Set-Aside-X-Spam: Yes\r\n"
              b"X-PEC-Set-Aside-Subject: y\r\n")

    def test_it_is_what_the_client_sent(self):
        """Byte for byte, but for its Message-ID: the filter's fields are gone, the client's are not."""
        for words, fields in (("ciao", b""), ("ciao", self.FORGED), (SPAM, b""), (SPAM, self.FORGED)):
            with self.subTest(words=words, fields=fields):
                message = letter(anna, to=[dario], subject="x", message_id="<1@client>",
                                 fields=fields, body=text(words))
                box.alfa.submit(anna, [dario], message)
                [envelope] = mailboxes.new().of_kind("posta-certificata", at=dario)
                pec_id = envelope.message_id.encode()
                self.assertEqual(
                    envelope.postacert(),
                    b"Message-ID: " + pec_id + b"\r\nX-Riferimento-Message-ID: <1@client>\r\n"
                    + message.replace(b"Message-ID: <1@client>\r\n", b""))

    def test_a_forged_mark_counts_for_nothing(self):
        before = submissions(carla)
        box.alfa.submit(carla, [dario], letter(carla, to=[dario], subject="x", fields=self.FORGED))
        box.alfa.submit(carla, [dario], letter(carla, to=[dario], subject="x",
                                               fields=b"X-Rspamd-Action: no action\r\n",
                                               body=text(SPAM)))
        mailboxes.new()
        self.assertEqual(len(submissions(carla)), len(before) + 1)


class TooMuchSpam(harness.Case):
    def test_blocks_the_mailbox_at_once_and_nobody_else(self):
        def submit(connection, words):
            connection.sendmail(bruno, [OUTSIDE], letter(bruno, to=[OUTSIDE], subject="x",
                                                         body=text(words)))

        with box.alfa.login(bruno) as connection:
            submit(connection, SUSPECTED)
            submit(connection, "ciao")
            for _ in range(MOST_SPAM):
                submit(connection, SPAM)
            self.assertEqual(len(submissions(bruno)), MOST_SPAM + 1)
            self.assertNotIn("blocked", [row[0] for row in state(bruno)])
            self.assertNotIn(f"login=<{bruno}>", box.alfa.milter_log())
            submit(connection, SPAM)
            self.assertEqual(state(bruno), [("blocked", "181 messages of spam in one hour")])
            with self.assertRaises(smtplib.SMTPResponseException) as refused:
                submit(connection, "ciao")
        self.assertEqual((refused.exception.smtp_code, refused.exception.smtp_error[:6]),
                         (550, b"5.7.1 "))
        [alarm] = re.findall(rf".*sending-watch: .*<{bruno}>.*", box.alfa.milter_log())
        self.assertRegex(alarm, rf"\[error\].* action=block login=<{bruno}> pecid=<.*> "
                                'reason="181 messages of spam in one hour"')
        box.alfa.submit(anna, [OUTSIDE], letter(anna, to=[OUTSIDE], subject="x"))
        self.assertEqual(state(anna), [])
        mailboxes.new()


class ASeries(harness.Case):
    """Messages that are nearly the same, one after the other: somebody else has the password."""

    MESSAGES = 5

    def setUp(self):
        box.reconfigure(box.alfa, spam={"series_messages": self.MESSAGES})
        self.addCleanup(box.reconfigure, box.alfa, spam={"series_messages": 0})

    def submit(self, words: list[str]) -> None:
        with box.alfa.login(carla) as connection:
            for number, each in enumerate(words):
                connection.sendmail(carla, [dario], letter(carla, to=[dario], subject=f"n. {number}",
                                                           body=text(each)))

    def spread(self) -> None:
        """As if they had come every ten minutes, so that a busy machine is regular enough."""
        now = int(time.time())
        with closing(sqlite3.connect(box.alfa.info["ledger"], timeout=PATIENCE)) as ledger:
            sent = ledger.execute("SELECT pec_id FROM submission WHERE login = ?"
                                  " ORDER BY at DESC, rowid DESC", (carla,)).fetchall()
            for number, pec_id in enumerate(sent, 1):
                ledger.execute("UPDATE submission SET at = ? WHERE pec_id = ?",
                               (now - 600 * number, *pec_id))
            ledger.commit()

    def test_blocks_the_mailbox(self):
        self.submit([f"Gentile cliente {number}, confermi il conto" for number in range(4)])
        self.assertNotIn(("blocked",), [row[:1] for row in state(carla)])
        self.spread()
        self.submit(["Gentile cliente 99, confermi il conto"])
        wait_until(lambda: "blocked" in box.alfa.pecctl("mailbox", "show", carla), "blocked")
        [(name, reason)] = state(carla)
        self.assertEqual((name, reason), (
            "blocked", "5 messages in a row that are nearly the same, at regular intervals"))
        with self.assertRaises(smtplib.SMTPDataError) as refused:
            self.submit(["Un'altra cosa."])
        self.assertEqual((refused.exception.smtp_code, refused.exception.smtp_error[:5]), (550, b"5.7.1"))
        box.alfa.pecctl("mailbox", "unblock", carla)
        self.submit(["Un'altra cosa."])
        self.assertEqual(mailboxes.new().kinds()[dario], ["posta-certificata"] * 6)


class Incoming(harness.Case):
    def test_ordinary_mail_is_filed_by_what_the_filter_says(self):
        for words, level, folder in ((SPAM, "spam", FOLDER), (SUSPECTED, "suspected", FOLDER),
                                     ("ciao", None, "INBOX")):
            with self.subTest(level):
                deliver(fabio, words)
                found = {name: messages(fabio, name) for name in (FOLDER, "INBOX")}
                [envelope] = found.pop(folder)
                self.assertEqual(list(found.values()), [[]])
                self.assertEqual(envelope.kind, "errore")
                self.assertEqual(envelope.header("X-PEC-Spam"), level)
                for raw in (envelope.raw, envelope.postacert()):
                    self.assertFalse([name for name in header_names(raw) if "spamd" in name.lower()])

    def test_what_arrived_is_wrapped(self):
        """With fields under the filter's names, and with marks of others, which nobody believes."""
        fields = b"X-Rspamd-Action: reject\r\nX-Spam-Flag: YES\r\nX-PEC-Spam: spam\r\n"
        deliver(fabio, "ciao", fields)
        [envelope] = messages(fabio, "INBOX")
        self.assertIsNone(envelope.header("X-PEC-Spam"))
        self.assertIn(fields, envelope.postacert())

    def test_spam_is_discarded_for_who_wants_none(self):
        box.beta.set_user_field(elena, "sieve_env_pec_spam", "discard")
        self.addCleanup(box.beta.set_user_field, elena, "sieve_env_pec_spam", "keep")
        deliver(elena, SPAM)
        deliver(elena, SUSPECTED)
        self.assertEqual(messages(elena, "INBOX"), [])
        [envelope] = messages(elena, FOLDER)
        self.assertEqual(envelope.header("X-PEC-Spam"), "suspected")

    def test_no_script_of_the_holder_undoes_it(self):
        deliver(fabio, "ciao")
        self.assertEqual(len(messages(fabio, "INBOX")), 1)  # the home is there from now on
        home = Path(box.beta.info["dovecot_config"]).with_name("homes") / fabio
        script = home / ".dovecot.sieve"
        script.write_text('require "fileinto"; fileinto "INBOX"; keep;')
        self.addCleanup(script.unlink)
        for words in (SPAM, SUSPECTED):
            deliver(fabio, words)
        self.assertEqual(messages(fabio, "INBOX"), [])
        self.assertEqual(len(messages(fabio, FOLDER)), 2)

    def test_what_a_provider_has_signed_is_never_filed_away(self):
        """[2.2.2] Not even if its form is wrong, and who gets it wants no spam."""
        box.beta.set_user_field(fabio, "sieve_env_pec_spam", "discard")
        self.addCleanup(box.beta.set_user_field, fabio, "sieve_env_pec_spam", "keep")
        box.alfa.submit(anna, [dario], letter(anna, to=[dario], subject="forma", body=text(SPAM)))
        [envelope] = mailboxes.new().of_kind("posta-certificata", at=dario)
        wrong = envelope.raw.partition(b"\r\n")[2].replace(b"X-Trasporto: posta-certificata\r\n", b"")
        with box.beta.connect("mx") as connection:
            connection.sendmail(anna, [fabio], wrong)
        [found] = messages(fabio, "INBOX")
        self.assertEqual(found.kind, "errore")
        self.assertIsNone(found.header("X-PEC-Spam"))
        self.assertEqual(messages(fabio, FOLDER), [])

    def test_certified_mail_is_never_filed_away(self):
        """What the filter says of it, or what it says of itself."""
        box.beta.set_user_field(dario, "sieve_env_pec_spam", "discard")
        self.addCleanup(box.beta.set_user_field, dario, "sieve_env_pec_spam", "keep")
        box.alfa.submit(anna, [dario], letter(anna, to=[dario], subject="x", body=text(SPAM)))
        [envelope] = mailboxes.new().of_kind("posta-certificata", at=dario)
        self.assertIn(SPAM.encode(), envelope.raw)
        for name in ("X-PEC-Spam", "X-Rspamd-Action"):
            self.assertEqual(header_lines(envelope.raw, name), [])
        again = envelope.raw.partition(b"\r\n")[2]  # without Return-Path
        again = b"X-PEC-Spam: spam\r\nX-Spam-Flag: YES\r\n" + again
        with box.beta.connect("mx") as connection:
            connection.sendmail(anna, [elena], again)
        [found] = messages(elena, "INBOX")
        self.assertEqual(found.kind, "posta-certificata")
        self.assertEqual(header_lines(found.raw, "X-Spam-Flag"), [b"X-Spam-Flag: YES\r\n"])
        self.assertEqual(messages(elena, FOLDER), [])
        logged = re.findall("role=incoming action=.*", box.beta.milter_log())
        self.assertTrue(logged[-1].startswith("role=incoming action=keep "), logged[-1])


if __name__ == "__main__":
    harness.main()
