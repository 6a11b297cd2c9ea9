# SPDX-License-Identifier: GPL-2.0-or-later
"""A sandbox with the settings that hosts have: what spares tests their time is taken back, and the packet
filter has its rules.

    shipped.in_own_network()   # first: the rules are no other program's
    with shipped.box() as box: ...
"""

import os
import re
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from support.box import Box

# Dovecot's own delays after a wrong password.
SPARED = r"(?m)^auth_failure_delay = 0\n|^service anvil \{\n(?:  .*\n)*\}\n"


OWN_NETWORK = "PEC_ATTACK_HAS_OWN_NETWORK"


def in_own_network() -> None:
    """Starts the program again, where there is no network but a loopback of its own."""
    if os.environ.get(OWN_NETWORK) is None:
        os.environ[OWN_NETWORK] = "yes"
        os.execvp("unshare", ["unshare", "--net", sys.executable, *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


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
    config = Path(box.alfa.info["dovecot_config"])
    text, spared = re.subn(SPARED, "", config.read_text())
    if spared != 2:
        raise AssertionError(f"{config} has {spared} of the two settings that spare delays")
    config.write_text(text)
    box.restart_dovecot(box.alfa)
