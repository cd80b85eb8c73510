"""Copies planted among real images, and what `assay find duplicates` finds of them.

    check_duplicates.py ASSAY

Of each of five kinds 300 copies, every one of another original, among the 10,000 images of CIFAR-10's test set (where it
lies beside the repository) and of Fashion-MNIST's. A copy is found where it is in one group with its original at the
strength of 0.95. It is suspected where the pair is looked at at all: among the nearest 20 of the embedding, or by hash.
The same images without copies say how much is listed that nobody planted."""

import csv
import gzip
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile

import cv2
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
FASHION = pathlib.Path('/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz')
CIFAR = [base / 'shared/data/cifar10-test/images.tar' for base in ROOT.parents]
COPIES = 300
STRENGTHS = (0.95, 0.98, 0.99)
MIRRORED_BITS = np.uint64(0xAAAAAAAAAAAAAAAA)

# What must be suspected and found of each kind, and how many of the 10,000 images may be listed at each strength.
# Brightening burns a picture's brightest parts out; halving takes what tells one piece of clothing from another.
LEAST = {
    'CIFAR-10': {'suspected': (.995, .995, .995, .995, .995), 'found': (.995, .99, .99, .995, .995), 'listed': (60, 25, 15)},
    'Fashion-MNIST': {'suspected': (.99, .90, .99, .97, .995), 'found': (.99, .76, .99, .97, .995), 'listed': (5500, 2000, 500)},
}


def read_cifar(path):
    archive = tarfile.open(path)
    files = sorted((m.name, m) for m in archive if m.isfile())
    return np.stack([cv2.imdecode(np.frombuffer(archive.extractfile(m).read(), np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
                     for _, m in files])


def read_fashion():
    grey = np.frombuffer(gzip.open(FASHION).read(), np.uint8, offset=16).reshape(-1, 28, 28)
    return np.repeat(grey[..., None], 3, -1)


def compressed(image):
    packed = cv2.imencode('.jpg', image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 40])[1]
    return cv2.imdecode(packed, cv2.IMREAD_COLOR)[..., ::-1]


def halved(image):
    height, width = image.shape[:2]
    half = cv2.resize(image, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    return cv2.resize(half, (width, height), interpolation=cv2.INTER_CUBIC)


def brightened(image):
    return np.clip(image * 1.2 + .5, 0, 255).astype(np.uint8)


def cropped(image):
    """A pixel off each side: of so small pictures that is nearest to a twentieth."""
    height, width = image.shape[:2]
    return cv2.resize(np.ascontiguousarray(image[1:-1, 1:-1]), (width, height), interpolation=cv2.INTER_CUBIC)


def mirrored(image):
    return image[:, ::-1]


KINDS = {'quality 40': compressed, 'halved': halved, 'brightened': brightened, 'cropped': cropped, 'mirrored': mirrored}


def run(program, *words):
    done = subprocess.run([program, *map(str, words)], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        sys.exit(f'{" ".join(map(str, words))}: {done.stderr}')
    return done.stdout


def find(program, project, strength):
    """The group of each sample that is in one."""
    found = json.loads(run(program, 'find', 'duplicates', project, '--strength', strength, '--json'))
    return {int(sample['id']): sample['group'] for sample in found['samples']}


def make(program, folder, name, images):
    np.save(folder / f'{name}.npy', images)
    run(program, 'create', folder / f'{name}.assay', '--images', folder / f'{name}.npy')
    return folder / f'{name}.assay'


def shares(told):
    return np.reshape(told, (len(KINDS), COPIES)).mean(1)


def suspected(program, project, originals, count):
    """By the embedding, and by hash or the mirror image's."""
    nearest = np.load(project / 'embeddings' / 'visual.neighbours.npy')[:, :20]
    copies = count + np.arange(len(originals))
    near = [o in nearest[c] or c in nearest[o] for o, c in zip(originals, copies)]
    rows = csv.reader(run(program, 'sql', project, 'SELECT perceptual_hash FROM measures ORDER BY sample', '--csv').splitlines()[1:])
    hashes = np.array([int(row[0]) for row in rows], np.uint64)
    apart = hashes[originals] ^ hashes[copies]
    bits = [np.unpackbits(x.view(np.uint8).reshape(-1, 8), axis=1).sum(1) for x in (apart, apart ^ MIRRORED_BITS)]
    by_hash = np.minimum(*bits) <= 6
    return shares(near), shares(by_hash), shares(by_hash | near)


def line(what, values):
    return f'  {what:22}' + ''.join(f'{value:>12.3f}' for value in values)


def check(program, name, images, folder):
    originals = np.random.RandomState(5).permutation(len(images))[:len(KINDS) * COPIES]
    copies = np.stack([list(KINDS.values())[i // COPIES](images[o]) for i, o in enumerate(originals)])
    project = make(program, folder, 'planted', np.concatenate([images, copies]))
    plain = make(program, folder, 'plain', images)
    print(f'{name}:' + ' ' * (23 - len(name)) + ''.join(f'{kind:>12}' for kind in KINDS))
    by_embedding, by_hash, either = suspected(program, project, originals, len(images))
    print(line('near in the embedding', by_embedding))
    print(line('near by hash', by_hash))
    print(line('suspected', either))
    found, listed = [], []
    for strength in STRENGTHS:
        group = find(program, project, strength)
        found.append(shares([group.get(len(images) + i) == group.get(o, -1) for i, o in enumerate(originals)]))
        print(line(f'found from {strength}', found[-1]))
    for strength in STRENGTHS:
        group = find(program, plain, strength)
        listed.append(len(group))
        print(f'  without copies, from {strength}: {len(group)} of {len(images)} in {len(set(group.values()))} groups')
    least = LEAST[name]
    return (either >= least['suspected']).all() and (found[0] >= least['found']).all() and all(
        most >= count for most, count in zip(least['listed'], listed))


def main():
    program = os.path.abspath(sys.argv[1])
    cifar = next((path for path in CIFAR if path.exists()), None)
    passed = True
    for name, path, read in (('CIFAR-10', cifar, lambda: read_cifar(cifar)), ('Fashion-MNIST', FASHION, read_fashion)):
        if path is None or not path.exists():
            print(f'skipped: {name} is not here')
            continue
        with tempfile.TemporaryDirectory() as folder:
            if not check(program, name, read(), pathlib.Path(folder)):
                print(f'FAILED: {name}: less than {LEAST[name]}')
                passed = False
    sys.exit(not passed)


if __name__ == '__main__':
    main()
