"""Writes descriptor.f32, which tests/unit/test_descriptor_reference.c reads.

    /usr/bin/python3 tests/reference/make_descriptor_golden.py

32 made-up images, the model that descriptor_plain.py learns from them, the features of the first
six, and the descriptions of all. Numbers are float32, little-endian, one after the other."""
import pathlib

import numpy as np

import descriptor_plain as plain

COUNT, SHOWN = 32, 6


def mix(x):
    """base/rng.h's rng_mix()."""
    most = (1 << 64) - 1
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & most
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & most
    return x ^ (x >> 31)


def image_of(number):
    """Ten rectangles over each other; the test makes the same."""
    image = np.zeros((32, 32, 3), np.uint8)
    for i in range(10):
        byte = mix(number * 10 + i + 1).to_bytes(8, 'little')
        y, x, height, width = byte[0] % 32, byte[1] % 32, byte[2] % 16 + 1, byte[3] % 16 + 1
        image[y:y + height, x:x + width] = list(byte[4:7])
    return image


def main():
    images = np.stack([image_of(i) for i in range(COUNT)])
    model = plain.Descriptor(images)
    features = np.concatenate(plain.blocks_of(images[:SHOWN], model.patch), 1)
    numbers = np.concatenate([model.numbers(), features.ravel(), model(images).ravel()]).astype('<f4')
    (pathlib.Path(__file__).parent / 'descriptor.f32').write_bytes(numbers.tobytes())


if __name__ == '__main__':
    main()
