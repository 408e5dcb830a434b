"""The engine's own fold, written in plain Python as one would write it without the engine.

It makes the same values as the engine does of the same log: the foundation's KPIs, for every month
of the organisation's calendar, by account, manager, team, segment and organisation, attributed to
whom an account belonged to at the time, with the positions of the events behind each row, and it
stores them in SQLite. ``tests/benchmarks/test_fold.py`` holds it against the engine, digit by
digit; ``docs/adr/0017-the-same-fold.md`` says why.

Events are gathered by account as they pass (`Fold.take`), then each account is settled at once
(`Fold.finish`): so an event may come late, as it may in the engine. Money and time are whole
millionths, which Python adds up faster than decimals.
"""
