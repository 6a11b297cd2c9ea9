# SPDX-License-Identifier: GPL-2.0-or-later
"""Waiting for a condition, never for a time.

    wait_until(lambda: box.alfa.queue() == [], "an empty queue")     # fails after a minute
    if not holds_within(5, lambda: file.exists()): ...               # the caller goes on either way
"""

import threading
import time

PATIENCE = 60.0  # seconds for a message to arrive on a busy machine


def holds_within(patience: float, condition):
    """Returns the condition's value as soon as it is true; after `patience` seconds what it is then."""
    deadline = time.monotonic() + patience
    pause = threading.Event()
    while not (value := condition()) and time.monotonic() <= deadline:
        pause.wait(0.03)
    return value


def wait_until(condition, what: str, patience: float = PATIENCE):
    """Returns the condition's value as soon as it is true; fails after `patience` seconds."""
    if not (value := holds_within(patience, condition)):
        raise AssertionError(f"not within {patience} s: {what}")
    return value
