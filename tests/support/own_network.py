# SPDX-License-Identifier: GPL-2.0-or-later
"""A network of the program's own, with nothing but loopback: for packet filters and addresses that would
concern the whole machine. Needs root.

    own_network.enter()        # first of all: the program starts again in there
    own_network.add_address("192.0.2.25/32")
"""

import os
import subprocess
import sys

ENTERED = "PEC_TEST_HAS_OWN_NETWORK"


def enter() -> None:
    if os.environ.get(ENTERED) is None:
        os.environ[ENTERED] = "yes"
        os.execvp("unshare", ["unshare", "--net", sys.executable, *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def add_address(address: str) -> None:
    """One that is not of loopback; this host alone reaches it."""
    subprocess.run(["ip", "address", "add", address, "dev", "lo"], check=True)
