# SPDX-License-Identifier: GPL-2.0-or-later
"""A network of a test's own: a bridge that hosts are attached to, and a name server on it.

    with Wire() as wire:
        wire.publish("mail.alfa.example", host.addresses[0])
        wire.publish_mail("alfa.example", "mail.alfa.example")
        smtp = wire.in_network(lambda: smtplib.SMTP(host.addresses[0].v6))      # as a stranger out there

The addresses are those of documentation (RFC 5737, RFC 3849); no packet leaves the namespace. Only what was published
has a name; every other name does not exist.
"""

import ipaddress
import os
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

from enclosure import Enclosure, children_of, run
from support.folders import temporary_folder
from support.waiting import wait_until

NETWORK_4 = ipaddress.ip_network("192.0.2.0/24")
NETWORK_6 = ipaddress.ip_network("2001:db8::/64")


@dataclass(frozen=True)
class Address:
    """One place on the wire, in both families."""

    v4: str
    v6: str

    @staticmethod
    def number(index: int) -> "Address":
        return Address(str(NETWORK_4[index]), str(NETWORK_6[index]))

    def __iter__(self):
        return iter((self.v4, self.v6))


class Wire:
    def __init__(self):
        self.address = Address.number(1)  # of the wire itself: the name server, and strangers
        self._cleanup = []
        self._folder: Path = temporary_folder(self._cleanup.append)
        self._enclosure = Enclosure()
        self._cleanup.append(self._enclosure.close)
        self._records: list[str] = []
        self._server = None
        self._hosts = 0
        self._last = 9
        try:
            self._ip("link", "add", "bridge", "type", "bridge", "forward_delay", "0")
            self._ip("link", "set", "bridge", "up")
            self._add(self._enclosure, self.address, "bridge")
            self._serve()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self) -> None:
        while self._cleanup:
            self._cleanup.pop()()
        if self._server is not None:
            self._server.wait()

    # Who is on it

    def attach(self, enclosure: Enclosure) -> None:
        """Gives the enclosure's network a link to this one: eth0."""
        self._hosts += 1
        port = f"port{self._hosts}"
        self._ip("link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", enclosure.pid)
        self._ip("link", "set", port, "master", "bridge", "up")
        enclosure.run("ip", "link", "set", "eth0", "up")

    def new_address(self, enclosure: Enclosure) -> Address:
        """One more address of a host that is attached. It stays through reboots."""
        self._last += 1
        address = Address.number(self._last)
        self._add(enclosure, address, "eth0")
        return address

    @staticmethod
    def _add(enclosure: Enclosure, address: Address, device: str) -> None:
        enclosure.run("ip", "address", "add", f"{address.v4}/{NETWORK_4.prefixlen}", "dev", device)
        # nodad: usable at once; nobody else has it.
        enclosure.run("ip", "address", "add", f"{address.v6}/{NETWORK_6.prefixlen}", "dev", device, "nodad")

    def _ip(self, *arguments) -> None:
        # Only the network is entered: `netns PID` means a process as we see it.
        run(["nsenter", "-t", self._enclosure.pid, "-n", "ip", *arguments])

    def in_network(self, function):
        return self._enclosure.in_network(function)

    # Names

    def publish(self, name: str, address: Address) -> None:
        """A and AAAA, and the way back."""
        self._publish(f"host-record={name},{address.v4},{address.v6}")

    def publish_mail(self, domain: str, host: str) -> None:
        self._publish(f"mx-host={domain},{host},10")

    def publish_text(self, name: str, text: str) -> None:
        self._publish(f'txt-record={name},"{text}"')

    def _publish(self, record: str) -> None:
        self._records.append(record)
        self._serve()

    def _serve(self) -> None:
        """Starts the name server with the records of now; it can't learn of new ones."""
        if self._server is not None:
            for server in children_of(self._server.pid):  # of nsenter
                os.kill(server, signal.SIGTERM)
            self._server.wait()
        config = self._folder / "dnsmasq.conf"
        config.write_text("\n".join(["no-resolv", "no-hosts", "local=/#/", "user=root", "keep-in-foreground",
                                     "pid-file=", "log-facility=-", "bind-interfaces", *self._records, ""]))
        self._server = self._enclosure.start("dnsmasq", f"--conf-file={config}", log=self._folder / "dnsmasq.log")
        wait_until(self._answers, "the name server answers", patience=20)

    def _answers(self) -> bool:
        if self._server.poll() is not None:
            raise AssertionError(f"dnsmasq ended\n{(self._folder / 'dnsmasq.log').read_text()}")
        # TCP: a listener that is there takes the connection.
        connection = self.in_network(lambda: socket.socket())
        with connection:
            return connection.connect_ex((self.address.v4, 53)) == 0
