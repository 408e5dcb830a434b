"""Portable SQL: what means the same to DuckDB and to Spark, and what no replay can repeat."""
