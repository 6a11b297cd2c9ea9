"""A sandbox with the settings that hosts have: what spares tests their time is taken back."""

import re
import tempfile
from contextlib import contextmanager
from pathlib import Path

import harness

# Dovecot's own delays after a wrong password.
SPARED = r"(?m)^auth_failure_delay = 0\n|^service anvil \{\n(?:  .*\n)*\}\n"


@contextmanager
def box():
    with tempfile.TemporaryDirectory(prefix="pec-attack-") as folder:
        up = harness.run_sandbox("up", folder)
        if up.returncode != 0:
            raise AssertionError(up.stdout)
        box = harness.Box(Path(folder))
        try:
            _restore_delays(box)
            yield box
        finally:
            box.down()


def _restore_delays(box: harness.Box) -> None:
    config = Path(box.alfa.info["dovecot_config"])
    text, spared = re.subn(SPARED, "", config.read_text())
    if spared != 2:
        raise AssertionError(f"{config} has {spared} of the two settings that spare delays")
    config.write_text(text)
    box.restart_dovecot(box.alfa)
