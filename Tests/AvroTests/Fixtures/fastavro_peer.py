"""The other side of the differential tests: fastavro reads what Swift wrote and writes what Swift reads.

Reads one JSON object a line: {"schema": ..., "data": [hex, ...]} and optionally "reader": a second schema.
Without a reader it answers {"again": [hex, ...], "own": [hex, ...]}: the data decoded and encoded again, and data of
fastavro's own making. With one it answers {"again": [...]}: the data resolved to the reader's schema and encoded by it.
"""

import io
import json
import sys

import fastavro
from fastavro.utils import generate_many


def encode(schema, value):
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, schema, value)
    return buffer.getvalue().hex()


def answer(case):
    schema = fastavro.parse_schema(case["schema"])
    if "reader" in case:
        reader = fastavro.parse_schema(case["reader"])
        again = []
        for text in case["data"]:
            source = io.BytesIO(bytes.fromhex(text))
            again.append(encode(reader, fastavro.schemaless_reader(source, schema, reader, return_named_type=True)))
        return {"again": again}
    again = []
    for text in case["data"]:
        source = io.BytesIO(bytes.fromhex(text))
        value = fastavro.schemaless_reader(source, schema, return_named_type=True)
        if source.read(1):
            raise ValueError("bytes were left over")
        again.append(encode(schema, value))
    try:
        own = [encode(schema, value) for value in generate_many(schema, case.get("own", 0))]
    except RecursionError:  # fastavro's generator never ends some recursive values
        own = []
    return {"again": again, "own": own}


def containers(source, target):
    """Reads a container file whole and writes its records again, in deflated blocks of a few records."""
    with open(source, "rb") as file:
        reader = fastavro.reader(file)
        records = list(reader)
    with open(target, "wb") as file:
        fastavro.writer(file, reader.writer_schema, records, codec="deflate", sync_interval=2000)
    print(len(records))


if __name__ == "__main__":
    if sys.argv[1:2] == ["container"]:
        containers(*sys.argv[2:])
    else:
        for line in sys.stdin:
            case = json.loads(line)
            try:
                print(json.dumps(answer(case)))
            except ValueError as error:
                # fastavro cannot write a list in a union whose items are in unions themselves, though it reads it
                key = "unsupported" if "(type <class 'list'>) do not match" in str(error) else "error"
                print(json.dumps({key: str(error)}))
            except Exception as error:  # the Swift side reports it with the case
                print(json.dumps({"error": f"{type(error).__name__}: {error}"}))
