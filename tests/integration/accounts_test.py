# SPDX-License-Identifier: GPL-2.0-or-later
"""Accounts that pecctl keeps: Postfix and Dovecot look them up in the ledger, alfa's in SQLite, beta's in
PostgreSQL, by the files of postfix-conf/ and dovecot-conf/. One life after the other: given a password,
blocked, renamed, revoked, and restored.
"""

import imaplib
import poplib
import smtplib
import subprocess
import unittest
from contextlib import closing, contextmanager
from pathlib import Path

from support import harness
from support.box import Provider
from support.foreign_provider import ADDRESS, SENDER, ForeignProvider
from support.ledger_accounts import READERS, take_from_ledger
from support.mailbox import expect_ok
from support.notices import NON_DELIVERY
from support.paths import BUILD_DIR
from support.pec_mail import certified, letter, wait_until_quiet
from support.pec_message import PecMessage
from support.postgresql import Postgresql, programs
from support.waiting import wait_until

OUTSIDE = "gianni@ordinaria.example"
PASSWORD, SECOND = "una parola segreta", "un'altra parola"


def setUpModule():
    global box, gamma, server
    box = harness.sandbox()
    gamma = ForeignProvider(box)
    take_accounts_from_ledger(box.alfa)
    if programs() is None:
        return
    server = Postgresql(box.directory / "postgresql")
    unittest.addModuleCleanup(server.end)
    server.create("pec")
    box.reconfigure(box.beta, ledger={"connection": server.uri("pec")})
    server.query("pec", READERS)
    take_accounts_from_ledger(box.beta)


def take_accounts_from_ledger(provider: Provider) -> None:
    take_from_ledger(Path(provider.info["config"]), BUILD_DIR)
    provider.reload_postfix()
    subprocess.run(["doveadm", "-c", provider.info["dovecot_config"], "reload"], check=True)
    for address, password in list(provider.passwords.items()):
        add(provider, address, password)
    wait_until(lambda: logs_in(provider, provider.users[0]), "Dovecot has its new accounts")


def mailbox(provider: Provider, *arguments, password: str = "") -> None:
    provider.pecctl("mailbox", *arguments, typed=password + "\n")


def set_password(provider: Provider, address: str, password: str) -> None:
    mailbox(provider, "passwd", address, password=password)
    provider.passwords[address] = password


def add(provider: Provider, address: str, password: str) -> None:
    mailbox(provider, "add", address, "--holder", "Il titolare")
    set_password(provider, address, password)


def logs_in(provider: Provider, address: str) -> bool:
    try:
        with provider.mailbox(address):
            return True
    except imaplib.IMAP4.error as refused:
        if "AUTHENTICATIONFAILED" not in str(refused):
            raise
        return False


def submits(provider: Provider, address: str) -> bool:
    """Whether the login is good for submission; else the answer is 535 and nothing else."""
    try:
        provider.login(address).close()
        return True
    except smtplib.SMTPAuthenticationError as refused:
        if refused.smtp_code != 535:
            raise
        return False


def incoming_reply(provider: Provider, address: str) -> tuple[int, bytes]:
    """What a server outside is answered to this recipient."""
    with closing(provider.connect("mx")) as connection:
        connection.helo()
        connection.mail(OUTSIDE)
        return connection.rcpt(address)


