"""The built-in descriptor in plain NumPy: what src/embed must agree with, step by step."""
import numpy as np

SIDE, PATCH, STEP = 32, 6, 2
MIRROR = np.arange(3 * PATCH * PATCH).reshape(3, PATCH, PATCH)[:, :, ::-1].ravel()
EDGES = [0, 4, 7, 10, 14]
SHARES = [1.0, 0.7, 0.4]


def scaled(patches):
    patches = patches - patches.mean(1, keepdims=True)
    return patches / np.sqrt((patches ** 2).mean(1, keepdims=True) + 100)


def unit(rows):
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def learn_patches(images, random, count=40000, rounds=10, kept=48, pairs=100):
    """Mean, whitening and atoms from random patches."""
    which, row, column = (random.randint(0, n, count) for n in (len(images), SIDE - PATCH + 1, SIDE - PATCH + 1))
    patches = scaled(np.stack([images[i, y:y + PATCH, x:x + PATCH].transpose(2, 0, 1).ravel()
                               for i, y, x in zip(which, row, column)]).astype(np.float32))
    mean = patches.mean(0)
    mean = (mean + mean[MIRROR]) / 2
    patches -= mean
    covariance = patches.T @ patches / count
    covariance = (covariance + covariance[MIRROR][:, MIRROR]) / 2
    variance, vectors = np.linalg.eigh(covariance.astype(np.float64))
    variance, vectors = variance[::-1], vectors[:, ::-1][:, :kept]
    white = (vectors / np.sqrt(np.maximum(variance[:kept], 0) + 0.1 * variance.mean())).astype(np.float32)
    rows = patches @ white
    atoms = unit(rows[random.choice(count, pairs, False)])
    for _ in range(rounds):
        likeness = rows @ atoms.T
        nearest = likeness.argmax(1)
        sums = np.zeros_like(atoms)
        np.add.at(sums, nearest, rows * likeness[np.arange(count), nearest][:, None])
        empty = np.linalg.norm(sums, axis=1) < 1e-6
        sums[empty] = rows[random.choice(count, empty.sum())]
        atoms = unit(sums)
    mirrored = atoms @ (vectors.T @ vectors[MIRROR]).astype(np.float32)
    return mean, white, np.concatenate([atoms, mirrored]).astype(np.float32)


def patch_features(images, mean, white, atoms):
    windows = np.lib.stride_tricks.sliding_window_view(images.astype(np.float32), (PATCH, PATCH), axis=(1, 2))
    windows = np.ascontiguousarray(windows[:, ::STEP, ::STEP])
    count, grid = windows.shape[:2]
    likeness = (scaled(windows.reshape(count * grid * grid, -1)) - mean) @ white @ atoms.T
    likeness = np.maximum(likeness - likeness.mean(1, keepdims=True), 0).reshape(count, grid, grid, -1)
    spans = list(zip(EDGES, EDGES[1:]))
    cells = np.stack([likeness[:, a:b].mean(1) for a, b in spans], 1)
    cells = np.stack([cells[:, :, a:b].mean(2) for a, b in spans], 2)
    half = len(atoms) // 2
    return np.sqrt(cells[..., :half] + cells[:, :, ::-1, half:]).reshape(count, -1)


def gradient_features(images):
    grey = images.astype(np.float32) @ np.array([.299, .587, .114], np.float32)
    dx, dy = np.zeros_like(grey), np.zeros_like(grey)
    dx[:, :, 1:-1] = grey[:, :, 2:] - grey[:, :, :-2]
    dy[:, 1:-1] = grey[:, 2:] - grey[:, :-2]
    strength, angle = np.hypot(dx, dy), np.mod(np.arctan2(dy, dx), np.pi) / np.pi * 9
    own = np.floor(angle).astype(int)
    beyond = angle - own
    cells = np.zeros((len(grey), 8, 8, 9))
    i, y, x = np.indices(grey.shape)
    np.add.at(cells, (i, y // 4, x // 4, own % 9), strength * (1 - beyond))
    np.add.at(cells, (i, y // 4, x // 4, (own + 1) % 9), strength * beyond)
    blocks = np.stack([cells[:, :-1, :-1], cells[:, 1:, :-1], cells[:, :-1, 1:], cells[:, 1:, 1:]], 3)
    blocks = np.sqrt(blocks / (blocks.sum((3, 4), keepdims=True) + 1))
    mirrored = blocks[:, :, ::-1][:, :, :, [2, 3, 0, 1]][..., [(9 - b) % 9 for b in range(9)]]
    return ((blocks + mirrored) / 2)[:, :, :4].reshape(len(grey), -1).astype(np.float32)


def colour_features(images):
    r, g, b = np.moveaxis(images.reshape(-1, 8, 4, 8, 4, 3).astype(np.float32).mean((2, 4)), -1, 0)
    opponent = np.stack([(r + g + b) / 3, r - g, (r + g) / 2 - b], -1)
    return ((opponent + opponent[:, :, ::-1]) / 2)[:, :, :4].reshape(len(images), -1)


def blocks_of(images, patch_model):
    """The three blocks of features, a few images at a time: their patches take much memory."""
    parts = [images[i:i + 100] for i in range(0, len(images), 100)]
    return [np.concatenate([f(part) for part in parts]) for f in
            (lambda part: patch_features(part, *patch_model), gradient_features, colour_features)]


class Descriptor:
    def __init__(self, images, seed=0):
        random = np.random.RandomState(seed)
        count = len(images)
        self.patch = learn_patches(images, random)
        blocks = blocks_of(images, self.patch)
        self.mean = np.concatenate([b.mean(0) for b in blocks])
        self.weight = [share / np.sqrt(((b - b.mean(0)) ** 2).sum(1).mean()) for share, b in zip(SHARES, blocks)]
        rows = self.weigh(blocks)
        dimensions = 256 if count >= 2000 else min(64, max(2, count // 4))
        directions = np.linalg.qr(random.randn(rows.shape[1], min(dimensions + 32, *rows.shape)).astype(np.float32))[0]
        for _ in range(4):
            directions = np.linalg.qr(rows.T @ (rows @ directions))[0]
        along = rows @ directions
        variance, vectors = np.linalg.eigh((along.T @ along).astype(np.float64) / count)
        variance, vectors = variance[::-1][:dimensions], vectors[:, ::-1][:, :dimensions]
        self.projection = (directions @ (vectors / np.maximum(variance, 1e-9 * variance[0]) ** .25)).astype(np.float32)

    def weigh(self, blocks):
        starts = np.cumsum([0] + [b.shape[1] for b in blocks])
        return np.concatenate([(b - self.mean[at:at + b.shape[1]]) * w
                               for b, at, w in zip(blocks, starts, self.weight)], 1).astype(np.float32)

    def __call__(self, images):
        return unit(self.weigh(blocks_of(images, self.patch)) @ self.projection)

    def numbers(self):
        """The model as bench_embed and the golden file hold it."""
        parts = [*self.patch, self.mean, self.weight, self.projection]
        return np.concatenate([np.asarray(p, np.float32).ravel() for p in parts]).astype('<f4')
