# SPDX-License-Identifier: GPL-2.0-or-later
"""An SMTP server for tests that keeps what it gets.

    with SmtpSink() as sink:
        ... something submits to sink.address ...
        [mail] = sink.mails
        mail.sender, mail.recipients, mail.data       # data: bytes as sent, dots unstuffed

It can announce CHUNKING, answer RCPT or the end of DATA with an error, to each recipient another if
need be, hold its answer, and be away for a while.
"""

import dataclasses
import socket
import threading


@dataclasses.dataclass
class Mail:
    sender: str
    recipients: list
    data: bytes


class SmtpSink:
    def __init__(self, chunking=False, at=("127.0.0.1", 0)):
        """`at`: address and port; port 0: any that is free."""
        self.chunking = chunking
        self.reply = b"250 2.0.0 taken"  # to the end of DATA or BDAT
        self.reply_for = {}              # the same, for a mail with this recipient
        self.rcpt_reply_for = {}         # to RCPT, for this recipient
        self.mails = []                  # also those that `reply` refuses
        self.may_answer = threading.Event()
        self.may_answer.set()
        self._listener = None
        self.address = at
        self.up()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.may_answer.set()
        self.down()

    def up(self):
        """Listens, at the same port as before; nothing changes if it does so already."""
        if self._listener is not None:
            return
        self._listener = socket.create_server(self.address)
        self.address = self._listener.getsockname()[:2]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def down(self):
        """Connections are refused from now on."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
            listener.close()

    def _accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return  # down() was called
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            with connection, connection.makefile("rwb") as stream:
                self._converse(stream)
        except (ConnectionError, BrokenPipeError):
            pass  # the client was killed: part of what the tests do

    def _converse(self, stream):
        def answer(line):
            stream.write(line + b"\r\n")
            stream.flush()

        answer(b"220 sink ESMTP")
        mail = None
        while line := stream.readline():
            verb, _, rest = line.strip().partition(b" ")
            match verb.upper():
                case b"EHLO":
                    answer(b"250-sink\r\n250-CHUNKING\r\n250 PIPELINING" if self.chunking
                           else b"250-sink\r\n250 PIPELINING")
                case b"MAIL":
                    mail = Mail(_address(rest), [], b"")
                    answer(b"250 ok")
                case b"RCPT":
                    recipient = _address(rest)
                    refusal = self.rcpt_reply_for.get(recipient)
                    if refusal is None:
                        mail.recipients.append(recipient)
                    answer(refusal or b"250 ok")
                case b"DATA" if not mail.recipients:
                    answer(b"554 5.5.1 no valid recipients")
                case b"DATA":
                    answer(b"354 go on")
                    mail.data = _dotted(stream)
                    answer(self._taken(mail))
                case b"BDAT":
                    size, _, last = rest.partition(b" ")
                    mail.data += stream.read(int(size))
                    answer(self._taken(mail) if last.upper() == b"LAST" else b"250 more")
                case b"QUIT":
                    return answer(b"221 bye")
                case _:
                    answer(b"250 ok")

    def _taken(self, mail):
        self.mails.append(mail)
        self.may_answer.wait()
        for recipient in mail.recipients:
            if recipient in self.reply_for:
                return self.reply_for[recipient]
        return self.reply


def _address(argument):
    return argument.partition(b"<")[2].partition(b">")[0].decode()


def _dotted(stream):
    lines = []
    while (line := stream.readline()) not in (b".\r\n", b""):
        lines.append(line[1:] if line.startswith(b".") else line)
    return b"".join(lines)
