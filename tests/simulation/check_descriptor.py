"""The descriptor on real images: how often neighbours agree with the label, and with the reference.

    check_descriptor.py BENCH_EMBED [--rate]

Leave-one-out accuracy of 10 nearest neighbours: at least 63 % on CIFAR-10's test set (where it lies
beside the repository, else skipped with a message) and 89 % on Fashion-MNIST's (28×28 enlarged to
32×32 by averages of exact areas, rounded half up: what image_thumbnail() does). Fed with the model
of descriptor_plain.py, the ten neighbours must be the same for 99 % of the samples. --rate prints
images described a second against the reference's instead."""
import csv
import gzip
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import time

os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')  # before NumPy: as the program works
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tests' / 'reference'))
import descriptor_plain as plain

FASHION = pathlib.Path('/usr/share/datasets/fashion-mnist')
CIFAR = [base / 'shared/data/cifar10-test' for base in ROOT.parents]
THREADS = str(min(2, os.cpu_count()))


def read_cifar(folder):
    from PIL import Image
    archive = tarfile.open(folder / 'images.tar')
    files = {m.name.lstrip('./'): m for m in archive if m.isfile()}
    rows = list(csv.reader(open(folder / 'labels.csv')))[1:]
    images = [np.asarray(Image.open(archive.extractfile(files[row[0]])).convert('RGB')) for row in rows]
    names = sorted({row[1] for row in rows})
    return np.stack(images), np.array([names.index(row[1]) for row in rows])


def read_fashion():
    def read(name, offset):
        return np.frombuffer(gzip.open(FASHION / f't10k-{name}-ubyte.gz').read(), np.uint8, offset=offset)
    grey = read('images-idx3', 16).reshape(-1, 28, 28).astype(float)
    at = np.arange(33) * 28  # edges in 1/32 of a pixel
    share = np.array([[max(0, min(b, 32 * x + 32) - max(a, 32 * x)) for x in range(28)] for a, b in zip(at, at[1:])])
    squashed = np.floor(share @ grey @ share.T / 28 ** 2 + .5).astype(np.uint8)
    return np.repeat(squashed[..., None], 3, -1), read('labels-idx1', 8).astype(int)


def neighbours_of(rows, count=10):
    likeness = rows @ rows.T
    np.fill_diagonal(likeness, -2)
    nearest = np.argpartition(-likeness, count, 1)[:, :count]
    return nearest, np.take_along_axis(likeness, nearest, 1)


def accuracy_of(rows, labels):
    """Of the majority of ten, the more similar side in a tie."""
    nearest, likeness = neighbours_of(rows)
    votes = np.zeros((len(rows), labels.max() + 1))
    for k in range(nearest.shape[1]):
        votes[np.arange(len(rows)), labels[nearest[:, k]]] += 1 + 1e-3 * likeness[:, k]
    return (votes.argmax(1) == labels).mean()


def describe(program, images, folder, model=None):
    """Descriptions, and images a second."""
    images.tofile(folder / 'images')
    command = [program, folder / 'images', folder / 'out', THREADS]
    if model is not None:
        model.tofile(folder / 'model')
        command.append(folder / 'model')
    dimensions, _, rate = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    return np.fromfile(folder / 'out', '<f4').reshape(-1, int(dimensions)), float(rate)


def agreement(ours, theirs):
    """The share of samples whose ten neighbours are the same ones."""
    return np.mean([set(a) == set(b) for a, b in zip(neighbours_of(ours)[0], neighbours_of(theirs)[0])])


def check(name, images, labels, program, folder, least):
    rows, _ = describe(program, images, folder)
    accuracy = accuracy_of(rows, labels)
    reference = plain.Descriptor(images)
    theirs = reference(images)
    ours, _ = describe(program, images, folder, reference.numbers())
    same = agreement(ours, theirs)
    print(f'{name}: accuracy {accuracy:.4f} (reference {accuracy_of(theirs, labels):.4f}, at least {least}), '
          f'same ten neighbours {same:.4f} (at least 0.99)')
    return np.isfinite(rows).all() and accuracy >= least and same >= 0.99


def print_rate(name, images, program, folder):
    reference = plain.Descriptor(images[:2000])
    some = images[:2000]
    begin = time.monotonic()
    reference(some)
    theirs = len(some) / (time.monotonic() - begin)
    _, ours = describe(program, images, folder)
    print(f'{name}: {ours:.0f} images a second on {THREADS} threads; NumPy on one {theirs:.0f}; ratio {ours / theirs:.1f}')


def main():
    program, rate = sys.argv[1], '--rate' in sys.argv
    sets = []
    cifar = next((folder for folder in CIFAR if folder.is_dir()), None)
    if cifar:
        sets.append(('CIFAR-10', *read_cifar(cifar), 0.63))
    else:
        print('skipped: no CIFAR-10 beside the repository')
    if FASHION.is_dir():
        sets.append(('Fashion-MNIST', *read_fashion(), 0.89))
    else:
        print('skipped: no Fashion-MNIST (Debian: dataset-fashion-mnist)')
    passed = True
    with tempfile.TemporaryDirectory() as folder:
        for name, images, labels, least in sets:
            if rate:
                print_rate(name, images, program, pathlib.Path(folder))
            else:
                passed &= bool(check(name, images, labels, program, pathlib.Path(folder), least))
    sys.exit(not passed)


if __name__ == '__main__':
    main()
