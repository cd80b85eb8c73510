"""Kill the program at seeded moments while it changes a project, and see that nothing is lost.

After each kill the project is as it was before or after, it can be read, and the same command again gives what an
undisturbed run gives. Also: tags that are written beside a command, where either is killed; readers beside a writer, a
second writer, and a disk that is full after so many bytes."""

import argparse
import contextlib
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import tiny_project as tiny

HERE = pathlib.Path(__file__).resolve().parent
IMAGES = 450
PROJECT = "p.assay"

# The commands in their order; each is disturbed at the state that those before it left.
STEPS = [
    ["create", PROJECT, "--images", "photos", "--predictions", "resnet.csv"],
    ["add", "predictions", PROJECT, "names.csv", "--probabilities", "vit.npy", "--model", "vit"],
    ["add", "labels", PROJECT, "labels.csv"],
    ["add", "predictions", PROJECT, "names.csv", "--probabilities", "vit2.npy", "--model", "vit", "--classes", "owl,dog,cat"],
    ["add", "metrics", PROJECT, "weather.csv"],
    ["tag", PROJECT, "dark", "--where", "brightness < 0.5", "--model", "vit"],
    ["measure", PROJECT, "--again"],
    ["embed", PROJECT, "--again"],
]

# What embedding brings, in one transaction, to the dump: all of these rows or none.
DESCRIBED = re.compile(r'embeddings,|files,visual: |metrics,"?.*\b(uniqueness|annotation_quality|diversity|embedding_outlier)\b|'
                       r'attributes,"?.*\bneighbours_label\b')


class Step:
    """A command, the state before it (None: no project), what it leaves, and how long it takes."""

    def __init__(self, words, before, after, seconds):
        self.words, self.before, self.after, self.seconds = words, before, after, seconds


def fail(message):
    raise AssertionError(message)


def make_data(folder):
    rng = tiny.seeded("images")
    golden = str(HERE.parent / "images")
    paths = tiny.make_images(os.path.join(folder, "photos"), golden, IMAGES, rng)
    tiny.make_tables(folder, paths, rng)


def prepare(program, folder):
    """Runs the commands undisturbed and keeps every state between them."""
    steps, before = [], None
    for i, words in enumerate(STEPS):
        begun = time.monotonic()
        done = tiny.run(program, *words, folder=folder)
        seconds = time.monotonic() - begun
        if done.returncode:
            fail(f"{' '.join(words)}: {done.stderr}")
        state, left = tiny.dump(program, PROJECT, folder)
        if left:
            fail(f"{' '.join(words)}: left behind {left}")
        kept = os.path.join(folder, f"state-{i}")
        shutil.copytree(os.path.join(folder, PROJECT), kept)
        steps.append(Step(words, before, (kept, state), seconds))
        before = (kept, state)
    return steps


def lay_out(folder, data, step):
    """A folder with the data and the project as it is before the step."""
    os.makedirs(folder)
    for name in os.listdir(data):
        if name.endswith((".csv", ".npy")) or name == "photos":
            os.symlink(os.path.join(data, name), os.path.join(folder, name))
    if step.before:
        shutil.copytree(step.before[0], os.path.join(folder, PROJECT))


def parts_of(state):
    """A dump's measures, what embedding brings, and all else."""
    parts = {"measures": set(), "described": set(), "others": []}
    for line in state.splitlines():
        if line.startswith("measures,"):
            parts["measures"].add(line)
        elif DESCRIBED.match(line):
            parts["described"].add(line)
        else:
            parts["others"].append(line)
    return parts


def is_on_the_way(step, state):
    """Measures may be there or not, each as before or as after; the description is as before, or as after it, or none yet
    where the project is new."""
    there, after = parts_of(state), parts_of(step.after[1])
    before = parts_of(step.before[1]) if step.before else {"measures": set(), "described": set()}
    return (step.words[0] in ("create", "measure", "embed") and there["others"] == after["others"]
            and there["measures"] <= before["measures"] | after["measures"]
            and there["described"] in (before["described"], after["described"]))


