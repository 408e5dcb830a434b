"""Batches of events, gathered into chunks that are worth a statement."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa

CHUNK_ROWS = 400_000
"""Rows decoded at a time: enough to keep DuckDB busy, few enough to stay small in memory."""


def chunks(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Yield tables of `CHUNK_ROWS` or so, each fetched while the one before it is worked on."""
    return _ahead(_gathered(batches))


def _gathered(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Gather batches into tables of a size that is worth a statement."""
    held: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        held.append(batch)
        rows += batch.num_rows
        if rows >= CHUNK_ROWS:
            yield pa.Table.from_batches(held)
            held, rows = [], 0
    if rows:
        yield pa.Table.from_batches(held)


def _ahead(chunks: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Fetch the next chunk while the one before it is worked on."""
    with ThreadPoolExecutor(max_workers=1) as fetcher:
        coming = fetcher.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = fetcher.submit(next, chunks, None)
            yield chunk
