"""CSV tables: read as pandas reads them, but for dm-dt histograms in JSON, which go another way."""

import io
import logging
import os
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from numpy.typing import NDArray

from scope.base.constants import CELLS, DMDT, SIDE
from scope.base.errors import DataError
from scope.tables.histograms import as_column, parse_histograms
from scope.tables.rows import Rows
from scope.tables.rules import refuse_repeated

BLOCK_BYTES = 1 << 20  # of the file at a time; bounds the memory
UNREADABLE_CSV = (
    *(OSError, EOFError, UnicodeDecodeError, zlib.error),
    *(pd.errors.ParserError, pd.errors.ParserWarning, pd.errors.EmptyDataError),
)

logger = logging.getLogger(__name__)


def read_csv(path: Path) -> pd.DataFrame:
    """Return the table in a CSV file, which may be compressed (.gz).

    Where `dmdt` is a JSON list of 26 x 26 or of 676 numbers in every row, it becomes an Arrow
    column (see scope.tables.histograms.dmdt_of); otherwise it stays the text that it is.

    Raises
    ------
    DataError : the file is cut off or no table, or a column stands in it twice
    """
    try:
        with warnings.catch_warnings():
            # pandas only warns of rows that are longer than the header, and cuts them.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            # As a row: as a header pandas would rename the second of two equal columns (a, a.1).
            header = pd.read_csv(path, header=None, nrows=1, dtype=str).iloc[0]
            names = [str(name) for name in header]
            refuse_repeated(names, path)
            frame = _with_histograms(path, names) if DMDT in names else _by_pandas(path)
    except UNREADABLE_CSV as error:
        raise DataError(f"{path}: not a CSV file of one table ({str(error).strip()})") from error
    # A file cut off within its last row parses: what is missing looks like an empty last cell.
    if frame.iloc[-1:, -1].isna().any() and not _ends_its_last_line(path):
        raise DataError(f"{path}: cut off in its last line, row {len(frame) - 1}; fetch it again")
    return frame


def _by_pandas(source: Path | io.BytesIO) -> pd.DataFrame:
    # low_memory would guess the type of a column piece by piece, and could guess two.
    return pd.read_csv(source, index_col=False, low_memory=False)


def _with_histograms(path: Path, names: list[str]) -> pd.DataFrame:
    """Return the table with parsed histograms, or as pandas alone reads it.

    The text of the histograms, most of the file, is parsed block by block and never held as a
    whole; pandas reads what is left, so that types and missing values are as it finds them.
    """
    rest = pa.BufferOutputStream()
    try:
        histograms = [np.empty((0, CELLS), np.float32), *_split(path, names, rest)]
    except (DataError, pa.ArrowException, OSError) as error:
        logger.info("%s: read by pandas alone, not block by block (%s)", path, error)
        return _by_pandas(path)
    frame = _by_pandas(io.BytesIO(rest.getvalue()))
    frame[DMDT] = as_column(np.concatenate(histograms))
    return frame


def _split(
    path: Path, names: list[str], rest: pa.BufferOutputStream
) -> Iterator[NDArray[np.float32]]:
    """Yield the histograms of each block of rows, shape (n, 676); write the rest to `rest`.

    Raises
    ------
    DataError : a `dmdt` is no JSON list of 26 x 26 or 676 numbers
    ArrowException, OSError : Arrow finds no regular table
    """
    blocks = _blocks(path, names)
    position = blocks.schema.get_field_index(DMDT)
    with pa.csv.CSVWriter(rest, blocks.schema) as writer:
        for block in blocks:
            # The column stays, empty, so that pandas finds the others where they were.
            writer.write(block.set_column(position, DMDT, pa.repeat("", len(block))))
            yield parse_histograms(block[DMDT])


def _blocks(path: Path, names: list[str]) -> pa.csv.CSVStreamingReader:
    """Return the blocks of rows of a CSV file, every column as text."""
    blocks = pa.csv.open_csv(
        path,
        read_options=pa.csv.ReadOptions(block_size=BLOCK_BYTES),
        # A quoted field may hold line breaks, as a histogram printed over several lines does.
        parse_options=pa.csv.ParseOptions(newlines_in_values=True),
        convert_options=pa.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
    )
    if blocks.schema.names != names or set(blocks.schema.types) != {pa.string()}:
        raise DataError(f"{path}: a header that pandas and Arrow read differently")
    return blocks


def _ends_its_last_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        # A compressed file that is cut off has failed to unpack before.
        return path.suffix == ".gz" or file.read(1) in b"\r\n"


def write_csv(rows: Rows, path: Path) -> None:
    """Write a table, compressed where the name ends in .gz, histograms as JSON lists."""
    schema = rows.schema.set(len(rows.names), pa.field(DMDT, pa.string()))
    compression = "gzip" if path.suffix == ".gz" else None
    with (
        pa.output_stream(path, compression=compression) as file,
        pa.csv.CSVWriter(file, schema) as writer,
    ):
        for batch in rows:
            texts = _json_lists(batch[DMDT])
            writer.write(batch.set_column(len(rows.names), DMDT, texts))


def _json_lists(histograms: pa.FixedSizeListArray) -> pa.Array:
    """Return each histogram as a JSON list of 26 lists, each number as short as it can be."""
    return _joined(_joined(histograms.flatten().cast(pa.string()), SIDE), SIDE)


def _joined(texts: pa.Array, size: int) -> pa.Array:
    """Return every `size` texts as one list."""
    starts = pa.array(np.arange(0, len(texts) + 1, size, dtype=np.int32))
    inside = pc.binary_join(pa.ListArray.from_arrays(starts, texts), ", ")
    return pc.binary_join_element_wise("[", inside, "]", "")
