#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`pecctl setup` on an ordinary host: certified mail beside the mail that was there, through reboots, upgrades and
kills, and then away again."""

import json
import os
import re
import time
import unittest

from building import packages_in, up_to_date
from certified_mail import DOMAIN, HOST_NAME, CertifiedMail
from enclosure import CommandError
from ordinary_host import OrdinaryHost
from steps import step
from support.waiting import wait_until
from trees import Trees
from wire import Wire

RELEASE = os.environ.get("PEC_HOSTS_RELEASE", "bookworm")
OURS = ("pec-scanner", "pec-milter", "pec-policyd", "dovecot-pec", "postfix@postfix-pec")
ACCOUNTS = ("pec", "pec-scanner", "vmail")
# What set-up leaves: the site's settings, keys and secrets.
KEPT = re.compile(r"new /etc/pec(/|$)")
DOVEADM = ("doveadm", "-c", "/etc/dovecot-pec/dovecot.conf")


class OnAnOrdinaryHost(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        trees = Trees(RELEASE)
        output = up_to_date(trees)
        self.wire = Wire()
        self.addCleanup(self.wire.close)
        self.host = OrdinaryHost(trees, self.wire)
        self.addCleanup(self.host.close)
        self.packages = [path.name for path in packages_in(output)]
        trees.download(self.host.layers, [f"./{name}" for name in self.packages], output)
        self.host.boot()
        self.host.addresses.append(self.wire.new_address(self.host.enclosure))
        self.before = self.host.etc()
        self.packages_before = self.installed()
        for path in packages_in(output):
            self.host.put(path, f"/root/{path.name}")

    def installed(self) -> set[str]:
        return set(self.host.run("dpkg-query", "-W", "-f", "${Package}\\n").split())

    def install(self, *how: str) -> str:
        return self.host.apt("install", *how, *(f"/root/{name}" for name in self.packages))

    def set_up(self, *more: str) -> str:
        return self.host.run("pecctl", "setup", "--trial", "--yes", "--domain", DOMAIN, "--provider-name",
                             "PEC Alfa S.p.A.", "--host-name", HOST_NAME, "--addresses",
                             " ".join(self.host.addresses[1]), *more, patience=600)

    def begin(self) -> CertifiedMail:
        began = time.monotonic()
        step("apt install", self.install)
        said = step("pecctl setup --trial --yes", self.set_up)
        self.assertIn(f"{DOMAIN} takes certified mail.", said)
        self.assertIn(f"IMAP   {HOST_NAME}, port 993, TLS", said)
        mail = CertifiedMail(self.host, self.wire, self.host.addresses[1])
        for user in ("anna", "bruno"):
            mail.add(user)
        step("a certified message", lambda: mail.exchange("anna", "bruno"))
        print(f"{time.monotonic() - began:8.1f} s          from apt install to the delivery receipt", flush=True)
        return mail

    def test_the_whole_way(self):
        mail = self.begin()
        step("ordinary mail", self.host.prove)
        self.assert_wanted_state()
        step("reboot", self.host.reboot)
        step("a certified message", lambda: mail.exchange("bruno", "anna"))
        step("ordinary mail", self.host.prove)
        step("kill -9 of each service", lambda: self.kill_each(mail))
        step("an upgrade with mail in the queue", lambda: self.upgrade(mail))
        self.assert_wanted_state()
        step("revert is refused while mail waits", lambda: self.refuse_revert(mail))
        step("pecctl setup revert", lambda: self.host.run("pecctl", "setup", "revert", "--yes", patience=300))
        step("ordinary mail", self.host.prove)
        self.assert_as_before()
        step("pecctl setup apply", lambda: self.host.run("pecctl", "setup", "apply", "--yes", patience=600))
        step("a certified message", lambda: mail.exchange("anna", "bruno"))
        step("pecctl setup revert", lambda: self.host.run("pecctl", "setup", "revert", "--yes", patience=300))
        said = step("apt purge", lambda: self.host.apt("purge", "pec-suite", "dovecot-pec"))
        self.assertRegex(said, "(?s)evidence is kept.*/etc/pec: .*keys.*/var/lib/pec: ledger")
        step("apt autoremove", lambda: self.host.apt("autoremove", "--purge"))
        self.host.apt("purge", *sorted(self.installed() - self.packages_before))
        self.assert_as_before()
        step("ordinary mail", self.host.prove)

    def assert_wanted_state(self) -> None:
        self.assertEqual(step("pecctl setup check", lambda: self.host.run("pecctl", "setup", "check")),
                         "this host is as pec.toml says\n")
        step("pecctl selftest", lambda: self.host.run("pecctl", "selftest", patience=300))

    def kill_each(self, mail: CertifiedMail) -> None:
        for unit in OURS:
            before = self.main_pid(unit)
            self.host.run("kill", "-KILL", before)
            wait_until(lambda unit=unit, before=before: self.main_pid(unit) not in ("0", before), f"{unit} is back", 60)
            mail.exchange("anna", "bruno")

    def main_pid(self, unit: str) -> str:
        return self.host.run("systemctl", "show", "--value", "-p", "MainPID", unit).strip()

    def upgrade(self, mail: CertifiedMail) -> None:
        """Messages wait before their mailbox, one of them on hold. None is lost, none comes twice."""
        sent = self.send_to_waiting(mail, 3)
        self.host.run("postsuper", "-c", "/etc/postfix-pec", "-h", self.waiting()[0]["queue_id"])
        self.install("--reinstall")
        self.host.run("pecctl", "setup", "apply", "--yes", patience=600)
        self.host.run("postsuper", "-c", "/etc/postfix-pec", "-H", "ALL")
        self.host.run("postqueue", "-c", "/etc/postfix-pec", "-f")
        for message_id in sent:
            mail.wait_for(message_id, "anna", "bruno")
            self.assertEqual(mail.count("bruno", message_id), 1)

    def refuse_revert(self, mail: CertifiedMail) -> None:
        [sent] = self.send_to_waiting(mail, 1)
        with self.assertRaises(CommandError) as caught:
            self.host.run("pecctl", "setup", "revert", "--yes")
        self.assertRegex(str(caught.exception), r"messages in /var/spool/postfix-pec: \d+; it is certified mail")
        self.host.run("systemctl", "restart", "dovecot-pec")
        self.host.run("postqueue", "-c", "/etc/postfix-pec", "-f")
        mail.wait_for(sent, "anna", "bruno")
        wait_until(lambda: not self.waiting(), "the queue is empty", patience=120)

    def send_to_waiting(self, mail: CertifiedMail, number: int) -> list[str]:
        """Dovecot takes logins, and no mail."""
        self.host.run(*DOVEADM, "service", "stop", "lmtp")
        sent = [mail.send("anna", "bruno") for _ in range(number)]
        # Each as an envelope, and with an acceptance receipt.
        wait_until(lambda: [each["queue_name"] for each in self.waiting()] == ["deferred"] * 2 * number,
                   "the messages wait", patience=60)
        return sent

    def waiting(self) -> list[dict]:
        return [json.loads(line) for line in self.host.run("postqueue", "-c", "/etc/postfix-pec", "-j").splitlines()]

    def assert_as_before(self) -> None:
        accounts = {f"new {kind} {name}" for kind in ("user", "group") for name in ACCOUNTS}
        changes = self.host.etc().since(self.before)
        self.assertEqual([each for each in changes if each not in accounts and not KEPT.match(each)], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
