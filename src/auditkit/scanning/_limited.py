"""Run as a program: bound what this process may use, then become the program that the arguments name.

``python -I _limited.py SECONDS MEMORY OUTPUT MODULE ARGUMENT...`` or a file that ends on ``.py`` for MODULE. Where the
operating system has no such bounds (Windows), only the parent's clock and its limit on output hold.
"""

import runpy
import sys


def main(arguments: list[str]) -> None:
    """Set the bounds and run the program."""
    seconds, memory, output = (int(text) for text in arguments[:3])
    try:
        import resource  # noqa: PLC0415 -- Windows has none
    except ImportError:
        pass
    else:
        for kind, bound in (
            (resource.RLIMIT_CPU, seconds),
            (resource.RLIMIT_AS, memory),
            (resource.RLIMIT_FSIZE, output),
            (resource.RLIMIT_CORE, 0),
        ):
            _, hard = resource.getrlimit(kind)
            resource.setrlimit(kind, (bound if hard == resource.RLIM_INFINITY else min(bound, hard), hard))
    sys.argv = arguments[3:]
    if sys.argv[0].endswith(".py"):
        runpy.run_path(sys.argv[0], run_name="__main__")
    else:
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1:])
