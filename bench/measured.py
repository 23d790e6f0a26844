"""`python -m bench.measured COMMAND …`: what one command takes, and what it prints, as JSON.

A process of its own, and a small one: a child's peak memory counts that of the process it was
forked from, too.
"""

import json
import resource
import subprocess
import sys
import time


def main() -> None:
    """Run the command; its standard error is not shown."""
    started = time.perf_counter()
    ran = subprocess.run(sys.argv[1:], capture_output=True, text=True, check=False)  # noqa: S603
    seconds = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        json.dumps(
            {
                "seconds": seconds,
                "cpu_seconds": used.ru_utime + used.ru_stime,
                "megabytes": used.ru_maxrss / 1024,
                "said": ran.stdout.strip(),
            }
        )
    )


if __name__ == "__main__":
    main()
