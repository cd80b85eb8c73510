"""Small images of every kind into tests/images/, and what NumPy and OpenCV measure of them.

    make_image_golden.py            write the images and tests/images/expected.csv
    make_image_golden.py --prove    only check, on all 16,777,216 colours, that OpenCV's hue and
                                    saturation are the whole-number formula that the C tests use

Run it with the Python that has NumPy, OpenCV and Pillow. The pixels to measure are Pillow's: it and
assay both decode JPEG with libjpeg-turbo, and everything else but lossy AVIF and HEIC is exact. Those
two, which Pillow lacks, are measured on the picture before it was compressed, with a tolerance;
libvips, called through ctypes, writes them, and converts the CMYK file's pixels.
"""
import argparse
import ctypes
import io
import pathlib
import struct
import sys
import zlib

import cv2
import numpy as np
from PIL import Image

IMAGES = pathlib.Path(__file__).resolve().parent.parent / "images"
EXACT, LOSSY = 1e-9, 0.1
MASK = (1 << 64) - 1


# ---- measures, as docs/measures.md defines them

def hue_counts(rgb):
    hsv = cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV).reshape(-1, 3).astype(int)
    h, s, v = hsv.T
    strong = (s >= 50) & (v >= 40)
    return [np.mean(strong & ((h <= 10) | (h >= 170))), np.mean(strong & (h >= 35) & (h <= 75)),
            np.mean(strong & (h >= 90) & (h <= 130))]


def grey_of(rgb):
    r, g, b = np.moveaxis(rgb.astype(int), -1, 0)
    return (299 * r + 587 * g + 114 * b + 500) // 1000


def measures(rgb):
    height, width = rgb.shape[:2]
    laplacian = cv2.Laplacian(rgb, cv2.CV_64F)
    share = np.bincount(grey_of(rgb).ravel(), minlength=256) / (width * height)
    share = share[share > 0]
    light = np.sqrt(rgb.astype(float) ** 2 @ [0.241, 0.691, 0.068]) / 255
    low, high = np.percentile(light, [5, 99])
    coloured = rgb.max(axis=2).astype(int) - rgb.min(axis=2) > 8
    return [width, height, width * height, width / height, rgb.mean() / 255, rgb.std() / 255,
            np.sqrt(laplacian.var()) / (8 * 255), *hue_counts(rgb), -np.sum(share * np.log2(share)),
            high, 1 - low, np.mean(coloured)]


# ---- the two hashes, written from docs/measures.md

SALT = [0x6A09E667F3BCC909, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B, 0xA54FF53A5F1D36F1, 0x510E527FADE682D1]


def fold(a, b):
    product = a * b
    return (product & MASK) ^ (product >> 64)


def pixel_hash(rgb):
    height, width = rgb.shape[:2]
    lane = [fold((width << 32 | height) ^ SALT[i], SALT[i + 1]) for i in range(4)]
    for row in rgb:
        data = row.tobytes()
        data += bytes(-len(data) % 16)
        pairs = np.frombuffer(data, "<u8").reshape(-1, 2)
        for i, (first, second) in enumerate(pairs.tolist()):
            k = i % 4
            lane[k] = fold(lane[k] ^ first, second ^ SALT[k])
    result = SALT[4]
    for k in range(4):
        result = (fold(result ^ lane[k], SALT[k]) + lane[k]) & MASK
    return fold(result ^ SALT[0], SALT[4])