class Lives:
    """The tests of one provider; `provider` and `other` are set below."""

    def setUp(self):
        self.mine = f"{self._testMethodName.removeprefix('test_').replace('_', '-')}@" + (
            self.provider().domain)
        add(self.provider(), self.mine, PASSWORD)

    def submit(self, sender: str, to: str, subject: str) -> None:
        provider = self.provider() if sender.endswith(self.provider().domain) else self.other()
        provider.submit(sender, [to], letter(sender, to=[to], subject=subject,
                                             message_id=f"<{subject}@client.example>"))

    def receives(self, subject: str) -> None:
        """Certified mail of the other provider's user, with the receipt of its delivery."""
        sender = self.other().users[0]
        self.submit(sender, self.mine, subject)
        self.other().wait_for(sender, 1, containing=f"Subject: CONSEGNA: {subject}\r\n".encode())

    def test_login(self):
        provider = self.provider()
        self.receives("accesso")
        provider.wait_for(self.mine, 1, containing=b"Subject: POSTA CERTIFICATA: accesso")
        self.submit(self.mine, self.other().users[0], "partenza")
        provider.wait_for(self.mine, 1, containing=b"Subject: CONSEGNA: partenza")
        with self.assertRaises(smtplib.SMTPRecipientsRefused, msg="it sends as itself alone"):
            with provider.login(self.mine) as connection:
                connection.sendmail(provider.users[0], [OUTSIDE], letter(provider.users[0]))

    def test_nobody_else(self):
        provider = self.provider()
        nobody = f"nessuno@{provider.domain}"
        self.assertEqual(incoming_reply(provider, nobody)[0], 550)
        for address in (nobody, self.mine, f"x' OR '1'='1@{provider.domain}", "' OR address <> '",
                        f"{self.mine}' --"):
            provider.passwords[address] = "something else"
            self.assertFalse(submits(provider, address), address)
        mailbox(provider, "add", nobody, "--holder", "Nessuno")
        for password in ("", "{CRYPT}", "*", "!"):
            provider.passwords[nobody] = password
            self.assertFalse(logs_in(provider, nobody), "an account without a password")

    def test_blocked(self):
        provider = self.provider()
        mailbox(provider, "block", self.mine, "--reason", "a test")
        self.assertFalse(logs_in(provider, self.mine))
        self.assertFalse(submits(provider, self.mine))
        self.receives("al-bloccato")
        mailbox(provider, "unblock", self.mine)
        self.assertFalse(submits(provider, self.mine), "the password may be in wrong hands")
        set_password(provider, self.mine, SECOND)
        self.assertTrue(submits(provider, self.mine))
        provider.wait_for(self.mine, 1, containing=b"Subject: POSTA CERTIFICATA: al-bloccato")

    def test_renamed(self):
        provider, old = self.provider(), self.mine
        self.receives("prima")
        self.mine = f"nuovo-nome@{provider.domain}"
        mailbox(provider, "rename", old, self.mine, "--yes")
        provider.passwords[self.mine] = PASSWORD
        self.receives("dopo")
        provider.wait_for(self.mine, 2, containing=b"Subject: POSTA CERTIFICATA: ")
        self.assertFalse(logs_in(provider, old))
        with self.assertRaises(smtplib.SMTPDataError) as refused:
            gamma.deliver(provider, [old], gamma.envelope([old]))
        self.assertEqual((refused.exception.smtp_code, refused.exception.smtp_error[:5]), (550, b"5.2.1"))
        with self.assertRaises(smtplib.SMTPRecipientsRefused, msg="the old name sends nothing"):
            with provider.login(self.mine) as connection:
                connection.sendmail(old, [OUTSIDE], letter(old))
        colleague = provider.users[1]
        self.submit(colleague, old, "al-vecchio-nome")
        [notice] = provider.wait_for(colleague, 1, containing=f"X-Ricevuta: {NON_DELIVERY}\r\n".encode())
        self.assertIn(b"5.2.1", notice)

    def test_receipts_follow_whom_they_are_for(self):
        """He wrote, was renamed, and revoked at last: the receipt comes to where his mail is."""
        provider, old = self.provider(), self.mine
        for subject in ("partita-1", "partita-2"):
            self.submit(old, SENDER, subject)
        pec_ids = [certified(PecMessage(acceptance)).findtext("dati/identificativo") for acceptance
                   in provider.wait_for(old, 2, containing=b"X-Ricevuta: accettazione\r\n")]
        self.mine = f"altro-nome-{provider.domain}@{provider.domain}"
        mailbox(provider, "rename", old, self.mine, "--yes")
        provider.passwords[self.mine] = PASSWORD
        receipts = [gamma.receipt("errore-consegna", pec_ids[0], [SENDER], sender=old, error="no-dest",
                                  facts=f"<consegna>{SENDER}</consegna><errore-esteso>5.1.1"
                                        "</errore-esteso>"),
                    gamma.receipt("avvenuta-consegna", pec_ids[1], [SENDER], sender=old, receipt="completa",
                                  facts=f"<consegna>{SENDER}</consegna>")]
        for count, receipt in enumerate(receipts, 1):
            gamma.deliver(provider, [old], receipt, sender=ADDRESS)
            found = provider.wait_for(self.mine, count + 2, containing=b"X-Ricevuta: ")
            self.assertTrue(any(each.endswith(receipt) for each in found), receipt)
            if count == 1:
                mailbox(provider, "revoke", self.mine, "--reason", "a test")

    def test_revoked(self):
        provider = self.provider()
        self.receives("ancora")
        mailbox(provider, "revoke", self.mine, "--reason", "a test")
        self.assertFalse(submits(provider, self.mine))
        with self.assertRaises(smtplib.SMTPDataError) as refused:
            gamma.deliver(provider, [self.mine], gamma.envelope([self.mine]))
        self.assertEqual((refused.exception.smtp_code, refused.exception.smtp_error[:5]), (550, b"5.2.1"))
        colleague = provider.users[0]
        self.submit(colleague, self.mine, "al-revocato")
        [notice] = provider.wait_for(colleague, 1, containing=f"X-Ricevuta: {NON_DELIVERY}\r\n".encode())
        self.assertIn(b"5.2.1", notice)
        self.reads_only("ancora")

    def reads_only(self, subject: str) -> None:
        with self.imap() as client:
            with self.assertRaises(imaplib.IMAP4.readonly):
                client.select("INBOX")
            client.is_readonly = True  # it has noticed, and may go on
            [_, content] = expect_ok(client.fetch("1", "(BODY[])"))[0]
            self.assertIn(subject.encode(), content)
            client.store("1", "+FLAGS", r"(\Deleted \Seen)")
            client.expunge()
            for refused in (client.append("INBOX", "", None, b"x: y\r\n\r\n"), client.create("Altra"),
                            client.copy("1", "INBOX"), client.delete("INBOX"),
                            client.rename("INBOX", "Altra")):
                self.assertEqual(refused[0], "NO", refused)
        with closing(self.pop3()) as client:
            self.assertEqual(client.stat()[0], 1)
            client.dele(1)
            try:
                client.quit()
            except poplib.error_proto as refused:
                self.assertIn("not deleted", str(refused))
        with self.imap() as client:
            self.assertEqual(client.select("INBOX", readonly=True)[1], [b"1"], "it is all there")
            self.assertNotIn(b"Deleted", expect_ok(client.fetch("1", "(FLAGS)"))[0])

    @contextmanager
    def imap(self):
        client = imaplib.IMAP4_SSL(*self.provider().info["imaps"], ssl_context=box.tls)
        client.login(self.mine, self.provider().passwords[self.mine])
        yield client
        client.logout()

    def pop3(self) -> poplib.POP3_SSL:
        client = poplib.POP3_SSL(*self.provider().info["pop3s"], context=box.tls)
        client.user(self.mine)
        client.pass_(self.provider().passwords[self.mine])
        return client

    def test_revoked_for_a_month(self):
        provider = self.provider()
        provider.pecctl_at("-29d", "mailbox", "revoke", self.mine, "--reason", "a test")
        self.assertTrue(logs_in(provider, self.mine))
        mailbox(provider, "restore", self.mine)
        provider.pecctl_at("-31d", "mailbox", "revoke", self.mine, "--reason", "a test")
        self.assertFalse(logs_in(provider, self.mine))
        self.assertRegex(self.known_to_doveadm(), f"/{self.mine}$")
        mailbox(provider, "restore", self.mine)
        self.assertTrue(submits(provider, self.mine))
        provider.reload_postfix()
        wait_until(lambda: incoming_reply(provider, self.mine)[0] == 250, "it receives again")
        self.receives("di-nuovo")

    def known_to_doveadm(self) -> str:
        """Its home, for who deletes or hands over what is in it."""
        return subprocess.run(["doveadm", "-c", self.provider().info["dovecot_config"], "user", "-f",
                               "home", self.mine], capture_output=True, text=True,
                              check=True).stdout.strip()


