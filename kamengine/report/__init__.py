"""Scorecards to be read: what each number was before, why it moved, and pages that show it.

``readings`` gathers all that a reader wants to know of scorecards; ``pages`` and ``site`` make
HTML of it, each page complete in itself. Nothing here decides a number.
"""
