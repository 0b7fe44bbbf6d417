"""Processes that end at a chosen point of a save, as if they were killed there."""

import os
import subprocess
import sys

AT = """
import os
calls = 0

def dies(module, name, count):
    def call(*given, **named):
        global calls
        calls += 1
        if calls == count:
            os._exit(9)
        return real(*given, **named)

    real = getattr(module, name)
    setattr(module, name, call)
"""


def killed(script, *given):
    """Run a script, which may call dies(module, name, count); True where it was killed."""
    done = subprocess.run(
        [sys.executable, "-c", AT + script, *map(str, given)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert done.returncode in (0, 9), done.stderr
    return done.returncode == 9
