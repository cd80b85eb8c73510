"""The disk is full after so many bytes: a message, nothing lost, and it goes on when there is room.

    fill_disk.py ASSAY

A limit on the size of files stands for the disk: what would grow beyond it is refused by the system.
"""
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import tempfile

import kill_commands

LIMITS = [400, 2_000, 4_000, 8_000, 20_000, 60_000, 90_000]


def limited(limit):
    def apply():
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    return apply


def refused_in_words(done, arguments, limit):
    assert done.returncode == 14, (arguments, limit, done.returncode, done.stderr)
    assert done.stderr.startswith("assay: ") and done.stderr.count("\n") == 1, (arguments, limit, done.stderr)


def main():
    assay = str(pathlib.Path(sys.argv[1]).resolve())
    refused = {}
    passed = 0
    with tempfile.TemporaryDirectory(prefix="assay-full-") as name:
        folder = pathlib.Path(name)
        kill_commands.write_images(folder / "photos")
        kill_commands.write_tables(folder)
        campaign = kill_commands.Campaign(assay, folder)
        names = list(campaign.commands())
        wanted, _ = campaign.undisturbed(names)
        for limit in LIMITS:
            for victim in names:
                if campaign.project.exists():
                    shutil.rmtree(campaign.project)
                for name in names[: names.index(victim)]:
                    campaign.must(campaign.commands()[name])
                before = campaign.dump() if campaign.project.exists() else None
                arguments = campaign.commands()[victim]
                done = subprocess.run([assay, *arguments], cwd=folder, capture_output=True, text=True, timeout=120,
                                      preexec_fn=limited(limit))
                if done.returncode != 0:
                    refused_in_words(done, arguments, limit)
                    refused[victim] = refused.get(victim, 0) + 1
                    if before is not None and victim != "measure":
                        assert campaign.dump() == before, (arguments, limit, "it is not as it was")
                campaign.check_opens()
                for name in names[names.index(victim):]:
                    campaign.must(campaign.commands()[name])
                assert campaign.dump() == wanted, (arguments, limit, "what is left differs")
                passed += 1
    for victim in names:
        print(f"{victim}: refused {refused.get(victim, 0)} times of {len(LIMITS)}")
        assert refused.get(victim, 0) >= 2, f"{victim} met its limit too seldom to say anything"
    print(f"{passed} passed, 0 failed")


if __name__ == "__main__":
    main()
