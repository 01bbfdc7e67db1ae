#!/usr/bin/env python
"""Django's command line, and `manage.py demo`. Without DATABASE_URL the commands use the embedded servers."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    # Imported where it is needed: the supervisor of the demo stays small without Django, and a command is quicker
    # without the supervisor.
    if command == "demo":
        from demo import supervisor

        sys.exit(supervisor.main(sys.argv[2:]))
    if not os.environ.get("DATABASE_URL"):
        from embedded import attach

        attach.for_command(command)
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
