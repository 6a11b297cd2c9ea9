# SPDX-License-Identifier: GPL-2.0-or-later
"""Ways in that must be closed: one try each, or as many as a limit lets through."""

import smtplib
import socket
import subprocess
import time

from bystander import Bystander
from support.box import Box
from support.parallel import in_parallel
from support.waiting import PATIENCE
from verdict import Attack, Strength

NOBODY = 60899  # a user of the host who is nobody in particular; needs no account


class AnonymousCiphers(Attack):
    name = "anonymous-cipher"
    tries = "a TLS session without a certificate, at each port"

    def run(self, box: Box, strength: Strength, bystander: Bystander) -> str:
        taken = []
        for service, starttls in (("smtps", []), ("submission", ["-starttls", "smtp"]),
                                  ("mx", ["-starttls", "smtp"]), ("imaps", []), ("pop3s", [])):
            self.count(1)
            host, port = box.alfa.info[service]
            said = subprocess.run(
                ["openssl", "s_client", "-connect", f"{host}:{port}", *starttls, "-tls1_2",
                 "-cipher", "aNULL@SECLEVEL=0"],
                input="QUIT\r\n", capture_output=True, text=True, timeout=PATIENCE, check=False)
            if "CONNECTED" not in said.stdout:
                raise AssertionError(f"{service}: {said.stderr}")
            if "Cipher is (NONE)" not in said.stdout:
                taken.append(service)
        return f"{', '.join(taken)} took it" if taken else ""


class LocalSendmail(Attack):
    """Root may: cron and the packages' own mail need it, and root may do anything."""

    name = "local-sendmail"
    tries = "mail handed in by a program of the host, in a user's name"

    def run(self, box: Box, strength: Strength, bystander: Bystander) -> str:
        user, config = box.alfa.users[0], box.alfa.info["postfix_config"]
        self.count(1)
        # sendmail believes only root about where Postfix's files are: here they are where it looks.
        command = ('mount --bind "$0" /etc/postfix && exec setpriv --reuid "$1" --regid "$1" --clear-groups'
                   ' /usr/sbin/sendmail -f "$2" "$2"')
        done = subprocess.run(["unshare", "--mount", "sh", "-c", command, config, str(NOBODY), user],
                              input=f"From: {user}\nTo: {user}\nSubject: bare\n\nciao\n",
                              capture_output=True, text=True, timeout=PATIENCE, check=False)
        if done.returncode == 0:
            return "sendmail took it"
        return "" if "not allowed to submit mail" in done.stderr else done.stderr


class Talkers(Attack):
    """Clients that speak before they are greeted are no mail servers."""

    name = "early-talkers"
    tries = "clients of the MX that speak before the greeting ends"

    def run(self, box: Box, strength: Strength, bystander: Bystander) -> str:
        address = tuple(box.alfa.info["mx"])
        for number in range(strength.addresses):
            self.count(1)
            with socket.create_connection(address, PATIENCE, (f"127.0.4.{1 + number}", 0)) as client:
                client.sendall(b"EHLO talker.example\r\n")
                said = self._dialogue(client)
            if "550" not in said and "521" not in said:
                return f"one was answered {said!r}"
        return ""

    @staticmethod
    def _dialogue(client: socket.socket) -> str:
        said = b""
        client.sendall(b"MAIL FROM:<a@talker.example>\r\nRCPT TO:<b@talker.example>\r\nQUIT\r\n")
        while chunk := client.recv(4096):
            said += chunk
        return said.decode("ascii", "replace")


class MessageRate(Attack):
    name = "message-rate"
    lines_each, disk_each = 2.0, 0.01
    tries = "more messages to the MX than a provider sends, from one address"

    LIMIT = 250  # postfix-conf/master.cf, in ten seconds

    def run(self, box: Box, strength: Strength, bystander: Bystander) -> str:
        began, taken, put_off = time.monotonic(), 0, 0
        while put_off == 0 and taken < 4 * self.LIMIT:
            # Postfix takes fewer than a hundred in a session that end in nothing.
            codes: list[int] = []
            in_parallel(8, lambda _: codes.extend(self._begin_messages(box, 40)))
            self.count(len(codes))
            taken, put_off = taken + codes.count(250), put_off + codes.count(450)
        windows = 1 + int((time.monotonic() - began) / 10)
        if put_off == 0:
            return f"{taken} were taken, and none put off"
        return "" if taken <= windows * self.LIMIT else f"{taken} were taken in {windows} windows"

    @staticmethod
    def _begin_messages(box: Box, count: int) -> list[int]:
        codes = []
        with smtplib.SMTP(*box.alfa.info["mx"], timeout=PATIENCE,
                          source_address=("127.0.4.100", 0)) as smtp:
            smtp.ehlo()
            while len(codes) < count and 450 not in codes:  # each further one would cost a second
                codes.append(smtp.docmd("MAIL FROM:<a@talker.example>")[0])
                smtp.rset()
        return codes


DOORS = [AnonymousCiphers(), LocalSendmail(), Talkers(), MessageRate()]
