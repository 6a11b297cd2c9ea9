# SPDX-License-Identifier: GPL-2.0-or-later
"""A mail host as administrators have it before certified mail: Debian's Postfix and Dovecot, two users, old mail.

    with Wire() as wire, OrdinaryHost(Trees("bookworm"), wire) as host:
        host.boot()
        host.prove()        # ordinary mail in and out, cron's mail, the old mail: or an AssertionError

Its domain is alfa.example, its people are system users with mail in /var/mail, as Debian sets it up. They submit at 587
and 465 and read at 143 and 993, each with TLS. The world outside is elsewhere.example, on the wire.
"""

import imaplib
import smtplib
import ssl
import uuid

from host import Host
from support.smtp_sink import SmtpSink
from support.waiting import wait_until
from trees import Recipe, Trees
from wire import Wire

DOMAIN = "alfa.example"
NAME = f"mail.{DOMAIN}"
OUTSIDE = "elsewhere.example"
PASSWORDS = {"rosa": "una-parola-lunga", "piero": "un-altra-parola"}
OLD_MAIL = 3  # messages in each mailbox
RECIPE = Recipe(("postfix", "dovecot-imapd"), f"""\
postfix postfix/main_mailer_type select Internet Site
postfix postfix/mailname string {DOMAIN}
""")
# As the usual guides have it: submission with Dovecot's passwords.
SUBMISSION = """\
set -e
postconf -e myhostname={name} 'mydestination=$myhostname, {domain}, localhost' smtpd_sasl_type=dovecot \\
    smtpd_sasl_path=private/auth
for service in submission submissions; do
  postconf -Me "$service/inet=$service inet n - y - - smtpd"
  postconf -Pe "$service/inet/smtpd_sasl_auth_enable=yes" "$service/inet/smtpd_tls_auth_only=yes" \\
      "$service/inet/smtpd_relay_restrictions=permit_sasl_authenticated,reject"
done
postconf -Pe submission/inet/smtpd_tls_security_level=encrypt submissions/inet/smtpd_tls_wrappermode=yes
echo 'root: rosa' >> /etc/aliases && newaliases
"""
LOGINS_FOR_POSTFIX = """\
service auth {
  unix_listener /var/spool/postfix/private/auth {
    mode = 0660
    user = postfix
    group = postfix
  }
}
"""
MORNING = "@reboot root echo the host has started\n"
# How cron hands a job's output to the mail system.
CRON_MAIL = """\
printf 'From: root (Cron Daemon)\\nTo: root\\nSubject: %s\\n\\nfrom cron\\n' "$1" |
  /usr/sbin/sendmail -i -FCronDaemon -B8BITMIME -oem root
"""


