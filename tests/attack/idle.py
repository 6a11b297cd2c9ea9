# SPDX-License-Identifier: GPL-2.0-or-later
"""Connections that say nothing, and are opened again when they are closed."""

import selectors
import socket
import time

from bystander import Bystander
from support.box import Box
from support.waiting import PATIENCE
from verdict import Attack, Strength

REOPEN_EVERY = 1.0  # seconds


class Idle(Attack):
    lines_each, disk_each = 8.0, 0.001

    def __init__(self, service: str):
        super().__init__()
        self.name = f"idle-{service}"
        self.tries = f"idle connections to {service}, opened again when closed"
        self._service = service
        if service == "mx":
            self.unhurried = "mx"  # it is the flooded service, and other servers wait for minutes

    def run(self, box: Box, strength: Strength, bystander: Bystander) -> str:
        before = bystander.served

        def starved() -> str:
            return bystander.unserved_since(before)

        self._hold(tuple(box.alfa.info[self._service]), strength, starved)
        return starved()

    def _hold(self, address: tuple[str, int], strength: Strength, starved) -> None:
        """For as long as is wanted; a slow machine gets more time to serve the bystander once."""
        end = time.monotonic() + strength.seconds
        latest = end + PATIENCE
        with selectors.DefaultSelector() as selector:
            for number in range(strength.addresses * strength.connections):
                self.count(1)
                self._open(selector, address, f"127.0.3.{1 + number % strength.addresses}")
            again = time.monotonic() + REOPEN_EVERY
            closed: list[str] = []  # the addresses of those that were
            while (now := time.monotonic()) < end or (starved() and now < latest):
                if now >= again:
                    self.count(len(closed))
                    for source in closed:
                        self._open(selector, address, source)
                    closed, again = [], now + REOPEN_EVERY
                for key, _ in selector.select(max(again - now, 0)):
                    closed += self._closed(selector, key)
            for key in list(selector.get_map().values()):
                key.fileobj.close()

    @staticmethod
    def _open(selector, address: tuple[str, int], source: str) -> None:
        client = socket.socket()
        client.bind((source, 0))
        client.setblocking(False)
        client.connect_ex(address)
        selector.register(client, selectors.EVENT_READ, source)

    @staticmethod
    def _closed(selector, key) -> list[str]:
        try:
            if key.fileobj.recv(4096):
                return []
        except OSError:
            pass  # refused or cut off: closed, in any case
        selector.unregister(key.fileobj)
        key.fileobj.close()
        return [key.data]


IDLE = [Idle(service) for service in ("smtps", "submission", "mx", "imaps", "pop3s")]
