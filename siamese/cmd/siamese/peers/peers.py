"""Other libraries on this lab's work, for `go run ./siamese/cmd/siamese bench`.

    python peers.py LIBRARY train            pairs a second of training
    python peers.py LIBRARY embed            items a second of embedding
    python peers.py keras   quality FOLDER   seconds to train on the pairs in FOLDER, and the embeddings it ends with

LIBRARY is jax, keras, keras-jit, torch, torch-compile or sgemm. The work is an encoder of 2000-1024-512-256 units
with ReLU and dropout 0.1, shared by both sides of a pair, the squared error of the cosine, Adam with rate 0.001, 128 pairs
a batch, fed from arrays in memory; all in float32, or with PRECISION=bfloat16 in the library's own way of training with
weights in float32 and matrix products of bfloat16. Every program prints its result as one line of
JSON, compilation not counted; with TURNS=1 it measures anew for every line that it reads.
"""

import json
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np

PAIRS, BATCH, FEATURES, WIDTHS, DROPOUT = 4096, 128, 2000, (1024, 512, 256), 0.1
SECONDS = float(os.environ.get("SECONDS", "6"))  # of measuring
TURNS = os.environ.get("TURNS") == "1"
BFLOAT16 = os.environ.get("PRECISION") == "bfloat16"  # while training


def report(unit, value, **more):
    print(json.dumps({"unit": unit, "value": value, **more}), flush=True)


def data():
    rng = np.random.default_rng(0)
    left = rng.random((PAIRS, FEATURES), dtype=np.float32)
    right = rng.random((PAIRS, FEATURES), dtype=np.float32)
    return left, right, rng.integers(0, 2, PAIRS).astype(np.float32), rng


def measure(unit, epoch, per_epoch, more=lambda rate: {"value": rate}):
    """Calls epoch until SECONDS have passed, after one that warms up, and reports items a second; anew in every turn."""
    epoch()
    for _ in sys.stdin if TURNS else [""]:
        begun, done = time.perf_counter(), 0
        while time.perf_counter() - begun < SECONDS:
            epoch()
            done += per_epoch
        report(unit, **more(done / (time.perf_counter() - begun)))


def batches(rng):
    order = rng.permutation(PAIRS)
    return [order[i : i + BATCH] for i in range(0, PAIRS, BATCH)]


def jax_(task):
    import jax
    import jax.numpy as jnp

    left, right, label, rng = data()
    sizes = (FEATURES, *WIDTHS)
    params = [
        (jnp.asarray(rng.normal(0, (2 / n) ** 0.5, (n, m)), jnp.float32), jnp.zeros(m))
        for n, m in zip(sizes, sizes[1:])
    ]

    def product(x, weights):
        if BFLOAT16 and task == "train":  # faster than with a result of bfloat16
            short = x.astype(jnp.bfloat16), weights.astype(jnp.bfloat16)
            return jax.lax.dot(*short, preferred_element_type=jnp.float32)
        return x @ weights

    def encode(params, x, key=None):
        for weights, biases in params:
            x = jax.nn.relu(product(x, weights) + biases)
            if key is not None:
                key, now = jax.random.split(key)
                x = jnp.where(jax.random.bernoulli(now, 1 - DROPOUT, x.shape), x / (1 - DROPOUT), 0)
        return x / jnp.sqrt((x * x).sum(-1, keepdims=True) + 1e-12)

    if task == "embed":
        run = jax.jit(encode)

        def epoch():
            for i in range(0, PAIRS, 512):
                np.asarray(run(params, left[i : i + 512]))

        return measure("items/s", epoch, PAIRS)

    def loss(params, a, b, y, key):
        z = encode(params, jnp.concatenate([a, b]), key)
        return (((z[:BATCH] * z[BATCH:]).sum(-1) - y) ** 2).mean()

    def step(state, a, b, y, key):
        params, first, second, t = state
        value, grads = jax.value_and_grad(loss)(params, a, b, y, key)
        t = t + 1
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, grads)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, grads)
        move = lambda p, m, v: p - 0.001 * (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-7)
        return (jax.tree.map(move, params, first, second), first, second, t), value

    step = jax.jit(step, donate_argnums=0)
    zeros = lambda: jax.tree.map(jnp.zeros_like, params)
    state, key = (params, zeros(), zeros(), jnp.float32(0)), jax.random.key(0)

    def epoch():
        nonlocal state, key
        for rows in batches(rng):
            key, now = jax.random.split(key)
            state, value = step(state, left[rows], right[rows], label[rows], now)
        value.block_until_ready()

    measure("pairs/s", epoch, PAIRS)