class OrdinaryHost(Host):
    def __init__(self, trees: Trees, wire: Wire):
        super().__init__(NAME, trees, RECIPE, wire)
        self._wire = wire
        try:
            wire.publish(NAME, self.addresses[0])
            wire.publish_mail(DOMAIN, NAME)
            wire.publish(f"mx.{OUTSIDE}", wire.address)
            wire.publish_mail(OUTSIDE, f"mx.{OUTSIDE}")
            self.outside = wire.in_network(lambda: SmtpSink(at=(wire.address.v4, 25)))
            self._cleanup.append(self.outside.down)
            self._configure()
        except BaseException:
            self.close()
            raise

    def _configure(self) -> None:
        self.run("sh", "-c", SUBMISSION.format(name=NAME, domain=DOMAIN))
        self.write("/etc/dovecot/local.conf", LOGINS_FOR_POSTFIX)
        self.write("/etc/cron.d/morning", MORNING)
        for user, password in PASSWORDS.items():
            self.run("useradd", "--create-home", "--shell", "/bin/sh", user)
            self.run("chpasswd", stdin=f"{user}:{password}\n")
            old = [f"From old@{OUTSIDE} Mon Mar  4 10:00:00 2024\nFrom: old@{OUTSIDE}\nTo: {user}@{DOMAIN}\n"
                   f"Subject: old {number}\nMessage-ID: <old{number}.{user}@{OUTSIDE}>\n\nfrom before\n\n"
                   for number in range(OLD_MAIL)]
            self.write(f"/var/mail/{user}", "".join(old), "660", f"{user}:mail")

    # What works

    def prove(self) -> None:
        """Ordinary mail is as it was, on each of the host's first address's two families."""
        for address in self.addresses[0]:
            self._prove_mail_in(address)
            self._prove_mail_out(address)
            self._prove_no_relay(address)
            self._prove_old_mail(address)
        self._prove_cron_mail()

    def _prove_mail_in(self, address: str) -> None:
        subject = _subject("in")
        with self._wire.in_network(lambda: smtplib.SMTP(address, timeout=60)) as smtp:
            smtp.sendmail(f"friend@{OUTSIDE}", [f"rosa@{DOMAIN}"], _message(f"friend@{OUTSIDE}", "rosa", subject))
        self.wait_for("rosa", subject)

    def _prove_mail_out(self, address: str) -> None:
        for port, kind in ((587, smtplib.SMTP), (465, smtplib.SMTP_SSL)):
            subject = _subject("out")
            with self._connect(kind, address, port) as smtp:
                if port == 587:
                    smtp.starttls(context=_any_certificate())
                smtp.login("piero", PASSWORDS["piero"])
                smtp.sendmail(f"piero@{DOMAIN}", [f"friend@{OUTSIDE}"], _message(f"piero@{DOMAIN}", "friend", subject))
            wait_until(lambda wanted=subject.encode(): any(wanted in mail.data for mail in self.outside.mails),
                       f"what was handed in at {address} port {port} arrives outside")

    def _prove_no_relay(self, address: str) -> None:
        with self._wire.in_network(lambda: smtplib.SMTP(address, timeout=60)) as smtp:
            smtp.ehlo("client.example")
            smtp.mail(f"friend@{OUTSIDE}")
            code, text = smtp.rcpt(f"other@{OUTSIDE}")
        if code not in (454, 554):
            raise AssertionError(f"a stranger may relay: {code} {text}")

    def _prove_old_mail(self, address: str) -> None:
        for user in PASSWORDS:
            for port in (143, 993):
                with self.mailbox(user, address, port) as imap:
                    [found] = imap.search(None, "SUBJECT", "old")[1]
                    if len(found.split()) != OLD_MAIL:
                        raise AssertionError(f"{user} at {address} port {port} sees {len(found.split())} old messages")

    def _prove_cron_mail(self) -> None:
        subject = _subject("cron")
        self.run("sh", "-c", CRON_MAIL, "sh", subject)
        self.wait_for("rosa", subject)

    # Mailboxes

    def mailbox(self, user: str, address: str | None = None, port: int = 143) -> imaplib.IMAP4:
        """A session with INBOX open."""
        address = address or self.addresses[0].v4
        if port == 993:
            imap = self._connect(lambda host, port, timeout: imaplib.IMAP4_SSL(
                host, port, ssl_context=_any_certificate(), timeout=timeout), address, port)
        else:
            imap = self._connect(imaplib.IMAP4, address, port)
            imap.starttls(_any_certificate())
        imap.login(user, PASSWORDS[user])
        imap.select()
        return imap

    def subjects(self, user: str) -> list[str]:
        with self.mailbox(user) as imap:
            if imap.search(None, "ALL")[1] == [b""]:
                return []
            answer = imap.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
            return [part[1].decode().partition(":")[2].strip() for part in answer if isinstance(part, tuple)]

    def wait_for(self, user: str, subject: str) -> None:
        try:
            wait_until(lambda: subject in self.subjects(user), f"{user} has a message with subject {subject}")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.logs()}") from error

    def _connect(self, kind, address: str, port: int):
        return self.from_inside(lambda: kind(address, port, timeout=60))


def _any_certificate() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _subject(what: str) -> str:
    return f"{what} {uuid.uuid4()}"


def _message(sender: str, to: str, subject: str) -> str:
    return f"From: {sender}\nTo: {to}\nSubject: {subject}\n\nhello\n"
