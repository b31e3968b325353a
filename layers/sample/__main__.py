"""``python -m layers.sample make``: regenerate the committed synthetic files; ``large``: the large ones."""

import argparse
import sys

from layers.resources import sample
from layers.sample import large_folder, make_large
from layers.sample.small import make_small


def main() -> int:
    """Run one of the two verbs and print the files written."""
    parser = argparse.ArgumentParser(prog="python -m layers.sample", description=__doc__)
    parser.add_argument("verb", choices=["make", "large"])
    verb = parser.parse_args().verb
    if verb == "make":
        paths = make_small(sample())
    else:
        paths = tuple(file.path for file in make_large(large_folder()))
    sys.stdout.write("".join(f"{path}\n" for path in paths))
    return 0


if __name__ == "__main__":
    sys.exit(main())