def check_state(program, folder, step, what):
    """The project is as it was before the step or as it is after it, or on its way to its measures and description."""
    if not os.path.exists(os.path.join(folder, PROJECT)):
        if step.before:
            fail(f"{what}: the project is gone")
        return "none"
    shown = tiny.run(program, "metrics", PROJECT, "--model", "resnet", folder=folder)
    if shown.returncode:
        fail(f"{what}: assay metrics: {shown.stderr}")
    state, _ = without_tags(tiny.dump(program, PROJECT, folder)[0])
    if state == step.after[1]:
        return "after"
    if step.before and state == step.before[1]:
        return "before"
    if not is_on_the_way(step, state):
        fail(f"{what}: the project is neither as before nor as after")
    return "measured" if parts_of(state)["measures"] == parts_of(step.after[1])["measures"] else "between"


def go_on(program, folder, step, state, what):
    """The same command again, or embed where a new project lacks nothing else, gives what an undisturbed run gives."""
    words = ["embed", PROJECT] if step.words[0] == "create" and state in ("between", "measured") else step.words
    done = tiny.run(program, *words, folder=folder)
    if done.returncode:
        fail(f"{what}: {words[0]} again: exit status {done.returncode}: {done.stderr}")
    if state == "measured" and words[0] == "embed" and "nothing to measure" not in done.stdout:
        fail(f"{what}: embed measures again: {done.stdout}")
    state, left = tiny.dump(program, PROJECT, folder)
    if without_tags(state)[0] != step.after[1]:
        fail(f"{what}: going on gives something else than an undisturbed run")
    beside = [name for name in os.listdir(folder) if name.startswith(PROJECT) and name != PROJECT]
    if left or beside:
        fail(f"{what}: left behind {left + beside}")


def kill_once(program, data, work, step, moment, what):
    folder = os.path.join(work, what.replace(" ", "-"))
    lay_out(folder, data, step)
    child = subprocess.Popen([program, *step.words], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    time.sleep(moment)
    child.send_signal(signal.SIGKILL)
    killed = child.wait() == -signal.SIGKILL
    what = f"{what}: {' '.join(step.words[:2])} killed after {moment:.3f} s"
    state = check_state(program, folder, step, what)
    go_on(program, folder, step, state, what)
    shutil.rmtree(folder)
    return killed, state


def without_tags(state):
    """A dump without the tags that were made beside a command, and those: the samples of each."""
    lines, tags = [], {}
    for line in state.splitlines(keepends=True):
        found = re.match(r"""tags,"\{'name': (beside \d+), 'sample': (\d+)\}"\n""", line)
        if found:
            tags.setdefault(found[1], set()).add(int(found[2]))
        else:
            lines.append(line)
    return "".join(lines), tags


class Tagger(threading.Thread):
    """Tags the first 1, 2, 3 … samples, one tag after the other, until it is told to stop or is killed."""

    def __init__(self, program, folder):
        super().__init__()
        self.program, self.folder = program, folder
        self.acknowledged, self.begun, self.failed = [], 0, None
        self.stopping, self.child = False, None

    def run(self):
        while not self.stopping:
            number = self.begun = self.begun + 1
            self.child = start(self.program, "tag", PROJECT, f"beside {number}", "--where", f"row <= {number}", folder=self.folder)
            _, err = self.child.communicate()
            if self.child.returncode == 0:
                self.acknowledged.append(number)
            elif self.child.returncode != -signal.SIGKILL:
                self.failed = f"exit status {self.child.returncode}: {err}"
                return
            else:
                return

    def kill(self):
        self.stopping = True
        if self.child:
            with contextlib.suppress(ProcessLookupError):
                self.child.send_signal(signal.SIGKILL)


def check_tags(tagger, tags, what):
    """All that was acknowledged, whole; of what was killed all or nothing."""
    if tagger.failed:
        fail(f"{what}: assay tag beside it: {tagger.failed}")
    for name, samples in tags.items():
        number = int(name.split()[1])
        if samples != set(range(number)) or number > tagger.begun:
            fail(f"{what}: the tag '{name}' has {sorted(samples)}")
    lost = [number for number in tagger.acknowledged if f"beside {number}" not in tags]
    if lost or len(tags) > len(tagger.acknowledged) + 1:
        fail(f"{what}: tags that were written and are gone: {lost}; {len(tags)} of {len(tagger.acknowledged)}")


def tag_beside(program, data, work, step, moment, whom, what):
    """A command and tags beside it. At the moment the command is killed, or what tags, or both. How many tags there are."""
    folder = os.path.join(work, what.replace(" ", "-"))
    lay_out(folder, data, step)
    child = start(program, *step.words, folder=folder)
    tagger = Tagger(program, folder)
    tagger.start()
    time.sleep(moment)
    if whom != "tags":
        child.send_signal(signal.SIGKILL)
    if whom != "command":
        tagger.kill()
    _, err = child.communicate()
    tagger.stopping = True
    tagger.join()
    what = f"{what}: {' '.join(step.words[:2])} with tags beside it, {whom} killed after {moment:.3f} s"
    if child.returncode not in (0, -signal.SIGKILL):
        fail(f"{what}: exit status {child.returncode}: {err}")
    state = check_state(program, folder, step, what)
    check_tags(tagger, without_tags(tiny.dump(program, PROJECT, folder)[0])[1], what)
    go_on(program, folder, step, state, what)
    check_tags(tagger, without_tags(tiny.dump(program, PROJECT, folder)[0])[1], what)
    shutil.rmtree(folder)
    return len(tagger.acknowledged)


def tag_often(program, data, work, steps, count, seed):
    """Of each command that takes a while; a command that was not killed has not failed either."""
    rng = tiny.seeded(f"{seed} beside")
    long_ones = [step for step in steps if step.before and step.words[0] in ("add", "measure", "embed")]
    plan = []
    for i in range(count):
        step = long_ones[i % len(long_ones)]
        whom = rng.choice(["command", "tags", "both"])
        plan.append((step, rng.uniform(0.1, 1.5 * step.seconds + 0.4), whom, f"beside {i}"))
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda p: tag_beside(program, data, work, *p), plan))
    print(f"{count} commands with tags beside them, either killed: {sum(done)} tags, none lost")
    if sum(done) < count // 4:
        fail("there were hardly any tags beside the commands")


