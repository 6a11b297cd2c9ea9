# SPDX-License-Identifier: GPL-2.0-or-later
"""A clock put forward from outside, for one program alone."""


def faketime(moment: str, threads: bool = False) -> dict[str, str]:
    """Of its environment, if it begins "+8d" from now, or "@2026-11-22 05:11:00". `threads`: it has several."""
    library = "libfaketimeMT.so.1" if threads else "libfaketime.so.1"
    return {"LD_PRELOAD": f"/usr/$LIB/faketime/{library}", "FAKETIME": moment, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
