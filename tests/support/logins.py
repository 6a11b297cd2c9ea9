# SPDX-License-Identifier: GPL-2.0-or-later
"""Logins that are counted by pec-policyd (dovecot-conf/pec-logins.conf.ext), and clients that try one
password, each from an address of loopback of its own.

    logins = Logins(box, box.alfa)                   # from now on this provider counts
    logins.by_imap(anna, "127.0.5.1", "wrong")       # what was answered; empty: it is in
"""

import hashlib
import imaplib
import os
import secrets
import smtplib
from pathlib import Path

from support.box import Box, Provider
from support.imap_from import ImapFrom
from support.paths import BUILD_DIR
from support.processes import free_port
from support.provider import MILTER_UID, make_files

MOST_OF_ACCOUNT = 20  # common/pec/login_guard.hpp
NONCE = "5a" * 32  # fixed: which passwords have the same mark is, too
TOO_MANY = "Troppi tentativi: riprovare piu' tardi. Too many attempts: try again later"


def mark_of(user: str, password: str) -> int:
    """As Dovecot makes it of a password that is tried."""
    return int(hashlib.sha256(f"{NONCE}{user}\0{password}".encode()).hexdigest()[:3], 16)


def different_passwords(user: str, count: int) -> list[str]:
    """As many wrong ones, no two of the same mark."""
    by_mark: dict[int, str] = {}
    number = 0
    while len(by_mark) < count:
        password = f"parola-{number}"
        by_mark.setdefault(mark_of(user, password), password)
        number += 1
    return list(by_mark.values())


class Logins:
    def __init__(self, box: Box, provider: Provider):
        self._box, self._provider = box, provider
        address = f"127.0.0.1:{free_port()}"
        config = Path(provider.info["config"])
        secret, nonce = config.with_name("logins.secret"), config.with_name("logins-nonce.secret")
        for file, digits in ((secret, secrets.token_hex(32)), (nonce, NONCE)):
            file.write_text(digits + "\n")
            file.chmod(0o400)
        os.chown(secret, MILTER_UID, MILTER_UID)
        box.reconfigure(provider, policy={"logins_listen": address, "logins_secret_file": str(secret)},
                        site={"logins_nonce_file": str(nonce)})
        make_files(BUILD_DIR, config)
        box.restart_dovecot(provider)

    def by_imap(self, user: str, source: str, password: str | None = None) -> str:
        imap = ImapFrom(source, self._box.tls, *self._provider.info["imaps"])
        try:
            imap.login(user, password or self._provider.passwords[user])
            return ""
        except imaplib.IMAP4.abort as error:
            raise OSError("the connection was closed") from error
        except imaplib.IMAP4.error as error:
            return str(error)
        finally:
            imap.shutdown()

    def by_smtp(self, user: str, source: str, password: str | None = None) -> str:
        with self._provider.connect("smtps", source) as smtp:
            smtp.ehlo()
            smtp.user, smtp.password = user, password or self._provider.passwords[user]
            try:
                smtp.auth("PLAIN", smtp.auth_plain)  # once: login() would go on to the next mechanism
                return ""
            except smtplib.SMTPAuthenticationError as error:
                return str(error)
