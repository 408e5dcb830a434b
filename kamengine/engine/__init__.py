"""The columnar engine in the middle: facts, projections, evidence and values, all in SQL."""
