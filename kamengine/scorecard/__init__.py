"""Scorecards: attainment of goals, weights, the score, and what is missing from it.

``card.score`` makes a scorecard of a resolved one and its values; ``rows`` makes it plain.
"""
