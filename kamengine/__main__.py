"""Run the command line as ``python -m kamengine``."""

from kamengine.cli import main

main(prog_name="kamengine")
