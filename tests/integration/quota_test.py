# SPDX-License-Identifier: GPL-2.0-or-later
"""A tenth of each mailbox is kept for certified mail: ordinary mail for one that is nearly full is refused in
SMTP, so that nobody gets a bounce that he did not cause (rules, 5).
"""

import contextlib
import smtplib
import socket
from pathlib import Path

from support import harness
from support.changed_postfix import ChangedPostfix
from support.foreign_provider import ForeignProvider
from support.pec_mail import ORDINARY, all_mailboxes, letter
from support.people import dario, elena
from support.waiting import PATIENCE, wait_until

OUTSIDE = "gianni@ordinaria.example"
LINE = b"x" * 70 + b"\r\n"
FULL = (552, b"5.2.2 La casella e' quasi piena: riceve solo posta certificata. This mailbox is nearly full: it "
             b"takes certified mail (PEC) only")


def setUpModule():
    global box, mailboxes, gamma
    box = harness.sandbox()
    gamma = ForeignProvider(box)
    mailboxes = all_mailboxes(box)


def octets_of(address: str) -> int:
    with box.beta.mailbox(address) as mailbox:
        return mailbox.octets_used()


class QuotaCase(harness.Case):
    def fill(self, address: str, percent: int) -> None:
        """What it holds is so much of what it may hold."""
        self.forget()
        self.assertEqual(self.outsider_sends(address, body=b"\r\n" + LINE * 4000)[0], 250)
        self.assertEqual(mailboxes.new().kinds(), {address: ["errore"]})
        self.addCleanup(box.beta.set_quota, address)
        box.beta.fill_up(address, percent)
        self.forget()

    def forget(self) -> None:
        """What pec-milter has asked it knows for ten seconds."""
        box.kill_milter(box.beta)
        box.start_milter(box.beta)

    def outsider_sends(self, *recipients: str, body: bytes = b"\r\nCiao.\r\n") -> tuple[int, bytes]:
        message = letter(OUTSIDE, to=recipients, subject="Prova", body=body)
        with box.beta.connect("mx") as client:
            client.ehlo()
            client.mail(OUTSIDE, [f"size={len(message)}"])
            for recipient in recipients:
                self.assertEqual(client.rcpt(recipient)[0], 250)
            return client.data(message)