class ServiceMailbox:
    """[2.2.5] It never fills, and keeps receipts no longer than it needs; nobody has to log in for that."""

    def test_the_service_mailbox_has_no_limit_and_keeps_receipts_for_a_while(self):
        provider, service = self.provider(), self.provider().service_mailbox
        limits = subprocess.run(["doveadm", "-c", provider.info["dovecot_config"], "quota", "get", "-u",
                                 service], capture_output=True, text=True, check=True).stdout
        self.assertRegex(limits, r"STORAGE +\d+ +- ")
        self.assertRegex(limits, r"MESSAGE +\d+ +- ")
        table = next(Path(provider.info["dovecot_config"]).parent.glob(f"pec-accounts-{self.kind}.conf.ext"))
        self.assertIn("'30d'", table.read_text())
        sender, subject = self.mine, "Subject: PRESA IN CARICO: presa-1\r\n".encode()
        self.submit(sender, self.other().users[0], "presa-1")
        provider.wait_for(service, 1, containing=subject)
        table.write_text(table.read_text().replace("'30d'", "'1s'"))
        subprocess.run(["doveadm", "-c", provider.info["dovecot_config"], "reload"], check=True)
        numbers = iter(range(2, 100))

        def is_gone() -> bool:
            number = next(numbers)
            self.submit(sender, self.other().users[0], f"presa-{number}")
            provider.wait_for(sender, number, containing=b"Subject: CONSEGNA: presa-")
            with provider.mailbox(service) as mailbox:
                return not any(subject in each for each in mailbox.all())

        wait_until(is_gone, "the first receipt is deleted")


class InSqlite(Lives, ServiceMailbox, harness.Case):
    kind = "sqlite"

    @staticmethod
    def provider() -> Provider:
        return box.alfa

    @staticmethod
    def other() -> Provider:
        return box.beta


@unittest.skipIf(programs() is None, "PostgreSQL is not installed")
class InPostgresql(Lives, ServiceMailbox, harness.Case):
    kind = "pgsql"

    @staticmethod
    def provider() -> Provider:
        return box.beta

    @staticmethod
    def other() -> Provider:
        return box.alfa

    def test_a_server_that_is_away_makes_everybody_wait(self):
        """Nobody is told that there is no such mailbox, or, by IMAP, that the password is wrong. (Postfix
        has one reply for both.)"""
        wait_until_quiet(box)
        server.stop()
        try:
            self.assertEqual(incoming_reply(box.beta, self.mine)[0], 451)
            with self.assertRaisesRegex(imaplib.IMAP4.error, "UNAVAILABLE"):
                logs_in(box.beta, self.mine)
        finally:
            server.start()
            box.beta.reload_postfix()  # by itself it would ask again after a minute
            wait_until(self.comes_back, "the accounts are there again")

    def comes_back(self) -> bool:
        try:
            return logs_in(box.beta, self.mine) and incoming_reply(box.beta, self.mine)[0] == 250
        except imaplib.IMAP4.error:
            return False


if __name__ == "__main__":
    harness.main()
