"""Kills the commands that write a project at seeded moments: whatever the moment, the project opens,
and the same command once more gives what an undisturbed run gives.

    kill_commands.py ASSAY [MOMENTS]

The moments are drawn between 0 and a little more than what the command takes undisturbed, so that
they fall into every part of it. The last line counts them as tests.
"""
import concurrent.futures
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import numpy

SEED = 20
WORKERS = 2
IMAGES = 400
SIDE = 96
CLASSES = ["cat", "dog", "fox"]

# Everything that a project says of its samples, in one order; neither times nor revisions.
TABLES = [
    "SELECT sample, path, id, container, item FROM images ORDER BY ALL",
    "SELECT class, name FROM classes ORDER BY ALL",
    "SELECT * FROM labels ORDER BY ALL",
    "SELECT * EXCLUDE (modified) FROM measures ORDER BY ALL",
    "SELECT m.name, m.has_confidence, p.sample, p.class, p.confidence"
    " FROM predictions p JOIN models m USING (model) ORDER BY ALL",
    "SELECT m.name, v.sample, v.value FROM metric_values v JOIN metrics m USING (metric) ORDER BY ALL",
    "SELECT a.name, v.sample, v.value FROM attribute_values v JOIN attributes a USING (attribute)"
    " ORDER BY ALL",
]


def write_images(folder):
    """Small PPM-like pictures in a form that is quick to write: BMP of 24 bits."""
    random_numbers = numpy.random.RandomState(SEED)
    for i in range(IMAGES):
        where = folder / CLASSES[i % len(CLASSES)]
        where.mkdir(parents=True, exist_ok=True)
        pixels = random_numbers.randint(0, 256, (SIDE, SIDE, 3), dtype=numpy.uint8)
        body = pixels.tobytes()
        head = b"BM" + (54 + len(body)).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little")
        head += (40).to_bytes(4, "little") + SIDE.to_bytes(4, "little") * 2
        head += (1).to_bytes(2, "little") + (24).to_bytes(2, "little") + bytes(4)
        head += len(body).to_bytes(4, "little") + bytes(16)
        (where / f"{i:04d}.bmp").write_bytes(head + body)


def write_tables(folder):
    random_numbers = numpy.random.RandomState(SEED + 1)
    paths = sorted(p.relative_to(folder / "photos") for p in (folder / "photos").rglob("*.bmp"))
    lines = ["path,brand,weather"]
    names = ["path"]
    for i, path in enumerate(paths):
        lines.append(f"{path},{'ab'[i % 2]},{random_numbers.rand():.6f}")
        names.append(str(path))
    (folder / "weather.csv").write_text("\n".join(lines) + "\n")
    (folder / "names.csv").write_text("\n".join(names) + "\n")
    raw = random_numbers.rand(len(paths), len(CLASSES)).astype(numpy.float32)
    numpy.save(folder / "net.npy", raw / raw.sum(axis=1, keepdims=True))


class Campaign:
    def __init__(self, assay, folder):
        self.assay = assay
        self.folder = folder
        self.project = folder / "pets.assay"

    def commands(self):
        project = str(self.project)
        return {
            "create": ["create", project, "--images", "photos", "--threads", "2"],
            "add predictions": ["add", "predictions", project, "names.csv", "--probabilities", "net.npy",
                                "--model", "net"],
            "add metrics": ["add", "metrics", project, "weather.csv"],
            "measure": ["measure", project, "--again"],
        }

    def run(self, arguments):
        return subprocess.run([self.assay, *arguments], cwd=self.folder, capture_output=True, text=True,
                              timeout=120)

    def must(self, arguments):
        done = self.run(arguments)
        if done.returncode != 0:
            raise AssertionError(f"assay {' '.join(arguments)}: {done.returncode}: {done.stderr}")
        return done.stdout

    def dump(self):
        parts = [self.must(["sql", str(self.project), query, "--csv"]) for query in TABLES]
        for matrix in sorted((self.project / "probabilities").glob("*.npy")):
            parts.append(f"{numpy.load(matrix).tobytes().hex()}\n")
        return parts

    def kill_at(self, arguments, seconds):
        """True when the command was killed before it had ended."""
        process = subprocess.Popen([self.assay, *arguments], cwd=self.folder, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        return process.wait() == -signal.SIGKILL

    def check_opens(self):
        if self.project.exists():
            self.must(["metrics", str(self.project)])
            self.must(["sql", str(self.project), "SELECT count(*) FROM samples"])

    def undisturbed(self, names):
        """The dump after the commands, and how long each takes."""
        took = {}
        for name in names:
            begun = time.monotonic()
            self.must(self.commands()[name])
            took[name] = time.monotonic() - begun
        return self.dump(), took


def campaign_of(assay, moments):
    """The given moments in a folder of their own; how often each command was killed."""
    killed = {}
    with tempfile.TemporaryDirectory(prefix="assay-kill-") as name:
        folder = pathlib.Path(name)
        write_images(folder / "photos")
        write_tables(folder)
        campaign = Campaign(assay, folder)
        names = list(campaign.commands())
        wanted, took = campaign.undisturbed(names)
        for moment in moments:
            victim = names[moment % len(names)]
            at = random.Random(SEED * 1000 + moment).uniform(0.0, 1.05 * took[victim])
            hit = disturb(campaign, names, victim, at)
            killed[victim] = killed.get(victim, 0) + hit
            found = campaign.dump()
            if found != wanted:
                differs = [i for i, (a, b) in enumerate(zip(found, wanted)) if a != b]
                raise AssertionError(f"moment {moment}: {victim} killed after {at:.4f} s: "
                                     f"what is left differs in parts {differs}")
            left = [path.name for path in folder.glob("*.new-*")]
            if left:
                raise AssertionError(f"moment {moment}: {victim} left {left}")
    return killed


def disturb(campaign, names, victim, seconds):
    """All commands from the beginning, one of them killed and given again."""
    if campaign.project.exists():
        shutil.rmtree(campaign.project)
    before, after = names[: names.index(victim)], names[names.index(victim):]
    for name in before:
        campaign.must(campaign.commands()[name])
    hit = campaign.kill_at(campaign.commands()[victim], seconds)
    campaign.check_opens()
    for name in after:
        campaign.must(campaign.commands()[name])
    return hit


def main():
    assay = str(pathlib.Path(sys.argv[1]).resolve())
    moments = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    killed = {}
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        parts = [range(part, moments, WORKERS) for part in range(WORKERS)]
        for counts in pool.map(lambda part: campaign_of(assay, part), parts):
            for victim, count in counts.items():
                killed[victim] = killed.get(victim, 0) + count
    for victim, count in killed.items():
        print(f"{victim}: killed {count} times of {moments // len(killed)}")
        if count < moments // len(killed) // 4:
            raise AssertionError(f"{victim} was killed too seldom to say anything")
    print(f"{moments} passed, 0 failed")


if __name__ == "__main__":
    main()
