"""Writes the turns of the memory bench into another store, one by one, and prints the same line of figures.

usage: memory.py lancedb|chromadb DATA STORE SECONDS
"""

import os
import sys
import time

import numpy

DIMENSION = 256


def read(data, name):
    with open(os.path.join(data, name + ".txt"), encoding="utf-8") as file:
        texts = file.read().split("\n")
    vectors = numpy.fromfile(os.path.join(data, name + ".f32"), dtype="<f4").reshape(-1, DIMENSION)
    return texts, vectors


def lancedb_store(folder):
    import lancedb
    import pyarrow

    schema = pyarrow.schema(
        [("id", pyarrow.int64()), ("text", pyarrow.string()), ("vector", pyarrow.list_(pyarrow.float32(), DIMENSION))]
    )
    table = lancedb.connect(folder).create_table("turns", schema=schema)

    def add(number, text, vector):
        table.add([{"id": number, "text": text, "vector": vector}])

    def ask(vector):
        return table.search(vector).limit(8).to_list()

    return add, ask


def chromadb_store(folder):
    import chromadb

    collection = chromadb.PersistentClient(folder).create_collection("turns", metadata={"hnsw:space": "cosine"})

    def add(number, text, vector):
        collection.add(ids=[str(number)], documents=[text], embeddings=[vector])

    def ask(vector):
        return collection.query(query_embeddings=[vector], n_results=8)

    return add, ask


def size(folder):
    paths = [os.path.join(root, name) for root, _, names in os.walk(folder) for name in names]
    return len(paths), sum(os.path.getsize(path) for path in paths)


def main(name, data, folder, seconds):
    texts, vectors = read(data, "turns")
    _, questions = read(data, "questions")
    add, ask = {"lancedb": lancedb_store, "chromadb": chromadb_store}[name](folder)
    begun = time.monotonic()
    written = 0
    for number, (text, vector) in enumerate(zip(texts, vectors)):
        if time.monotonic() - begun > seconds:
            break
        add(number, text, vector)
        written += 1
    took = time.monotonic() - begun
    times = []
    for vector in questions:
        start = time.monotonic()
        assert ask(vector)
        times.append(1000 * (time.monotonic() - start))
    times.sort()
    files, size_bytes = size(folder)
    print(
        f"{name + ', vectors alone':<26} {written:>8} {written / took:>9.0} {times[len(times) // 2]:>6.1f} ms"
        f" {times[int(len(times) * 0.99)]:>6.1f} ms {files:>7} {size_bytes / 2**20:>5.0f} MiB"
        f" {size_bytes / max(written, 1):>7.0f} B",
        flush=True,
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4]))
