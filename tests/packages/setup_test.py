#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`pecctl setup` on an ordinary host: certified mail beside the mail that was there, through reboots, upgrades and
kills, and then away again."""

import json
import re
import smtplib
import time
import unittest

from certified_mail import DOMAIN, HOST_NAME, CertifiedMail
from enclosure import CommandError
from etc_state import EtcState
from host_with_packages import NEW_ACCOUNTS, HostWithPackages
from steps import step
from support.waiting import wait_until

OURS = ("pec-scanner", "pec-milter", "pec-policyd", "dovecot-pec", "postfix@postfix-pec")
# What set-up leaves: the site's settings, keys and secrets.
KEPT = re.compile(r"new /etc/pec(/|$)")
# Waits for so many lines of progress, and kills set-up.
KILL_AFTER = """\
: > /root/progress
pecctl setup apply --yes > /root/progress 2>&1 &
until [ "$(grep -c '^ *[0-9.]* s  ' /root/progress)" -ge "$1" ]; do kill -0 $! || exit 1; done
kill -KILL $!
wait $! || true
"""
DOVEADM = ("doveadm", "-c", "/etc/dovecot-pec/dovecot.conf")


class Setup(HostWithPackages):
    """Nothing is set up yet."""

    def set_up(self, *more: str) -> str:
        return self.host.run("pecctl", "setup", "--trial", "--yes", "--domain", DOMAIN, "--provider-name",
                             "PEC Alfa S.p.A.", "--host-name", HOST_NAME, "--addresses",
                             " ".join(self.host.addresses[1]), *more, patience=600)

    def assert_as(self, before: EtcState) -> None:
        """Apart from our accounts and /etc/pec."""
        changes = self.host.etc().since(before)
        self.assertEqual([each for each in changes if each not in NEW_ACCOUNTS and not KEPT.match(each)], [])


class OnAnOrdinaryHost(Setup):
    def begin(self) -> CertifiedMail:
        began = time.monotonic()
        self.install()
        self.with_packages = self.host.etc()
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
        self.assert_as(self.with_packages)
        step("pecctl setup apply", lambda: self.host.run("pecctl", "setup", "apply", "--yes", patience=600))
        step("a certified message", lambda: mail.exchange("anna", "bruno"))
        step("pecctl setup revert", lambda: self.host.run("pecctl", "setup", "revert", "--yes", patience=300))
        said = step("apt purge", lambda: self.host.apt("purge", "pec-suite", "dovecot-pec"))
        self.assertRegex(said, "(?s)evidence is kept.*/etc/pec: .*keys.*/var/lib/pec: ledger")
        step("apt autoremove", lambda: self.host.apt("autoremove", "--purge"))
        self.host.apt("purge", *sorted(self.installed() - self.packages_before))
        self.assert_as(self.before)
        step("ordinary mail", self.host.prove)

    def assert_wanted_state(self) -> None:
        self.assertEqual(step("pecctl setup check", lambda: self.host.run("pecctl", "setup", "check")),
                         "this host is as pec.toml says\n")
        step("pecctl selftest", lambda: self.host.run("pecctl", "selftest", patience=300))

    def kill_each(self, mail: CertifiedMail) -> None:
        """Each comes back by itself. A mail program that is put off meanwhile tries again."""
        for unit in OURS:
            before = self.main_pid(unit)
            self.host.run("kill", "-KILL", before)
            wait_until(lambda unit=unit, before=before: self.main_pid(unit) not in ("0", before), f"{unit} is back", 60)
            sent = wait_until(lambda: self.sent(mail), f"a message is taken after {unit} was killed", patience=120)
            mail.wait_for(sent, "anna", "bruno")

    @staticmethod
    def sent(mail: CertifiedMail) -> str | None:
        """The message's id; nothing, if it was put off."""
        try:
            return mail.send("anna", "bruno")
        except smtplib.SMTPResponseException as error:
            if 400 <= error.smtp_code < 500:
                return None
            raise
        except (smtplib.SMTPServerDisconnected, ConnectionError):
            return None

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
        wait_until(lambda: self.all_deferred(at_least=2 * number), "envelopes and acceptances wait", patience=60)
        return sent

    def all_deferred(self, at_least: int) -> bool:
        queues = [each["queue_name"] for each in self.waiting()]
        return len(queues) >= at_least and set(queues) == {"deferred"}

    def waiting(self) -> list[dict]:
        return [json.loads(line) for line in self.host.run("postqueue", "-c", "/etc/postfix-pec", "-j").splitlines()]


