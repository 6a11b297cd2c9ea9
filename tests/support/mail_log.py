# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes to its output what a Postfix's processes log, a line for each datagram at its input.

It stands in the place of Postfix's own postlogd. That one tells master about each line, through a socket
that holds some hundred such words; and master itself logs through postlogd. So if much is logged while
master tells of many processes that were killed, each of the two can wait for the other, and all that
logs for them, for good.
"""

import os
import socket
import sys

LONGEST = 65536  # octets; Postfix's lines have some thousand at most


def main() -> None:
    lines = socket.socket(fileno=sys.stdin.fileno())
    while True:
        os.write(sys.stdout.fileno(), lines.recv(LONGEST) + b"\n")


if __name__ == "__main__":
    main()
