"""Distils a sentence-transformer into a table of static vectors: a folder with the model in, one file out.

Each token of the vocabulary is read alone, `[CLS] token [SEP]`, and the mean of what comes out is its vector (the idea of
model2vec). The words of `words.tsv`, which the vocabulary has not, get the vector of their explanation. All are rotated
onto their principal components, the strongest of them damped, weighed by how rare the token is, and rounded to four
bits with one scale a row.
"""

import argparse
import hashlib
import re
import struct
from pathlib import Path

import numpy as np

from transformer import Transformer, words_of

MAGIC = b"JAMIEVEC"
VERSION = 1
#: Numbers of a vector.
DIMENSION = 256
#: A component is divided by its spread to this power: the strongest ones say how a text is written, not what about.
DAMPING = 0.5
#: Smooth inverse frequency (Arora, Liang and Ma, 2017): a token weighs RARE / (RARE + its share of all tokens).
RARE = 5e-4
#: The rank in the vocabulary, which is ordered by frequency, that the words of our own are taken to have.
OWN_RANK = 3_000
#: The largest number that is stored.
LARGEST = 7
#: Letters and digits of the Latin script; no marks, which are no words, and no other script.
KEPT = re.compile(r"(##)?[a-z0-9]+")


def own_words(path, known):
    """Words with the texts that explain them."""
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        word, explanation = line.split("\t")
        if words_of(word) != [word]:
            raise SystemExit(f"{word!r} in {path} is not one word")
        if word not in known:
            yield word, explanation


def vectors(model, words):
    """The tokens, their ranks and their vectors as the transformer reads them."""
    tokens = [token for token in model.tokens if KEPT.fullmatch(token)]
    ids = model.vocabulary
    alone = [[ids[model.CLS], ids[token], ids[model.SEP]] for token in tokens]
    own = list(own_words(words, set(tokens)))
    read = model.embed_tokens(alone, batch=256, normalise=False)
    explained = model.embed_tokens([model.read(text) for _, text in own], normalise=False)
    ranks = [*range(len(tokens)), *(OWN_RANK for _ in own)]
    return [*tokens, *(word for word, _ in own)], np.array(ranks, dtype=np.float64), np.vstack([read, explained])


def reduced(read, ranks):
    """The rows as they are summed up: fewer numbers, each token with its weight."""
    centred = (read - read.mean(0)).astype(np.float64)
    values, axes = np.linalg.eigh(centred.T @ centred / len(centred))
    strongest = np.argsort(-values)[:DIMENSION]
    axes = axes[:, strongest]
    # The sign of an axis is arbitrary; its largest number is taken to be positive.
    axes = axes * np.sign(axes[np.abs(axes).argmax(0), np.arange(DIMENSION)])
    rows = centred @ axes / np.sqrt(values[strongest]) ** DAMPING
    share = 1.0 / (ranks + 1.0)
    share /= share.sum()
    return rows * (RARE / (RARE + share))[:, None]


def rounded(rows):
    """Whole numbers from -LARGEST to LARGEST, and the scale of each row: the upper half of a 32-bit float."""
    scales = (np.abs(rows).max(1) / LARGEST).astype(np.float32)
    bits = (scales.view(np.uint32) + 0x8000) >> 16
    scales = (bits << 16).astype(np.uint32).view(np.float32)
    whole = np.clip(np.round(rows / scales[:, None]), -LARGEST, LARGEST).astype(np.int8)
    return whole, scales, bits.astype("<u2")


def packed(tokens, rows):
    """The file: a header, then tokens in the order of their bytes, where each ends, scales, and numbers two to a byte."""
    order = sorted(range(len(tokens)), key=lambda i: tokens[i].encode())
    whole, scales, bits = rounded(rows[order])
    names = [tokens[i].encode() for i in order]
    ends = np.cumsum([len(name) for name in names]).astype("<u4")
    usual = float(np.median(np.linalg.norm(whole * scales[:, None], axis=1)))
    halves = (whole + 8).astype(np.uint8)
    numbers = halves[:, 0::2] | halves[:, 1::2] << 4
    header = MAGIC + struct.pack("<IIIIf", VERSION, len(names), DIMENSION, int(ends[-1]), usual)
    return header + b"".join(names) + ends.tobytes() + bits.tobytes() + numbers.tobytes()


def main():
    here = Path(__file__).parent
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("model", help="the folder of the model")
    options.add_argument("--words", default=here / "words.tsv", help="words of our own, each with an explanation")
    options.add_argument("--out", default=here.parent / "jamie-memory/src/embed/distilled.bin")
    options = options.parse_args()
    tokens, ranks, read = vectors(Transformer(options.model), options.words)
    file = packed(tokens, reduced(read, ranks))
    Path(options.out).write_bytes(file)
    print(f"{options.out}: {len(tokens)} tokens, {len(file)} bytes, sha256 {hashlib.sha256(file).hexdigest()}")


if __name__ == "__main__":
    main()
