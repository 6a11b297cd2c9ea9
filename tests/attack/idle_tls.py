# SPDX-License-Identifier: GPL-2.0-or-later
"""Connections that have made their TLS handshake and say nothing more: each costs the login process memory."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from bystander import Bystander
from support.box import Box
from support.imap_from import ImapFrom
from verdict import Attack, Strength

WORKER_AT = "127.0.5.2"  # somebody who has logged in before: the same processes hold his TLS
AT_ONCE = 16


class IdleTls(Attack):
    name = "idle-imaps-tls"
    tries = "idle connections to imaps after their TLS handshake; somebody has logged in before"

    def run(self, box: Box, strength: Strength, bystander: Bystander) -> str:
        before = bystander.served
        user = box.alfa.users[0]
        worker = ImapFrom(WORKER_AT, box.tls, *box.alfa.info["imaps"])
        worker.login(user, box.alfa.passwords[user])

        def connect(number: int) -> ImapFrom:
            return ImapFrom(f"127.0.3.{1 + number % strength.addresses}", box.tls, *box.alfa.info["imaps"])

        end = time.monotonic() + strength.seconds
        with ThreadPoolExecutor(AT_ONCE) as openers:
            idle = list(openers.map(connect, range(strength.addresses * strength.connections)))
        threading.Event().wait(max(0, end - time.monotonic()))
        answer, _ = worker.noop()
        worker.logout()
        for each in idle:
            each.shutdown()
        return bystander.unserved_since(before) or ("" if answer == "OK" else f"who had logged in got {answer}")


IDLE_TLS = [IdleTls()]
