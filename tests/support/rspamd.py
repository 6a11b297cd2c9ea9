# SPDX-License-Identifier: GPL-2.0-or-later
"""A private rspamd that marks mail for pec-milter, as docs/spam.md says, and knows nothing but the test
strings that it was born with: no rules, no network.

    rspamd = Rspamd(box.programs, box.directory / "rspamd")
    rspamd.start()              # its milter listens at rspamd.socket; it ends with the sandbox
    SPAM, SUSPECTED             # bodies that it takes for these
"""

import os
from pathlib import Path

from support.processes import Programs
from support.provider import MILTER_UID

SPAM = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
SUSPECTED = "Y" + SPAM[1:]  # rspamd's own: "add header"


class Rspamd:
    def __init__(self, programs: Programs, directory: Path):
        self._programs = programs
        self._directory = directory
        self.socket = directory / "milter.sock"
        self.log = directory / "log"

    def start(self) -> None:
        here = self._directory
        here.mkdir()
        os.chown(here, MILTER_UID, MILTER_UID)
        (here / "suffixes").write_text("example\n")
        (here / "rspamd.lua").write_text(MARK_ONLY)
        (here / "rspamd.conf").write_text(f"""\
options {{
  filters = "";
  enable_test_patterns = true;
  url_tld = "{here}/suffixes";
  tempdir = "{here}"; hs_cache_dir = "{here}"; cache_file = "{here}/symbols";
  dynamic_conf = "{here}/dynamic"; history_file = "{here}/history";
  pidfile = "{here}/pid"; control_socket = "{here}/control.sock mode=0600";
  dns {{ nameserver = ["127.0.0.1:1"]; timeout = 0.1s; }}
}}
logging {{ type = "console"; level = "info"; }}
lua = "{here}/rspamd.lua";
actions {{ reject = 15; add_header = 6; }}
worker "rspamd_proxy" {{
  bind_socket = "{self.socket} mode=0666";
  milter = yes; timeout = 20s; count = 1;
  upstream "local" {{ default = yes; self_scan = yes; }}
}}
""")
        self._programs.start("rspamd", ["/usr/bin/rspamd", "-f", "-c", here / "rspamd.conf"],
                             self.log, MILTER_UID)
        self._programs.wait_for("rspamd", self.socket)


# The lines of docs/spam.md.
MARK_ONLY = """\
rspamd_config:register_symbol({
  name = "PEC_MARK_ONLY",
  type = "connfilter",
  callback = function(task) task:set_milter_reply({ no_action = true }) end,
})
"""