def truncated_quotient(a, b):
    return np.sign(a) * (np.abs(a) // b)


def perceptual_hash(rgb):
    grey = grey_of(rgb)
    edges = [[(i * side // 32, max((i + 1) * side // 32, i * side // 32 + 1)) for i in range(32)]
             for side in grey.shape]
    boxes = np.zeros((32, 32), np.int64)
    for y, (top, bottom) in enumerate(edges[0]):
        for x, (left, right) in enumerate(edges[1]):
            count = (bottom - top) * (right - left)
            boxes[y, x] = (16 * grey[top:bottom, left:right].sum() + count // 2) // count - 2040
    u, x = np.mgrid[0:8, 0:32]
    cosine = np.rint(4096 * np.where(u == 0, np.sqrt(0.5), np.cos(np.pi * (2 * x + 1) * u / 64))).astype(np.int64)
    rows = truncated_quotient(boxes @ cosine.T, 256)
    coefficients = (cosine @ rows).ravel()
    bits = coefficients > np.sort(coefficients[1:])[31]
    bits[0] = coefficients[0] >= 0
    return sum(int(bit) << i for i, bit in enumerate(bits))


# ---- pictures

def picture(width, height, seed):
    """Something like a photo: a smooth ground, discs with sharp edges, a texture, noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    ground = np.stack([127 + 90 * np.sin(x / width * (2 + c) + c) * np.cos(y / height * 3 - c) for c in range(3)], -1)
    for _ in range(14):
        cx, cy, radius = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(3, height / 4)
        ground[(x - cx) ** 2 + (y - cy) ** 2 < radius ** 2] = rng.integers(0, 256, 3)
    ground[: height // 4] += 25 * np.sign(np.sin(x[: height // 4, :, None] * 1.3))
    return np.clip(ground + rng.normal(0, 6, ground.shape), 0, 255).astype(np.uint8)


def as_bytes(image, form, **options):
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def packed_rows(samples, depth):
    """Rows of a PNG without filters; samples are height × width × samples a pixel."""
    out = b""
    for row in samples:
        flat = row.ravel()
        if depth == 16:
            packed = flat.astype(">u2").tobytes()
        elif depth == 8:
            packed = flat.astype(np.uint8).tobytes()
        else:
            bits = np.unpackbits(flat.astype(np.uint8)[:, None], axis=1)[:, 8 - depth:]
            packed = np.packbits(bits.ravel()).tobytes()
        out += b"\0" + packed
    return out


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def png(samples, depth, colour_type, palette=None, interlaced=False, extra=b""):
    samples = samples if samples.ndim == 3 else samples[:, :, None]
    height, width = samples.shape[:2]
    if interlaced:
        parts = [samples[y::dy, x::dx] for x, y, dx, dy in PASSES]
        data = b"".join(packed_rows(part, depth) for part in parts if part.size)
    else:
        data = packed_rows(samples, depth)
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, int(interlaced))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra +
            (chunk(b"PLTE", palette.tobytes()) if palette is not None else b"") +
            chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b""))


def exif(orientation):
    return b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01" + struct.pack(">H", orientation) + bytes(6)


# ---- libvips through ctypes, for what Pillow cannot do

class Vips:
    SRGB = 22

    def __init__(self):
        self.lib = ctypes.CDLL("libvips.so.42")
        self.lib.vips_image_new_from_buffer.restype = ctypes.c_void_p
        self.lib.vips_image_new_from_memory_copy.restype = ctypes.c_void_p
        self.lib.vips_image_write_to_memory.restype = ctypes.c_void_p
        if self.lib.vips_init(b"make_image_golden"):
            raise SystemExit("libvips does not start")

    def check(self, failed):
        if failed:
            self.lib.vips_error_buffer.restype = ctypes.c_char_p
            raise SystemExit(self.lib.vips_error_buffer().decode())

    def srgb(self, data):
        """The pixels of a file, converted to sRGB."""
        image = ctypes.c_void_p(self.lib.vips_image_new_from_buffer(data, ctypes.c_size_t(len(data)), b"", None))
        self.check(not image.value)
        out, size = ctypes.c_void_p(), ctypes.c_size_t()
        self.check(self.lib.vips_colourspace(image, ctypes.byref(out), self.SRGB, None))
        at = self.lib.vips_image_write_to_memory(out, ctypes.byref(size))
        pixels = np.frombuffer(ctypes.string_at(at, size.value), np.uint8)
        return pixels.reshape(self.lib.vips_image_get_height(out), self.lib.vips_image_get_width(out), 3)

    def save(self, rgb, name, *options):
        """rgb written by vips_<name>save_buffer()."""
        height, width = rgb.shape[:2]
        data = rgb.tobytes()
        image = ctypes.c_void_p(self.lib.vips_image_new_from_memory_copy(data, ctypes.c_size_t(len(data)), width,
                                                                         height, 3, 0))
        at, size = ctypes.c_void_p(), ctypes.c_size_t()
        self.check(getattr(self.lib, f"vips_{name}save_buffer")(image, ctypes.byref(at), ctypes.byref(size),
                                                                *options, None))
        return ctypes.string_at(at.value, size.value)


# ---- the set: (file name, its bytes, pixels or None for Pillow's, tolerance)

def jpegs(rgb, large):
    image = Image.fromarray(rgb)
    yield "grey.jpg", as_bytes(image.convert("L"), "JPEG", quality=85), None, EXACT
    yield "sampled_420.jpg", as_bytes(image, "JPEG", quality=85, subsampling=2), None, EXACT
    yield "sampled_422.jpg", as_bytes(image, "JPEG", quality=85, subsampling=1), None, EXACT
    yield "sampled_444.jpg", as_bytes(image, "JPEG", quality=85, subsampling=0), None, EXACT
    yield "progressive.jpg", as_bytes(image, "JPEG", quality=85, progressive=True), None, EXACT
    yield "large.jpg", as_bytes(Image.fromarray(large), "JPEG", quality=85), None, EXACT
    for n in range(1, 9):
        yield f"turned_{n}.jpg", as_bytes(image, "JPEG", quality=80, exif=exif(n)), None, EXACT
    cmyk = as_bytes(image.convert("CMYK"), "JPEG", quality=85)
    yield "cmyk.jpg", cmyk, Vips().srgb(cmyk), EXACT


def pngs(rgb):
    grey = grey_of(rgb)
    rng = np.random.default_rng(5)
    alpha = rng.integers(0, 256, grey.shape)
    palette = rng.integers(0, 256, (256, 3)).astype(np.uint8)
    for depth in (1, 2, 4, 8):
        yield f"grey_{depth}_bit.png", png(grey >> 8 - depth, depth, 0), None, EXACT
        yield f"palette_{depth}_bit.png", png(grey >> 8 - depth, depth, 3, palette[: 1 << depth]), None, EXACT
    grey16 = grey * 256 + rng.integers(0, 256, grey.shape)
    rgb16 = rgb.astype(int) * 256 + rng.integers(0, 256, rgb.shape)
    yield "grey_16_bit.png", png(grey16, 16, 0), np.repeat(grey[:, :, None], 3, 2).astype(np.uint8), EXACT
    yield "rgb_16_bit.png", png(rgb16, 16, 2), rgb, EXACT
    yield "rgb.png", png(rgb, 8, 2), None, EXACT
    yield "rgb_interlaced.png", png(rgb, 8, 2, interlaced=True), None, EXACT
    yield "grey_2_bit_interlaced.png", png(grey >> 6, 2, 0, interlaced=True), None, EXACT
    yield "rgba.png", png(np.dstack([rgb, alpha]), 8, 6), rgb, EXACT
    yield "grey_alpha.png", png(np.dstack([grey, alpha]), 8, 4), np.repeat(grey[:, :, None], 3, 2).astype(np.uint8), EXACT
    yield "rgba_16_bit.png", png(np.dstack([rgb16, alpha * 257]), 16, 6), rgb, EXACT
    yield "turned_6.png", png(rgb, 8, 2, extra=chunk(b"eXIf", exif(6)[6:])), np.rot90(rgb, -1), EXACT


def others(rgb, large):
    image = Image.fromarray(rgb)
    yield "lossy.webp", as_bytes(image, "WEBP", quality=80), None, EXACT
    yield "lossless.webp", as_bytes(image, "WEBP", lossless=True), None, EXACT
    alpha = np.random.default_rng(6).integers(0, 256, rgb.shape[:2]).astype(np.uint8)
    rgba = Image.fromarray(np.dstack([rgb, alpha]))
    yield "rgba.webp", as_bytes(rgba, "WEBP", lossless=True, exact=True), rgb, EXACT
    yield "turned_6.webp", as_bytes(image, "WEBP", lossless=True, exif=exif(6)), np.rot90(rgb, -1), EXACT
    yield "rgb.tif", as_bytes(image, "TIFF", compression="tiff_lzw"), None, EXACT
    yield "grey.tif", as_bytes(image.convert("L"), "TIFF"), None, EXACT
    yield "turned_8.tif", as_bytes(image, "TIFF", tiffinfo={274: 8}, compression="tiff_adobe_deflate"), np.rot90(rgb), EXACT
    yield "one.gif", as_bytes(image.convert("P", palette=Image.Palette.ADAPTIVE), "GIF"), None, EXACT
    frames = [image.rotate(90 * n) for n in range(1, 3)]
    yield "moving.gif", as_bytes(image, "GIF", save_all=True, append_images=frames), None, EXACT
    yield "rgb.bmp", as_bytes(image, "BMP"), None, EXACT
    yield "grey.bmp", as_bytes(image.convert("L"), "BMP"), None, EXACT
    yield "palette.bmp", as_bytes(image.convert("P", palette=Image.Palette.ADAPTIVE), "BMP"), None, EXACT
    yield "black_and_white.bmp", as_bytes(image.convert("1"), "BMP"), None, EXACT
    yield "rgba.bmp", as_bytes(image.convert("RGBA"), "BMP"), rgb, EXACT
    yield "lossless.jp2", as_bytes(image, "JPEG2000"), None, EXACT
    yield "large.avif", Vips().save(large, "heif", b"compression", 4, b"Q", 92), large, LOSSY
    yield "large.heic", Vips().save(large, "heif", b"compression", 1, b"Q", 92), large, LOSSY


def shapes():
    for width, height in ((1, 1), (1, 9), (9, 1), (2, 2), (3, 3), (40, 17)):
        yield f"size_{width}_{height}.png", png(picture(max(width, 16), max(height, 16), width)[:height, :width], 8, 2), None, EXACT
    for level in (0, 127, 128, 255):
        yield f"flat_{level}.png", png(np.full((33, 35), level), 8, 0), None, EXACT


def decoded(data):
    image = Image.open(io.BytesIO(data))
    turned = image.getexif().get(274, 1)
    image = image.convert("RGB") if image.mode != "RGBA" else Image.fromarray(np.asarray(image)[:, :, :3].copy())
    steps = {2: [Image.Transpose.FLIP_LEFT_RIGHT], 3: [Image.Transpose.ROTATE_180],
             4: [Image.Transpose.FLIP_TOP_BOTTOM], 5: [Image.Transpose.TRANSPOSE], 6: [Image.Transpose.ROTATE_270],
             7: [Image.Transpose.TRANSVERSE], 8: [Image.Transpose.ROTATE_90]}
    for step in steps.get(turned, []):
        image = image.transpose(step)
    return np.asarray(image)


def prove():
    """OpenCV's 8-bit hue and saturation on every colour against the formula in whole numbers."""
    for r in range(256):
        g, b = (plane.ravel() for plane in np.mgrid[0:256, 0:256])
        rgb = np.stack([np.full_like(g, r), g, b], -1)
        found = cv2.cvtColor(rgb.astype(np.uint8)[None], cv2.COLOR_RGB2HSV)[0].astype(int)
        v = rgb.max(axis=1)
        d = v - rgb.min(axis=1)
        along = np.where(v == r, g - b, np.where(v == g, b - r + 2 * d, r - g + 4 * d))
        hue = (along * ((122880 + d // 2) // np.maximum(d, 1)) + 2048) >> 12
        saturation = (d * np.rint(255 * 4096 / np.maximum(v, 1)).astype(int) + 2048) >> 12
        assert np.array_equal(found, np.stack([np.where(hue < 0, hue + 180, hue), saturation, v], -1)), r
    print("16777216 colours agree")


def write():
    rgb, large = picture(61, 47, 1), picture(208, 150, 2)
    lines = []
    for name, data, pixels, tolerance in [*jpegs(rgb, large), *pngs(rgb), *others(rgb, large), *shapes()]:
        (IMAGES / name).write_bytes(data)
        pixels = np.ascontiguousarray(decoded(data) if pixels is None else pixels)
        hashes = [f"{pixel_hash(pixels):016x}", f"{perceptual_hash(pixels):016x}"] if tolerance == EXACT else ["-", "-"]
        lines.append(",".join([name, repr(tolerance), *(repr(float(x)) for x in measures(pixels)), *hashes]))
    (IMAGES / "expected.csv").write_text("\n".join(lines) + "\n")
    total = sum(path.stat().st_size for path in IMAGES.iterdir())
    print(f"{len(lines)} images, {total} bytes")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--prove", action="store_true")
    sys.exit(prove() if parser.parse_args().prove else write())
