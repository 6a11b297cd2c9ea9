# SPDX-License-Identifier: GPL-2.0-or-later
"""Threads of a test or a benchmark, as one call.

    in_parallel(8, lambda number: submit(connections[number]))
"""

import threading


def in_parallel(count: int, work) -> None:
    """work(number) in as many threads; the first exception is raised here."""
    failures: list[BaseException] = []

    def run(number: int) -> None:
        try:
            work(number)
        except BaseException as error:  # pylint: disable=broad-except
            failures.append(error)

    threads = [threading.Thread(target=run, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