def keras_model(features, jit):
    from tensorflow import keras

    layers = keras.layers
    stack = [keras.Input((features,))]
    for width in WIDTHS:
        stack += [layers.Dense(width, activation="relu"), layers.Dropout(DROPOUT)]
    encoder = keras.Sequential(stack)
    left, right = keras.Input((features,)), keras.Input((features,))
    cosine = layers.Dot(axes=1, normalize=True)([encoder(left), encoder(right)])
    model = keras.Model([left, right], cosine)
    model.compile(optimizer="adam", loss="mse", jit_compile=jit)
    return encoder, model


def keras_(task, jit, folder=None):
    if task == "quality":
        x, test = np.load(f"{folder}/train.npy"), np.load(f"{folder}/test.npy")
        left, right, label = np.load(f"{folder}/pairs.npy").T  # rows of x, and 1 or 0
        left, right = left.astype(int), right.astype(int)
        begun = time.perf_counter()
        encoder, model = keras_model(x.shape[1], jit)
        model.fit([x[left], x[right]], label[:, None], batch_size=BATCH, epochs=1, verbose=0)
        seconds = time.perf_counter() - begun
        np.save(f"{folder}/embeddings.npy", encoder.predict(test, batch_size=512, verbose=0).astype(np.float32))
        return report("seconds", seconds)
    left, right, label, _ = data()
    if BFLOAT16 and task == "train":
        from tensorflow import keras

        keras.mixed_precision.set_global_policy("mixed_bfloat16")
    encoder, model = keras_model(FEATURES, jit)
    if task == "embed":
        return measure("items/s", lambda: encoder.predict(left, batch_size=512, verbose=0), PAIRS)
    epoch = lambda: model.fit([left, right], label[:, None], batch_size=BATCH, epochs=1, verbose=0)
    measure("pairs/s", epoch, PAIRS)


def torch_(task, compiled):
    import torch
    from torch import nn

    torch.manual_seed(0)
    torch.set_num_threads(os.cpu_count())
    left, right, label, rng = data()
    left, right, label = (torch.from_numpy(a) for a in (left, right, label))
    stack, n = [], FEATURES
    for width in WIDTHS:
        stack += [nn.Linear(n, width), nn.ReLU(), nn.Dropout(DROPOUT)]
        n = width
    encoder = nn.Sequential(*stack)
    if task == "embed":
        encoder.eval()
        run = torch.compile(encoder) if compiled else encoder

        def epoch():
            with torch.inference_mode():
                for i in range(0, PAIRS, 512):
                    nn.functional.normalize(run(left[i : i + 512])).numpy()

        return measure("items/s", epoch, PAIRS)
    optimiser = torch.optim.Adam(encoder.parameters(), fused=True)

    def step(rows):
        with torch.autocast("cpu", torch.bfloat16, enabled=BFLOAT16):
            z = encoder(torch.cat([left[rows], right[rows]]))
        z = z.float()
        cosine = nn.functional.cosine_similarity(z[:BATCH], z[BATCH:])
        loss = ((cosine - label[rows]) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    run = torch.compile(step) if compiled else step

    def epoch():
        for rows in batches(rng):
            run(torch.from_numpy(rows))

    measure("pairs/s", epoch, PAIRS)


def sgemm(_):
    """The limit: how many pairs a second the matrix products alone would take, by the fastest product there is."""
    import torch

    torch.set_num_threads(os.cpu_count())
    a, b = torch.rand(2048, 2048), torch.rand(2048, 2048)
    if BFLOAT16:
        a, b = a.bfloat16(), b.bfloat16()
    n = (FEATURES, *WIDTHS)
    macs = sum(x * y for x, y in zip(n, n[1:]))
    flop = 2 * 2 * (3 * macs - n[0] * n[1])  # both sides; forward, weights' gradient, and inputs' gradient but the first

    def limit(products):
        rate = products * 2 * 2048**3
        return {"value": rate / flop, "gflops": rate / 1e9, "mflop": flop / 1e6}

    measure("pairs/s", lambda: a @ b, 1, limit)


if __name__ == "__main__":
    library, task = sys.argv[1], sys.argv[2]
    if library == "sgemm":
        sgemm(task)
    elif library == "jax":
        jax_(task)
    elif library in ("keras", "keras-jit"):
        keras_(task, library == "keras-jit", *sys.argv[3:])
    elif library in ("torch", "torch-compile"):
        torch_(task, library == "torch-compile")
    else:
        sys.exit(f"unknown library {library}: jax, keras, keras-jit, torch, torch-compile or sgemm")