def embed_later(program, data, work, step):
    """Measured and not described, a new project is whole: embed brings what create brings at once."""
    folder = os.path.join(work, "later")
    lay_out(folder, data, step)
    done = tiny.run(program, *step.words, "--no-embed", folder=folder)
    if done.returncode:
        fail(f"create --no-embed: {done.stderr}")
    go_on(program, folder, step, "between", "create --no-embed")
    shutil.rmtree(folder)


def kill_often(program, data, work, steps, count, seed):
    """Moments spread over each command, more of them over what takes longer, but of each its share."""
    rng = tiny.seeded(seed)
    plan = []
    for i in range(count):
        step = steps[i % len(steps)]
        plan.append((step, rng.uniform(0.002, 1.05 * step.seconds), f"kill {i}"))
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda p: kill_once(program, data, work, p[0], p[1], p[2]), plan))
    states = {name: sum(state == name for _, state in done) for name in ("none", "before", "between", "measured", "after")}
    killed = sum(was for was, _ in done)
    print(f"{count} kills, {killed} while it ran; the project was then {states}")
    # The moments are from a run that may have been on a busier machine.
    if killed < count // 4:
        fail("most of the kills came after the end")


def long_data(data, count):
    """Noise that takes its time: one big picture under many names."""
    rng = tiny.seeded("noise")
    os.makedirs(os.path.join(data, "big"))
    picture = tiny.png(600, 400, lambda x, y: rng.randbytes(3))
    first = os.path.join(data, "picture")
    with open(first, "wb") as out:
        out.write(picture)
    for i in range(count):
        os.link(first, os.path.join(data, "big", f"{i:04}.png"))


