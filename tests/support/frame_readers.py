# SPDX-License-Identifier: GPL-2.0-or-later
"""Where three mail programs see the parts of a message: Python's email, GMime, Dovecot. Exact bytes, for
what is verified must be what is read.

    python_parts(raw, email.policy.compat32)     # the octets of each part of the outermost multipart
    frames = accepted(folder)                    # {raw: signed bytes} of the frames in it that are good
    with DovecotReader() as dovecot:
        dovecot.sections(raw)                    # {"1.MIME": ..., "1": ..., "1.1": ...}
"""

import email.feedparser
import imaplib
import os
import subprocess
import tempfile
from pathlib import Path

from support.dovecot_instance import MAIL_UID

IMAP = "/usr/lib/dovecot/imap"


# ---- Python's email ------------------------------------------------------------------------------

class _Input(email.feedparser.BufferedSubFile):
    """Knows how far it was read."""

    def __init__(self):
        super().__init__()
        self.offset = 0

    def readline(self):
        line = super().readline()
        if isinstance(line, str):
            self.offset += len(line)
        return line

    def unreadline(self, line):
        self.offset -= len(line)
        super().unreadline(line)


class _Parser(email.feedparser.FeedParser):
    """Notes where the parts of the outermost multipart begin and end."""

    def __init__(self, policy):
        super().__init__(policy=policy)
        self._input = _Input()
        self.ranges = []

    def _new_message(self):
        super()._new_message()
        if len(self._msgstack) == 2:
            self.ranges.append([self._input.offset, None])

    def _pop_message(self):
        if len(self._msgstack) == 2:
            self.ranges[-1][1] = self._input.offset
        return super()._pop_message()


def python_parts(raw: bytes, policy) -> list[bytes]:
    """All that it saw before each delimiter, without the line end that belongs to it."""
    parser = _Parser(policy)
    parser.feed(raw.decode("ascii", "surrogateescape"))
    parser.close()
    return [raw[begin:end].removesuffix(b"\r\n") for begin, end in parser.ranges]


# ---- our own reader, and GMime -------------------------------------------------------------------

def accepted(fuzz_frame: Path, inputs: Path) -> dict[bytes, bytes]:
    """What read_frame() accepts of a folder of inputs (tests/fuzz/frame_fuzz.cpp), a thousand at most.
    The program fails where GMime sees other parts than it."""
    with tempfile.TemporaryDirectory() as kept:
        done = subprocess.run([fuzz_frame, "none", inputs], env={**os.environ, "PEC_FRAME_KEEP": kept},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            raise AssertionError(done.stdout[-3000:].decode("latin-1"))
        return {path.read_bytes(): path.with_suffix(".first").read_bytes()
                for path in Path(kept).glob("*.eml")}


# ---- Dovecot -------------------------------------------------------------------------------------

class DovecotReader:
    """Dovecot's imap program with a mailbox of its own, without the servers around it."""

    def __enter__(self):
        self._keeper = tempfile.TemporaryDirectory(prefix="pec-frames-")
        folder = Path(self._keeper.name)
        config = folder / "dovecot.conf"
        config.write_text(f"base_dir = {folder}/run\nstate_dir = {folder}/state\n"
                          f"log_path = {folder}/log\nmail_location = sdbox:{folder}/mail\n"
                          "mail_fsync = never\nfirst_valid_uid = 1\nssl = no\n")
        (folder / "mail").mkdir()
        for path in (folder, folder / "mail"):
            os.chown(path, MAIL_UID, MAIL_UID)
        user = f"setpriv --reuid {MAIL_UID} --regid {MAIL_UID} --clear-groups"
        self._client = imaplib.IMAP4_stream(
            f"{user} env HOME={folder} USER=reader {IMAP} -c {config} 2>{folder}/errors")
        self._client.select("INBOX")
        return self

    def __exit__(self, *_):
        self._client.logout()
        self._keeper.cleanup()

    def sections(self, raw: bytes) -> dict[str, bytes]:
        """The two outermost parts, header and content, and the first two within the first."""
        names = ("1.MIME", "1", "2.MIME", "2", "3.MIME", "1.1.MIME", "1.1", "1.2.MIME", "1.2")
        answer, detail = self._client.append("INBOX", None, None, raw)
        assert answer == "OK", detail
        wanted = " ".join(f"BODY.PEEK[{name}]" for name in names)
        _, fetched = self._client.fetch("*", f"({wanted})")
        return {line.rpartition(b"BODY[")[2].partition(b"]")[0].decode(): content
                for line, content in (each for each in fetched if isinstance(each, tuple))}
