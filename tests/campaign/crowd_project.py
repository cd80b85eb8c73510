"""Several processes at one project: readers while a command writes it, and two that want to write.

    crowd_project.py ASSAY
"""
import pathlib
import subprocess
import sys
import tempfile
import time

import kill_commands

READERS = [
    ["metrics", "pets.assay"],
    ["sql", "pets.assay", "SELECT count(*) FROM samples"],
    ["evaluate", "pets.assay"],
    ["find", "outliers", "pets.assay"],
]


def start(assay, folder, *arguments):
    return subprocess.Popen([assay, *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True)


def readers_and_a_writer(assay, folder, must):
    """Every reader succeeds while the project is measured again and again and models are replaced."""
    reads = 0
    begun = time.monotonic()
    while time.monotonic() - begun < 20.0:
        writers = [["measure", "pets.assay", "--again"],
                   ["add", "predictions", "pets.assay", "names.csv", "--probabilities", "net.npy", "--model", "net"]]
        writer = start(assay, folder, *writers[reads % 2])
        while writer.poll() is None:
            done = subprocess.run([assay, *READERS[reads % len(READERS)]], cwd=folder, capture_output=True, text=True,
                                  timeout=60)
            assert done.returncode == 0, (READERS[reads % len(READERS)], done.stderr)
            reads += 1
        out, err = writer.communicate()
        assert writer.returncode == 0, err
    assert reads > 40, f"only {reads} reads: they say nothing"
    print(f"{reads} reads beside a writer")


def second_writer_is_told_who_writes(assay, folder, must):
    holder = start(assay, folder, "measure", "pets.assay", "--again", "--threads", "1")
    messages = set()
    while holder.poll() is None:
        done = subprocess.run([assay, "tag", "pets.assay", "dark", "--where", "brightness < 0.5", "--wait", "0"],
                              cwd=folder, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            assert done.returncode == 12, done.stderr
            messages.add(done.stderr)
    wanted = f"assay: pets.assay: is being written by assay measure (process {holder.pid})\n"
    assert messages == {wanted}, messages
    assert holder.wait() == 0


def second_writer_waits(assay, folder, must):
    holder = start(assay, folder, "measure", "pets.assay", "--again", "--threads", "1")
    time.sleep(0.1)
    done = must("tag", "pets.assay", "bright", "--where", "brightness >= 0.5")
    assert "samples" in done, done
    assert holder.wait() == 0
    assert must("sql", "pets.assay", "SELECT count(*) FROM tags WHERE name = 'bright'", "--csv").endswith("1\n")


def main():
    assay = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory(prefix="assay-crowd-") as name:
        folder = pathlib.Path(name)
        kill_commands.write_images(folder / "photos")
        kill_commands.write_tables(folder)

        def must(*arguments):
            done = subprocess.run([assay, *arguments], cwd=folder, capture_output=True, text=True, timeout=120)
            assert done.returncode == 0, (arguments, done.stderr)
            return done.stdout

        must("create", "pets.assay", "--images", "photos")
        must("add", "predictions", "pets.assay", "names.csv", "--probabilities", "net.npy", "--model", "net")
        checks = [readers_and_a_writer, second_writer_is_told_who_writes, second_writer_waits]
        for check in checks:
            check(assay, folder, must)
    print(f"{len(checks)} passed, 0 failed")


if __name__ == "__main__":
    main()
