# SPDX-License-Identifier: GPL-2.0-or-later
"""An IMAP client at an address of its own, which Python's class can't take.

    imap = ImapFrom("127.0.5.1", box.tls, *box.alfa.info["imaps"])
"""

import imaplib
import socket
import ssl

from support.waiting import PATIENCE


class ImapFrom(imaplib.IMAP4_SSL):
    def __init__(self, source: str, tls: ssl.SSLContext, host: str, port: int):
        self._source = source
        super().__init__(host, port, ssl_context=tls, timeout=PATIENCE)

    def _create_socket(self, timeout):
        sock = socket.create_connection((self.host, self.port), timeout, (self._source, 0))
        return self.ssl_context.wrap_socket(sock, server_hostname=self.host)