class Killed(Setup):
    """In the middle of each step. Whoever goes on, or back, from there ends well."""

    def test_at_each_step(self):
        self.install()
        self.before = self.host.etc()  # with the packages
        self.set_up()
        steps = self.steps_of(self.host.run("pecctl", "setup", "apply", "--yes", patience=300))
        self.assertGreater(len(steps), 12)
        self.revert()
        for number, title in enumerate(steps):
            self.set_up_and_kill(number)
            step(f"back from {title}", self.revert)
            self.assert_as(self.before)
            self.set_up_and_kill(number)
            step(f"on from {title}", lambda: self.host.run("pecctl", "setup", "apply", "--yes", patience=300))
            self.assertEqual(self.host.run("pecctl", "setup", "check"), "this host is as pec.toml says\n")
            self.revert()
            self.assert_as(self.before)
        step("ordinary mail", self.host.prove)

    @staticmethod
    def steps_of(said: str) -> list[str]:
        return re.findall(r"(?m)^ *[0-9.]+ s  ([^:\n]+)", said)

    def set_up_and_kill(self, steps: int) -> None:
        """In the step that follows on so many."""
        self.host.run("sh", "-c", KILL_AFTER, "sh", str(steps))

    def revert(self) -> None:
        self.host.run("pecctl", "setup", "revert", "--yes", patience=120)


class Refused(Setup):
    """What an administrator reads, on a host where it is so. Nothing is changed then."""

    def test_each_reason(self):
        self.install()
        before = self.host.etc()
        ours = " ".join(self.host.addresses[1])
        self.host.write("/etc/postfix/domains", "pec.tabella.example x\n")
        for title, damage, repair, answers, told in (
                ("a domain of ordinary mail", "true", "true", {"--domain": "alfa.example"},
                 r"alfa\.example is a domain of ordinary mail here \(mydestination"),
                ("the same in a table", "postconf -e virtual_alias_domains=texthash:/etc/postfix/domains",
                 "postconf -X virtual_alias_domains", {"--domain": "pec.tabella.example"},
                 r"pec\.tabella\.example is a domain of ordinary mail here \(virtual_alias_domains"),
                ("an address that is not there", "true", "true", {"--addresses": "192.0.2.99"},
                 r"site\.addresses has 192\.0\.2\.99, which this host does not have"),
                ("no address left for ordinary mail", "true", "true",
                 {"--addresses": " ".join([*self.host.addresses[0], ours])},
                 r"certified mail needs an address of its own"),
                ("a port that is taken",
                 "systemd-run --unit=taken systemd-socket-activate -l 127.0.0.1:10588 /bin/cat\n"
                 "until ss -Hltn | grep -q 127.0.0.1:10588; do systemctl --quiet is-active taken; done",
                 "systemctl stop taken", {}, r"port 10588 of \S+ \(internal\.receipts_address\) is taken by systemd-s"),
                ("no plugin", "mv /usr/lib/dovecot/modules/lib99_pec_plugin.so /root",
                 "mv /root/lib99_pec_plugin.so /usr/lib/dovecot/modules", {},
                 r"Dovecot's plugin for certified mail is missing: install dovecot-pec"),
                ("no settings of the host's own Postfix", "mv /etc/postfix/main.cf /root",
                 "mv /root/main.cf /etc/postfix", {}, r"the host's own Postfix has no /etc/postfix/main\.cf")):
            with self.subTest(title):
                self.host.run("sh", "-ec", damage)
                with self.assertRaises(CommandError) as caught:
                    step(title, lambda more=answers: self.try_to_set_up(more))
                self.host.run("sh", "-ec", repair)
                self.assertRegex(str(caught.exception), told)
                self.host.run("rm", "-f", "/etc/postfix/domains.db")
        self.host.run("rm", "/etc/postfix/domains")
        self.assertEqual(self.host.etc().since(before), [])
        self.assertEqual(self.host.run("sh", "-c", "ls -d /var/lib/pec-setup 2>/dev/null || true"), "")

    def try_to_set_up(self, answers: dict[str, str]) -> None:
        usual = {"--domain": DOMAIN, "--provider-name": "PEC Alfa S.p.A.", "--host-name": HOST_NAME,
                 "--addresses": " ".join(self.host.addresses[1])}
        self.host.run("pecctl", "setup", "--trial", "--yes",
                      *(word for pair in {**usual, **answers}.items() for word in pair))


if __name__ == "__main__":
    unittest.main(verbosity=2)
