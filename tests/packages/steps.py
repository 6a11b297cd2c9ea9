# SPDX-License-Identifier: GPL-2.0-or-later
"""A row for each step, with the time that it took.

    layers = step("a chroot with what the build needs", lambda: trees.layers(recipe))
"""

import time


def step(what: str, action):
    """What the action returns. False counts as "not so" in the row, an exception as "failed"."""
    began = time.monotonic()
    word = "failed"
    try:
        value = action()
        word = "not so" if value is False else "ok"
        return value
    finally:
        print(f"{time.monotonic() - began:8.1f} s  {word:6}  {what}", flush=True)
