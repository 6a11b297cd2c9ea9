# SPDX-License-Identifier: GPL-2.0-or-later
"""Postfix and Dovecot keep every byte: what is delivered ends with exactly what was submitted.

With the pass-through milter: what certified mail does to a message is other tests' matter. Without
this, nothing that is signed or embedded would arrive as it was.
"""

from support import harness
from support.people import anna, bruno, dario

LONG = b"x" * 5000
ODD_MESSAGES = {
    "8-bit text": b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
                  + "perché no? \u20ac\r\n".encode(),
    "8-bit text that says nothing of it": "\r\nperché no?\r\n".encode("latin-1"),
    "8-bit header": "Subject: perché\r\n\r\nbody\r\n".encode("latin-1"),
    "lines of 5000 characters": b"X-Long: " + LONG + b"\r\n\r\n" + LONG + b"\r\n" + LONG + b"\r\n",
    "dot lines": b"\r\n.\r\n..\r\n.leading\r\n",
    "empty body": b"Subject: nothing\r\n\r\n",
    "header only": b"Subject: nothing\r\n",
    "folded headers": b"Subject: a\r\n\tb\r\n   c\r\n \r\n d\r\nX-Space:  two blanks before \r\nX-None:none\r\n"
                      b"\r\nbody\r\n",
    "duplicate headers": b"Subject: one\r\nSubject: two\r\nSubject: one\r\nTo: a@x.example\r\n"
                         b"To: b@x.example\r\n\r\nbody\r\n",
    "headers that mail systems take away": b"Bcc: hidden@x.example\r\nReturn-Path: <r@x.example>\r\n"
                                           b"Content-Length: 4\r\nResent-Bcc: h@x.example\r\n\r\nbody\r\n",
    "headers that mail systems complete": b"From: anna\r\nTo: bruno\r\n\r\nno date either\r\n",
    "trailing blanks": b"\r\nblanks  \r\ntab\t\r\n \r\n\r\n\r\n",
    "From line": b"\r\nFrom somebody\r\n>From somebody\r\n",
    "multipart/signed": b'Content-Type: multipart/signed; boundary="b"\r\nMIME-Version: 1.0\r\n\r\n--b\r\n'
                        b"Content-Transfer-Encoding: 8bit\r\n\r\n\xe8\xe9\r\n--b\r\n\r\nsignature\r\n--b--\r\n",
    "parts without end": b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\n--b\r\n\xff',
}


def setUpModule():
    global box
    box = harness.sandbox("passthrough")


class ExactBytes(harness.Case):
    def test_to_the_same_provider_to_the_other_and_to_an_ordinary_host(self):
        for number, (name, odd) in enumerate(ODD_MESSAGES.items()):
            with self.subTest(name):
                mark = b"Message-ID: <exact.%d@client>\r\n" % number
                message = mark + odd
                box.alfa.submit(anna, [bruno, dario, "x@ordinaria.example"], message)
                expected = message if message.endswith(b"\r\n") else message + b"\r\n"
                for where, messages in (
                    ("alfa", box.alfa.wait_for(bruno, 1, containing=mark)),
                    ("beta", box.beta.wait_for(dario, 1, containing=mark)),
                    ("ordinaria", box.ordinary.wait_for(1, containing=mark)),
                ):
                    received = messages[0][messages[0].index(mark):]
                    self.assertEqual(received, expected, where)

    def test_nothing_is_put_before_it_but_trace_lines(self):
        mark = b"Message-ID: <trace@client>\r\n"
        box.alfa.submit(anna, [dario], mark + b"\r\nbody\r\n")
        [received] = box.beta.wait_for(dario, 1, containing=mark)
        head = received[: received.index(mark)]
        names = [line.split(b":")[0] for line in head.split(b"\r\n") if line[:1].strip()]
        self.assertEqual(names, [b"Return-Path", b"X-Original-To", b"Received", b"Received"])

    def test_a_message_without_final_newline_gets_one(self):
        # Only BDAT can say so; DATA always ends with one.
        mark = b"Message-ID: <no.newline@client>\r\n"
        message = mark + b"\r\nno newline at the end"
        with box.alfa.login(anna) as connection:
            connection.ehlo()
            connection.mail(anna)
            connection.rcpt(bruno)
            connection.send(b"BDAT %d LAST\r\n" % len(message) + message)
            self.assertEqual(connection.getreply()[0], 250)
        [received] = box.alfa.wait_for(bruno, 1, containing=mark)
        self.assertEqual(received[received.index(mark):], message + b"\r\n")

    def test_a_stray_carriage_return_becomes_a_blank(self):
        # Postfix's defence against smuggled messages, before the milter sees anything. Such a
        # message is none by RFC 5322, 2.3.
        mark = b"Message-ID: <stray@client>\r\n"
        box.alfa.submit(anna, [bruno], mark + b"\r\na\rb\r\r\nc\r\n")
        [received] = box.alfa.wait_for(bruno, 1, containing=mark)
        self.assertEqual(received[received.index(mark):], mark + b"\r\na b \r\nc\r\n")

    def test_thirty_megabytes(self):
        mark = b"Message-ID: <thirty@client>\r\n"
        line = bytes(range(32, 127)) + b"\r\n"
        message = mark + b"\r\n" + line * (30 * 1024 * 1024 // len(line))
        box.alfa.submit(anna, [bruno], message)
        [received] = box.alfa.wait_for(bruno, 1, containing=mark)
        self.assertTrue(received.endswith(message))


if __name__ == "__main__":
    harness.main()
