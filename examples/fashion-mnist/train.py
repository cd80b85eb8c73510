#!/usr/bin/env python3
"""Train two Fashion-MNIST classifiers and write their test probabilities.

    cnn.npy        a small convolutional network (PyTorch)
    logistic.npy   a multinomial logistic regression (scikit-learn)

Each file is a float32 array of shape (10000, 10), in C order: row i holds the
class probabilities for test image i.  Both models are fitted on all 60,000
training images, with every setting fixed beforehand; the test labels are read
only to print a score once the probabilities have been written.
"""

import argparse
import gzip
import time
import warnings
from pathlib import Path

import numpy as np

CLASSES = 10
SEED = 20170825

# Convolutional network
EPOCHS = 15
BATCH = 128
PEAK_RATE = 2e-3
WEIGHT_DECAY = 1e-2

# Logistic regression
MAX_ITERATIONS = 200
INVERSE_PENALTY = 1.0


# --- data --------------------------------------------------------------------

def read_idx(path):
    """Return the unsigned bytes of a gzipped IDX file as an array."""
    with gzip.open(path, "rb") as stream:
        raw = stream.read()
    if raw[:3] != b"\x00\x00\x08":
        raise ValueError(f"{path}: not an IDX file of unsigned bytes")
    rank = raw[3]
    shape = np.frombuffer(raw, dtype=">u4", count=rank, offset=4)
    return np.frombuffer(raw, dtype=np.uint8, offset=4 + 4 * rank).reshape(shape)


def read_images(folder, split):
    """Return the images of a split as float32 in [0, 1], one 28x28 grid each."""
    pixels = read_idx(folder / f"{split}-images-idx3-ubyte.gz")
    return pixels.astype(np.float32) / 255


def read_labels(folder, split):
    """Return the labels of a split as int64."""
    return read_idx(folder / f"{split}-labels-idx1-ubyte.gz").astype(np.int64)


# --- convolutional network ---------------------------------------------------

def build_cnn():
    """Two pooled convolutions, a dense layer, and a linear classifier.

    The dense layer is written as a convolution over the whole 7x7 grid: the
    same function, but several times faster where only a plain BLAS is present.
    """
    from torch import nn

    return nn.Sequential(
        nn.Conv2d(1, 32, kernel_size=3, padding=1),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Conv2d(32, 64, kernel_size=3, padding=1),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Dropout(0.25),
        nn.Conv2d(64, 128, kernel_size=7),
        nn.ReLU(),
        nn.Flatten(),
        nn.Dropout(0.5),
        nn.Linear(128, CLASSES),
    )


def flip_half(images):
    """Mirror each image left to right with probability one half."""
    import torch

    chosen = torch.rand(len(images), 1, 1, 1) < 0.5
    return torch.where(chosen, images.flip(3), images)


def fit_cnn(model, images, labels):
    """Train for a fixed number of epochs on a one-cycle learning rate."""
    import torch
    from torch.nn.functional import cross_entropy

    batches = -(-len(images) // BATCH)
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, PEAK_RATE, total_steps=EPOCHS * batches)

    model.train()
    for epoch in range(1, EPOCHS + 1):
        start, total = time.monotonic(), 0.0
        for batch in torch.randperm(len(images)).split(BATCH):
            loss = cross_entropy(model(flip_half(images[batch])), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(batch)
        print(f"cnn: epoch {epoch:2d}/{EPOCHS}"
              f"  training loss {total / len(images):.4f}"
              f"  {time.monotonic() - start:.0f} s", flush=True)


def predict_cnn(model, images):
    """Return the softmax of the network's outputs, in double precision."""
    import torch

    model.eval()
    with torch.no_grad():
        outputs = torch.cat([model(batch) for batch in images.split(1000)])
    return outputs.double().softmax(dim=1).numpy()


def run_cnn(train_images, train_labels, test_images, threads):
    """Train the network and return its probabilities on the test images."""
    import torch

    torch.manual_seed(SEED)
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(threads)

    model = build_cnn()
    fit_cnn(model,
            torch.from_numpy(train_images).unsqueeze(1),
            torch.from_numpy(train_labels))
    return predict_cnn(model, torch.from_numpy(test_images).unsqueeze(1))


# --- logistic regression -----------------------------------------------------

def run_logistic(train_images, train_labels, test_images, threads):
    """Fit the regression and return its probabilities on the test images.

    The iteration limit is a deliberate stopping point, so the warning that it
    was reached is silenced.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    model = LogisticRegression(
        multi_class="multinomial", solver="lbfgs", C=INVERSE_PENALTY,
        max_iter=MAX_ITERATIONS, random_state=SEED)
    with threadpool_limits(threads), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(train_images.reshape(len(train_images), -1), train_labels)
        return model.predict_proba(test_images.reshape(len(test_images), -1))


# --- output ------------------------------------------------------------------

MODELS = {"cnn": run_cnn, "logistic": run_logistic}


def write_probabilities(path, probabilities):
    """Save the rows, scaled to sum to one, as a C-ordered float32 array."""
    rows = np.asarray(probabilities, dtype=np.float64)
    rows = rows / rows.sum(axis=1, keepdims=True)
    np.save(path, np.ascontiguousarray(rows, dtype=np.float32))


def describe(path, labels):
    """Return one line with the accuracy and log-loss of a saved file."""
    rows = np.load(path)
    accuracy = np.mean(rows.argmax(axis=1) == labels)
    true_class = rows[np.arange(len(labels)), labels].astype(np.float64)
    loss = -np.log(np.maximum(true_class, np.finfo(np.float32).tiny)).mean()
    return f"{path.name}: accuracy {accuracy:.2%}, log-loss {loss:.4f}"


def parse_arguments():
    parser = argparse.ArgumentParser(
        description="Train two Fashion-MNIST classifiers and write the "
                    "probabilities they give to the test images.")
    parser.add_argument(
        "--only", choices=MODELS, help="train this model alone")
    parser.add_argument(
        "--data", type=Path, metavar="DIR",
        default=Path("/usr/share/datasets/fashion-mnist"),
        help="folder of the four gzipped IDX files (default: %(default)s)")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", default=Path(__file__).parent,
        help="folder to write to (default: the folder of this script)")
    parser.add_argument(
        "--threads", type=int, metavar="N", default=2,
        help="threads to compute with (default: %(default)s)")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    train_images = read_images(arguments.data, "train")
    train_labels = read_labels(arguments.data, "train")
    test_images = read_images(arguments.data, "t10k")

    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in [arguments.only] if arguments.only else MODELS:
        path = arguments.out / f"{name}.npy"
        start = time.monotonic()
        write_probabilities(path, MODELS[name](
            train_images, train_labels, test_images, arguments.threads))
        print(f"{describe(path, read_labels(arguments.data, 't10k'))}"
              f"  ({time.monotonic() - start:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
