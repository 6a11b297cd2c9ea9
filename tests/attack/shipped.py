# SPDX-License-Identifier: GPL-2.0-or-later
"""A sandbox with the settings that hosts have: what spares tests their time is taken back, and the packet
filter has its rules.

    own_network.enter()   # first: the rules are no other program's
    with shipped.box() as box: ...
"""

import re
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from support.box import Box
from support.paths import BUILD_DIR
from support.provider import make_files

# Dovecot's own delays after a wrong password.
SPARED = r"(?m)^auth_failure_delay = 0\n|^service anvil \{\n(?:  .*\n)*\}\n"


@contextmanager
def box():
    with tempfile.TemporaryDirectory(prefix="pec-attack-") as folder:
        box = Box.bring_up(Path(folder))
        try:
            _restore_delays(box)
            subprocess.run(["nft", "--file", f"{box.alfa.info['postfix_config']}/pec-connections.nft"],
                           check=True)
            yield box
        finally:
            box.down()


def _restore_delays(box: Box) -> None:
    config = Path(box.alfa.info["config"])
    own = config.parent / "dovecot" / "local.conf"
    text, spared = re.subn(SPARED, "", own.read_text())
    if spared != 2:
        raise AssertionError(f"{own} has {spared} of the two settings that spare delays")
    own.write_text(text)
    make_files(BUILD_DIR, config)
    box.restart_dovecot(box.alfa)
