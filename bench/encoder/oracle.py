#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""oracle - the encoder's forward pass beside onnxruntime: the same numbers, in what time.

usage: oracle.py check FORWARD BATON
       oracle.py speed FORWARD BATON FOLDER [--pooling first] [--rounds N] [--json]

FORWARD is the program of forward.c; `baton encoder add` makes both precisions.  `check` writes random
encoders of two layers as safetensors, builds the same as ONNX, and exits 1 when a kernel is off.  `speed`
takes real weights (FOLDER: config.json, model.safetensors, vocab.txt): CPU time of one pass by instruction
set, precision and tokens, and of onnxruntime in float with one thread, in interleaved rounds, with the
cosine of the vectors.  Needs onnxruntime, onnx and numpy (recent ones, in a venv).
"""
import argparse
import json
import os
import struct
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

KERNELS = ["portable", "avx2", "avx512", "vnni"]
EXACT, COSINE = 1e-4, 0.99


# ---- weights ----

def read_safetensors(path):
    with open(path, "rb") as f:
        head = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        body = f.read()
    got = {}
    for name, at in head.items():
        if name != "__metadata__" and at["dtype"] == "F32":
            a, b = at["data_offsets"]
            got[name] = np.frombuffer(body[a:b], np.float32).reshape(at["shape"])
    return got


def write_safetensors(path, tensors):
    head, at = {}, 0
    for name, t in tensors.items():
        head[name] = {"dtype": "F32", "shape": list(t.shape), "data_offsets": [at, at + t.nbytes]}
        at += t.nbytes
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for t in tensors.values():
            f.write(t.tobytes())


def random_encoder(folder, pooling, seed):
    """A folder like those that are published: two layers, nothing learned."""
    config = {"architectures": ["BertModel"], "model_type": "bert", "hidden_act": "gelu", "hidden_size": 48,
              "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 120,
              "max_position_embeddings": 160, "type_vocab_size": 2, "vocab_size": 64, "layer_norm_eps": 1e-12,
              "position_embedding_type": "absolute"}
    rand = np.random.default_rng(seed)
    width, inner = config["hidden_size"], config["intermediate_size"]
    tensors = {}

    def put(name, *shape, by=0.3, base=0.0):
        tensors[name] = (base + by * rand.standard_normal(shape)).astype(np.float32)
    put("embeddings.word_embeddings.weight", config["vocab_size"], width, by=1.0)
    put("embeddings.position_embeddings.weight", config["max_position_embeddings"], width)
    put("embeddings.token_type_embeddings.weight", 2, width)
    norms = ["embeddings.LayerNorm"]
    for i in range(config["num_hidden_layers"]):
        at = f"encoder.layer.{i}."
        for name, rows, cols in (("attention.self.query", width, width), ("attention.self.key", width, width),
                                 ("attention.self.value", width, width), ("attention.output.dense", width, width),
                                 ("intermediate.dense", inner, width), ("output.dense", width, inner)):
            put(at + name + ".weight", rows, cols, by=0.2)
            put(at + name + ".bias", rows, by=0.1)
        norms += [at + "attention.output.LayerNorm", at + "output.LayerNorm"]
    for name in norms:
        put(name + ".weight", width, by=0.1, base=1.0)
        put(name + ".bias", width, by=0.1)
    os.makedirs(os.path.join(folder, "1_Pooling"))
    write_safetensors(os.path.join(folder, "model.safetensors"), tensors)
    vocab = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"] + [chr(97 + i) for i in range(26)] + \
        ["##" + chr(97 + i) for i in range(26)]
    vocab += [f"[unused{i}]" for i in range(config["vocab_size"] - len(vocab))]
    with open(os.path.join(folder, "vocab.txt"), "w") as f:
        f.write("\n".join(vocab) + "\n")
    with open(os.path.join(folder, "config.json"), "w") as f:
        json.dump(config, f)
    with open(os.path.join(folder, "1_Pooling", "config.json"), "w") as f:
        json.dump({"word_embedding_dimension": width, "pooling_mode_cls_token": pooling == "first",
                   "pooling_mode_mean_tokens": pooling == "mean"}, f)


# ---- the reference ----

class Graph:
    """BERT as exporters write it: MatMul with the transposed weights, LayerNormalization, Gelu."""

    def __init__(self, folder):
        with open(os.path.join(folder, "config.json")) as f:
            self.config = json.load(f)
        w = read_safetensors(os.path.join(folder, "model.safetensors"))
        self.w = {name.removeprefix("bert."): t for name, t in w.items()}
        self.nodes, self.constants, self.count = [], [], 0

    def constant(self, value):
        self.count += 1
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), f"c{self.count}"))
        return f"c{self.count}"

    def op(self, kind, *inputs, **attributes):
        self.count += 1
        self.nodes.append(helper.make_node(kind, list(inputs), [f"v{self.count}"], **attributes))
        return f"v{self.count}"

    def dense(self, x, name):
        y = self.op("MatMul", x, self.constant(self.w[name + ".weight"].T))
        return self.op("Add", y, self.constant(self.w[name + ".bias"]))

    def norm(self, x, name):
        return self.op("LayerNormalization", x, self.constant(self.w[name + ".weight"]),
                       self.constant(self.w[name + ".bias"]), axis=-1, epsilon=self.config["layer_norm_eps"])

    def layer(self, x, at):
        heads, width = self.config["num_attention_heads"], self.config["hidden_size"]
        split = self.constant(np.array([0, 0, heads, width // heads], np.int64))
        merge = self.constant(np.array([0, 0, width], np.int64))

        def head(name, perm):
            return self.op("Transpose", self.op("Reshape", self.dense(x, f"{at}attention.self.{name}"), split),
                           perm=perm)
        score = self.op("MatMul", head("query", [0, 2, 1, 3]), head("key", [0, 2, 3, 1]))
        score = self.op("Div", score, self.constant(np.array((width // heads) ** 0.5, np.float32)))
        mixed = self.op("MatMul", self.op("Softmax", score, axis=-1), head("value", [0, 2, 1, 3]))
        mixed = self.op("Reshape", self.op("Transpose", mixed, perm=[0, 2, 1, 3]), merge)
        x = self.norm(self.op("Add", self.dense(mixed, at + "attention.output.dense"), x),
                      at + "attention.output.LayerNorm")
        y = self.dense(self.op("Gelu", self.dense(x, at + "intermediate.dense")), at + "output.dense")
        return self.norm(self.op("Add", y, x), at + "output.LayerNorm")

    def session(self):
        w = self.w
        words = self.op("Gather", self.constant(w["embeddings.word_embeddings.weight"]), "ids", axis=0)
        places = self.op("Gather", self.constant(w["embeddings.position_embeddings.weight"]), "positions", axis=0)
        x = self.op("Add", self.op("Add", words, places), self.constant(w["embeddings.token_type_embeddings.weight"][0]))
        x = self.norm(x, "embeddings.LayerNorm")
        for i in range(self.config["num_hidden_layers"]):
            x = self.layer(x, f"encoder.layer.{i}.")
        rows = [helper.make_tensor_value_info(n, TensorProto.INT64, [1, "n"]) for n in ("ids", "positions")]
        out = helper.make_tensor_value_info(x, TensorProto.FLOAT, None)
        model = helper.make_model(helper.make_graph(self.nodes, "bert", rows, [out], self.constants),
                                  opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


class Reference:
    def __init__(self, folder, pooling):
        self.run = Graph(folder).session().run
        self.pooling = pooling
        with open(os.path.join(folder, "vocab.txt"), encoding="utf-8") as f:
            self.vocab = {token.rstrip("\n"): i for i, token in enumerate(f)}

    def ids(self, text):
        """Of texts whose words are tokens."""
        return np.array([[self.vocab[t] for t in ["[CLS]", *text.split(), "[SEP]"]]], np.int64)

    def vector(self, ids):
        x = self.run(None, {"ids": ids, "positions": np.arange(ids.shape[1])[None]})[0][0].astype(np.float64)
        v = x.mean(axis=0) if self.pooling == "mean" else x[0]
        return v / np.linalg.norm(v)

    def cpu_us(self, ids, times):
        feed = {"ids": ids, "positions": np.arange(ids.shape[1])[None]}
        begin = time.process_time()
        for _ in range(times):
            self.run(None, feed)
        return (time.process_time() - begin) * 1e6 / times


class Forward:
    """One process an encoder file and kernel; None where this processor has not the kernel."""

    def __init__(self, program, path, kernel):
        self.p = subprocess.Popen([program, path, kernel], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, text, times=1):
        self.p.stdin.write(f"{times}\t{text}\n")
        self.p.stdin.flush()
        line = self.p.stdout.readline()
        if not line:
            sys.exit(f"oracle: forward ended with {self.p.wait()}")
        got = json.loads(line)
        return got["us"], got["tokens"], np.array(got["vector"])

    def close(self):
        self.p.stdin.close()
        self.p.wait()


def add_encoder(baton, home, folder, precision, *options):
    """The file that `baton encoder add` makes, in a home of its own."""
    home = os.path.join(home, precision)
    os.makedirs(home)
    got = subprocess.run([baton, "encoder", "add", folder, "--precision", precision, "--name", "oracle", *options],
                         env={**os.environ, "BATON_HOME": home}, capture_output=True, text=True)
    if got.returncode:
        sys.exit(f"oracle: {got.stdout}{got.stderr}")
    return os.path.join(home, "encoders", "oracle.encoder")


def kernels_here(program, path):
    def can(kernel):
        p = subprocess.run([program, path, kernel], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if p.returncode and "processor" not in p.stderr:
            sys.exit(f"oracle: {p.stderr}")
        return p.returncode == 0
    return [k for k in KERNELS if can(k)]


# ---- the two uses ----

def check_one(forward, baton, folder, pooling):
    bad = 0
    reference = Reference(folder, pooling)
    texts = [" ".join(chr(97 + (i * k + k) % 26) for i in range(n)) for k, n in
             ((1, 1), (3, 2), (5, 5), (7, 14), (9, 31), (11, 64), (15, 126))]
    for precision in ("f32", "int8"):
        out = add_encoder(baton, folder + ".home", folder, precision)
        for kernel in kernels_here(forward, out):
            f = Forward(forward, out, kernel)
            off, cosine = 0.0, 1.0
            for text in texts:
                _, tokens, got = f.ask(text)
                want = reference.vector(reference.ids(text))
                assert tokens == len(text.split()) + 2
                off, cosine = max(off, np.abs(got - want).max()), min(cosine, float(got @ want))
            f.close()
            right = off < EXACT if precision == "f32" else cosine > COSINE
            bad += not right
            print(f"{'ok' if right else 'WRONG'} {pooling} {precision} {kernel}: off by at most {off:.2g}, "
                  f"cosine at least {cosine:.6f}")
    return bad


def check(args):
    bad = 0
    for seed, pooling in enumerate(("mean", "first")):
        with tempfile.TemporaryDirectory() as place:
            folder = os.path.join(place, "random-" + pooling)
            random_encoder(folder, pooling, seed)
            bad += check_one(args.forward, args.baton, folder, pooling)
    sys.exit(bad > 0)


WORDS = ("i was charged twice for my card payment last week and the money has not come back to my account yet "
         "please tell me why it is still pending and how long i have to wait for it").split()


def speed(args):
    reference = Reference(args.folder, args.pooling)
    place = tempfile.TemporaryDirectory()
    files = {p: add_encoder(args.baton, place.name, args.folder, p, "--pooling", args.pooling) for p in ("f32", "int8")}
    running = {(p, k): Forward(args.forward, path, k) for p, path in files.items()
               for k in kernels_here(args.forward, path)}
    got = {"onnxruntime": onnxruntime.__version__, "rounds": args.rounds, "passes": []}
    for tokens in (16, 128):
        text = " ".join(WORDS[i % len(WORDS)] for i in range(tokens - 2))
        ids, times = reference.ids(text), max(4, 640 // tokens)
        want = reference.vector(ids)
        figures, cosines, ort = {key: [] for key in running}, {}, []
        for _ in range(args.rounds + 1):
            ort.append(reference.cpu_us(ids, times))
            for key, f in running.items():
                us, n, vector = f.ask(text, times)
                assert n == tokens
                figures[key].append(us)
                cosines[key] = float(vector @ want)
        # The first round warms up.
        for (precision, kernel), us in figures.items():
            got["passes"].append({"kernel": kernel, "precision": precision, "tokens": tokens, "us": us[1:],
                                  "reference_us": ort[1:], "cosine": cosines[precision, kernel]})
    for f in running.values():
        f.close()
    place.cleanup()
    if args.json:
        print(json.dumps(got))
        return
    for p in got["passes"]:
        ratio = sorted(a / b for a, b in zip(p["us"], p["reference_us"]))
        print(f"{p['tokens']:4} tokens {p['precision']:5} {p['kernel']:9} {np.median(p['us']) / 1e3:7.3f} ms, "
              f"onnxruntime {np.median(p['reference_us']) / 1e3:7.3f} ms, ratio {np.median(ratio):.3f} "
              f"({ratio[0]:.3f}-{ratio[-1]:.3f}), cosine {p['cosine']:.6f}")


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    sub = p.add_subparsers(required=True)
    c = sub.add_parser("check")
    c.add_argument("forward")
    c.add_argument("baton")
    c.set_defaults(run=check)
    s = sub.add_parser("speed")
    s.add_argument("forward")
    s.add_argument("baton")
    s.add_argument("folder")
    s.add_argument("--rounds", type=int, default=7)
    s.add_argument("--pooling", choices=["mean", "first"], default="mean")
    s.add_argument("--json", action="store_true")
    s.set_defaults(run=speed)
    args = p.parse_args()
    args.run(args)


main()