class NearlyFull(QuotaCase):
    def test_ordinary_mail_is_refused_in_smtp_and_certified_mail_is_not(self):
        self.fill(dario, 95)
        self.assertEqual(self.outsider_sends(dario), FULL)
        self.assertEqual(box.beta.queue(), [])
        self.assertEqual(mailboxes.new().kinds(), {})
        gamma.deliver(box.beta, [dario], gamma.envelope([dario]))
        came = mailboxes.new(ordinary=2)  # gamma has a take-charge and a delivery receipt
        self.assertEqual(came.by_address[dario][0].kind, "posta-certificata")

    def test_what_would_go_beyond_nine_tenths_is_refused(self):
        self.fill(dario, 50)
        octets = octets_of(dario)
        self.assertEqual(self.outsider_sends(dario, body=b"\r\n" + LINE * (octets // len(LINE))), FULL)
        self.assertEqual(self.outsider_sends(dario)[0], 250)
        self.assertEqual(mailboxes.new().kinds(), {dario: ["errore"]})

    def test_nearly_full_and_others_in_one_transaction(self):
        self.fill(dario, 95)
        message = letter(OUTSIDE, to=(dario, elena), subject="Prova")
        for first, second in ((dario, elena), (elena, dario)):
            with self.subTest(first), box.beta.connect("mx") as client:
                client.ehlo()
                client.mail(OUTSIDE)
                self.assertEqual(client.rcpt(first)[0], 250)
                code, text = client.rcpt(second)
                self.assertEqual((code, text[:5]), (452, b"4.5.3"))
                self.assertEqual(client.data(message)[0], 552 if first == dario else 250)
        self.assertEqual(mailboxes.new().kinds(), {elena: ["errore"]})

    def test_the_size_that_a_client_declares_tells_them_apart(self):
        self.fill(dario, 50)
        for size, code in ((octets_of(dario), 452), (1000, 250)):
            with self.subTest(size), box.beta.connect("mx") as client:
                client.ehlo()
                client.mail(OUTSIDE, [f"size={size}"])
                self.assertEqual(client.rcpt(elena)[0], 250)
                self.assertEqual(client.rcpt(dario)[0], code)

    def test_another_hosts_mail_server_copes(self):
        self.fill(dario, 95)
        with smtplib.SMTP(*box.ordinary_mx) as client:
            client.sendmail(OUTSIDE, [dario, elena], letter(OUTSIDE, to=(dario, elena), subject="Prova"))
        wait_until(box.ordinary_is_idle, "the ordinary host's queue is empty")
        came = mailboxes.new(ordinary=1)
        self.assertEqual(came.kinds(), {elena: ["errore"], ORDINARY: ["ordinaria"]})
        [bounce] = came.by_address[ORDINARY]
        self.assertIn(b"quasi piena", bounce.raw)
        self.assertIn(dario.encode(), bounce.raw)

    def test_an_alias_has_room_while_one_of_its_mailboxes_has(self):
        everybody = f"tutti@{box.beta.domain}"
        self.fill(dario, 95)
        with ChangedPostfix(box.beta) as postfix:
            postfix.add_alias(everybody, of=f"{dario}, {elena}")
            self.assertEqual(self.outsider_sends(everybody)[0], 250)
            self.assertEqual(mailboxes.new().kinds(), {dario: ["errore"], elena: ["errore"]})
            self.fill(elena, 95)
            self.assertEqual(self.outsider_sends(everybody), FULL)


class DovecotAway(QuotaCase):
    def test_mail_is_taken_and_an_operator_learns_of_it_once(self):
        self.fill(dario, 95)
        quota_socket = Path(box.beta.info["quota_socket"])
        away = quota_socket.with_name("away")
        quota_socket.rename(away)
        self.addCleanup(away.rename, quota_socket)
        for _ in range(2):
            self.assertEqual(self.outsider_sends(dario)[0], 250)
        self.assertEqual(mailboxes.new().kinds(), {dario: ["errore", "errore"]})
        told = [line for line in box.beta.milter_log().splitlines()
                if f"Dovecot does not say at {quota_socket} how full {dario} is: No such file" in line]
        self.assertEqual(["alert" in line or "[warning]" in line for line in told], [True, False], told)


class TheSocket(harness.Case):
    """Whoever gets at it must not get anything else done: its process is root's."""

    def test_it_is_pec_milters_alone_and_answers_one_command(self):
        quota_socket = Path(box.beta.info["quota_socket"])
        self.assertEqual(quota_socket.stat().st_mode & 0o777, 0o600)
        self.assertEqual(quota_socket.stat().st_uid,
                         Path(box.beta.info["milter"]).stat().st_uid)
        self.assertIn(b"STORAGE", self.asked("quota", "get"))
        for command in (["mailbox list"], ["fetch", "text", "ALL"], ["pw"], ["who"], ["expunge", "ALL"]):
            answer = self.asked(*command)
            self.assertNotIn(b"\n+\n", answer, command)

    def asked(self, *command: str) -> bytes:
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as client:
            client.settimeout(PATIENCE)
            client.connect(box.beta.info["quota_socket"])
            client.sendall("\t".join(["VERSION", "doveadm-server", "1", "0"]).encode() + b"\n\t"
                           + "\t".join([dario, *command]).encode() + b"\n")
            client.shutdown(socket.SHUT_WR)
            answer = b""
            while chunk := client.recv(4096):
                answer += chunk
            return answer


if __name__ == "__main__":
    harness.main()
