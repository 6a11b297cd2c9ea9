# SPDX-License-Identifier: GPL-2.0-or-later
"""A renewed TLS certificate of the host: hooks/tls-renewed, with Postfix and Dovecot at the other end of systemctl.
What it does if they fail: hooks_test.py."""

import os
import shutil
import socket
import ssl
import subprocess

from support import harness
from support.folders import temporary_folder
from support.paths import ROOT
from support.waiting import PATIENCE, wait_until

# What the units' ExecReload says.
SYSTEMCTL = """\
#!/bin/sh
case "$1 $2" in
  "is-active "*) ;;
  "reload dovecot-pec.service") exec doveadm -c {dovecot} reload ;;
  "reload postfix@postfix-pec.service") exec /usr/sbin/postfix -c {postfix} reload ;;
  *) exit 64 ;;
esac
"""
SERVICES = ("smtps", "imaps", "pop3s")


def setUpModule():
    global box
    box = harness.sandbox()


class Renewal(harness.Case):
    def setUp(self):
        self.folder = temporary_folder(self.addCleanup)
        info = box.alfa.info
        systemctl = self.folder / "systemctl"
        systemctl.write_text(SYSTEMCTL.format(dovecot=info["dovecot_config"], postfix=info["postfix_config"]))
        systemctl.chmod(0o755)

    def shown(self, service: str) -> str:
        """The certificate that a client sees."""
        anybody = ssl.create_default_context()
        anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection(box.alfa.info[service], PATIENCE) as plain, anybody.wrap_socket(plain) as tls:
            return ssl.DER_cert_to_PEM_cert(tls.getpeercert(True))

    def renew(self) -> str:
        """Key and certificate, where the old ones were; returns the certificate."""
        certificate, key = subprocess.run(
            ["/usr/sbin/postconf", "-c", box.alfa.info["postfix_config"], "-h", "smtpd_tls_cert_file",
             "smtpd_tls_key_file"], check=True, stdout=subprocess.PIPE, text=True).stdout.split()
        new = self.folder / "new.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", "/CN=mx.pec.alfa.example", "-keyout", key, "-out", new],
                       check=True, stderr=subprocess.DEVNULL)
        shutil.copy(new, certificate)
        return ssl.DER_cert_to_PEM_cert(ssl.PEM_cert_to_DER_cert(new.read_text()))

    def test_both_instances_show_the_new_certificate_after_the_hook(self):
        user = box.alfa.users[0]
        before = self.shown("imaps")
        with box.alfa.login(user) as submission:
            new = self.renew()
            # A new smtpd may have read the new one already.
            self.assertEqual(self.shown("imaps"), before)
            done = subprocess.run([ROOT / "hooks/tls-renewed"], check=False, capture_output=True, text=True,
                                  env=os.environ | {"PATH": f"{self.folder}:{os.environ['PATH']}"})
            self.assertEqual(done.returncode, 0, done)
            for service in SERVICES:
                wait_until(lambda: self.shown(service) == new, f"{service} shows the new certificate")
            # What is being submitted goes on.
            self.assertEqual(submission.mail(user)[0], 250)


if __name__ == "__main__":
    harness.main()
