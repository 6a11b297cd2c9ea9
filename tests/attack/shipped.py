"""A sandbox with the settings that hosts have: what spares tests their time is taken back."""

import imaplib
import re
import smtplib
import tempfile
from contextlib import contextmanager
from pathlib import Path

import harness
from support.waiting import wait_until

# Dovecot's own delays after a wrong password.
SPARED = r"(?m)^auth_failure_delay = 0\n|^service anvil \{\n(?:  .*\n)*\}\n"


@contextmanager
def box():
    with tempfile.TemporaryDirectory(prefix="pec-attack-") as folder:
        up = harness.run_sandbox("up", folder)
        if up.returncode != 0:
            raise AssertionError(up.stdout)
        box = harness.Box(Path(folder))
        try:
            _restore_delays(box)
            yield box
        finally:
            box.down()


def _restore_delays(box: harness.Box) -> None:
    config = Path(box.alfa.info["dovecot_config"])
    text, spared = re.subn(SPARED, "", config.read_text())
    if spared != 2:
        raise AssertionError(f"{config} has {spared} of the two settings that spare delays")
    config.write_text(text)
    name, log = box.alfa.info["dovecot_name"], Path(box.alfa.info["dovecot_log"])
    box.programs.stop(name)
    box.programs.start(name, ["/usr/sbin/dovecot", "-F", "-c", config], log)
    wait_until(lambda: _knows_passwords(box), "Dovecot is there again")


def _knows_passwords(box: harness.Box) -> bool:
    """Asked by IMAP first: Postfix starts no smtpd for a minute after one that Dovecot left without a word."""
    user = box.alfa.users[0]
    try:
        with box.alfa.mailbox(user), box.alfa.login(user):
            return True
    except (OSError, smtplib.SMTPException, imaplib.IMAP4.error):
        return False