def start(program, *words, folder):
    return subprocess.Popen([program, *words], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


def count_measured(program, folder):
    got = tiny.run(program, "sql", "big.assay", "SELECT count(*) FROM measures", "--csv", folder=folder)
    return int(got.stdout.splitlines()[1]) if got.returncode == 0 else fail(f"assay sql: {got.stderr}")


def measure_long(program, data, count):
    """A measure that keeps its rows several times: killed it goes on, and others read and wait meanwhile."""
    long_data(data, count)
    made = tiny.run(program, "create", "big.assay", "--images", "big", "--no-measure", folder=data)
    if made.returncode:
        fail(f"create: {made.stderr}")
    child = start(program, "measure", "big.assay", "--threads", "1", folder=data)
    begun, reads, shown_by = time.monotonic(), 0, 0
    while child.poll() is None and shown_by == 0:
        for words in (["metrics", "big.assay"], ["sql", "big.assay", "SELECT count(*) FROM samples"]):
            got = tiny.run(program, *words, folder=data)
            if got.returncode:
                fail(f"{' '.join(words)} beside measure: {got.stderr}")
            reads += 1
        shown_by = count_measured(program, data)
    refused = tiny.run(program, "measure", "big.assay", "--wait", "0", folder=data)
    wanted = f"assay: big.assay: is being written by assay measure (process {child.pid})\n"
    if child.poll() is None and (refused.returncode != 12 or refused.stderr != wanted):
        fail(f"a second writer: {refused.returncode}: {refused.stderr}")
    child.kill()
    child.wait()
    kept = count_measured(program, data)
    again = start(program, "measure", "big.assay", folder=data)
    tags = 0
    while again.poll() is None or tags == 0:
        tagged = tiny.run(program, "tag", "big.assay", f"x {tags}", "--where", "true", folder=data)
        if tagged.returncode:
            fail(f"assay tag beside measure: {tagged.stderr}")
        tags += 1
    waited = tiny.run(program, "measure", "big.assay", "--wait", "600", folder=data)
    out, err = again.communicate()
    kept_tags = tiny.run(program, "sql", "big.assay", "SELECT count(*) FROM tag_samples", "--csv", folder=data).stdout.split()[1]
    if again.returncode or waited.returncode or count_measured(program, data) != count:
        fail(f"going on: {out}{err}{waited.stderr}")
    if int(kept_tags) != tags * count:
        fail(f"{tags} tags were written beside measure, and of their {tags * count} samples {kept_tags} are there")
    if kept < count and f"measured {count - kept:,} image" not in out:
        fail(f"{kept} of {count} were kept, but: {out}")
    print(f"a long measure: killed with {kept} of {count} kept, {reads} reads and {tags} tags beside it, "
          f"{time.monotonic() - begun:.0f} s")


def limited(program, words, folder, most):
    return tiny.run(program, *words, folder=folder,
                    preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)))


def fill_once(program, data, work, step, most, what):
    folder = os.path.join(work, what.replace(" ", "-"))
    lay_out(folder, data, step)
    done = limited(program, step.words, folder, most)
    what = f"{what}: {' '.join(step.words[:2])} with files of at most {most} bytes"
    if done.returncode not in (0, 14) or (done.returncode == 14) != bool(done.stderr):
        fail(f"{what}: exit status {done.returncode}: {done.stderr}")
    state = check_state(program, folder, step, what)
    if done.returncode == 0 and state != "after":
        fail(f"{what}: success, but the project is '{state}'")
    go_on(program, folder, step, state, what)
    shutil.rmtree(folder)
    return done.returncode, done.stderr


def fill_disk(program, data, work, steps):
    plan = []
    for i, step in enumerate(steps):
        largest = os.path.getsize(os.path.join(step.after[0], "project.duckdb"))
        for k, most in enumerate((0, 1000, 4000, 13000, 40000, 130000, largest // 2)):
            plan.append((step, most, f"full {i} {k}"))
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda p: fill_once(program, data, work, *p), plan))
    print(f"{len(plan)} full disks, {sum(code == 14 for code, _ in done)} of them refused; for example:")
    for message in sorted({text.strip() for _, text in done if text}):
        print("   ", message)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", default="assay")
    parser.add_argument("--only", choices=["kills", "beside", "long", "disk"])
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    work = tempfile.mkdtemp(prefix="assay-kills-")
    data = os.path.join(work, "data")
    os.makedirs(data)
    failure = []
    try:
        make_data(data)
        steps = prepare(program, data)
        embed_later(program, data, work, steps[0])
        if options.only in (None, "kills"):
            kill_often(program, data, work, steps, options.kills, options.seed)
        if options.only in (None, "beside"):
            tag_often(program, data, work, steps, options.kills // 4, options.seed)
        if options.only in (None, "disk"):
            fill_disk(program, data, work, steps)
        if options.only in (None, "long"):
            measure_long(program, data, 4000)
    except AssertionError as error:
        failure.append(str(error))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    for message in failure:
        print(f"FAILED: {message}")
    return 1 if failure else 0


if __name__ == "__main__":
    sys.exit(main())
