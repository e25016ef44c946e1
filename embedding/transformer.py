"""A sentence-transformer of the BERT family in numpy: a folder in, vectors of texts out.

It is written for reading and for numbers to compare with, not for speed: 32-bit floats, one batch of texts of about the
same length at a time.
"""

import json
import unicodedata
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file


def words_of(text):
    """The words of a text as BERT's basic tokenizer has them: lower case, no accents, punctuation apart."""
    text = unicodedata.normalize("NFD", text.lower())
    out = []
    for c in text:
        kind = unicodedata.category(c)
        if kind == "Mn" or (kind in ("Cc", "Cf", "Co", "Cs") and c not in "\t\n\r"):
            continue
        ascii_mark = 33 <= ord(c) <= 47 or 58 <= ord(c) <= 64 or 91 <= ord(c) <= 96 or 123 <= ord(c) <= 126
        cjk = 0x3400 <= ord(c) <= 0x9FFF or 0xF900 <= ord(c) <= 0xFAFF or 0x20000 <= ord(c) <= 0x2FA1F
        if ascii_mark or cjk or kind.startswith("P"):
            out.append(f" {c} ")
        elif c.isspace():
            out.append(" ")
        else:
            out.append(c)
    return "".join(out).split()


def pieces_of(word, vocabulary, longest=100):
    """The pieces of a word, the longest first; None where some part of it is in no piece."""
    pieces, start = [], 0
    if len(word) > longest:
        return None
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = ("##" if start else "") + word[start:end]
            if piece in vocabulary:
                pieces.append(piece)
                start = end
                break
        else:
            return None
    return pieces


def erf(x):
    """The error function to 2e-7 (Abramowitz and Stegun 7.1.26); numpy has none."""
    sign, x = np.sign(x), np.abs(x)
    t = 1.0 / (1.0 + 0.3275911 * x)
    poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return sign * (1.0 - poly * np.exp(-x * x))


class Transformer:
    """The model of a folder as sentence-transformers writes them, with mean pooling."""

    CLS, SEP, PAD, UNKNOWN = "[CLS]", "[SEP]", "[PAD]", "[UNK]"

    def __init__(self, folder):
        folder = Path(folder)
        self.config = json.loads((folder / "config.json").read_text())
        self.weights = load_file(folder / "model.safetensors")
        tokens = (folder / "vocab.txt").read_text(encoding="utf-8").split("\n")
        self.tokens = tokens[:-1] if tokens[-1] == "" else tokens
        self.vocabulary = {token: number for number, token in enumerate(self.tokens)}
        self.longest = self.config["max_position_embeddings"]

    def read(self, text):
        """The numbers of a text's tokens, the marks at both ends included."""
        tokens = []
        for word in words_of(text):
            tokens.extend(pieces_of(word, self.vocabulary) or [self.UNKNOWN])
        tokens = [self.CLS, *tokens[: self.longest - 2], self.SEP]
        return [self.vocabulary[token] for token in tokens]

    def embed(self, texts, batch=64):
        """One vector of length 1 for each text."""
        return self.embed_tokens([self.read(text) for text in texts], batch)

    def embed_tokens(self, numbers, batch=64, normalise=True):
        """The same for texts whose tokens are known."""
        out = np.zeros((len(numbers), self.config["hidden_size"]), dtype=np.float32)
        order = sorted(range(len(numbers)), key=lambda i: len(numbers[i]))
        for start in range(0, len(order), batch):
            some = order[start : start + batch]
            width = max(len(numbers[i]) for i in some)
            ids = np.full((len(some), width), self.vocabulary[self.PAD], dtype=np.int64)
            mask = np.zeros((len(some), width), dtype=np.float32)
            for row, i in enumerate(some):
                ids[row, : len(numbers[i])] = numbers[i]
                mask[row, : len(numbers[i])] = 1.0
            hidden = self._forward(ids, mask)
            mean = (hidden * mask[:, :, None]).sum(1) / mask.sum(1)[:, None]
            out[some] = mean
        if normalise:
            out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-12)
        return out

    def _linear(self, x, name):
        # One product of two matrices: numpy multiplies a stack of small ones many times slower.
        flat = x.reshape(-1, x.shape[-1]) @ self.weights[f"{name}.weight"].T
        return flat.reshape(*x.shape[:-1], -1) + self.weights[f"{name}.bias"]

    def _norm(self, x, name):
        centred = x - x.mean(-1, keepdims=True)
        spread = np.sqrt((centred * centred).mean(-1, keepdims=True) + self.config["layer_norm_eps"])
        return centred / spread * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]

    def _forward(self, ids, mask):
        heads = self.config["num_attention_heads"]
        count, width = ids.shape
        w = self.weights
        x = (
            w["embeddings.word_embeddings.weight"][ids]
            + w["embeddings.position_embeddings.weight"][:width]
            + w["embeddings.token_type_embeddings.weight"][0]
        )
        x = self._norm(x, "embeddings.LayerNorm")
        away = (1.0 - mask)[:, None, None, :] * np.float32(-1e9)

        def split(x):
            return x.reshape(count, width, heads, -1).transpose(0, 2, 1, 3)

        for layer in range(self.config["num_hidden_layers"]):
            at = f"encoder.layer.{layer}"
            q, k, v = (split(self._linear(x, f"{at}.attention.self.{part}")) for part in ("query", "key", "value"))
            scores = q @ k.transpose(0, 1, 3, 2) / np.float32(np.sqrt(q.shape[-1])) + away
            scores = np.exp(scores - scores.max(-1, keepdims=True))
            scores /= scores.sum(-1, keepdims=True)
            read = (scores @ v).transpose(0, 2, 1, 3).reshape(count, width, -1)
            x = self._norm(x + self._linear(read, f"{at}.attention.output.dense"), f"{at}.attention.output.LayerNorm")
            inner = self._linear(x, f"{at}.intermediate.dense")
            inner = inner * 0.5 * (1.0 + erf(inner / np.float32(np.sqrt(2.0))))
            x = self._norm(x + self._linear(inner, f"{at}.output.dense"), f"{at}.output.LayerNorm")
        return x
