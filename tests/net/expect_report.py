"""Run a program with a planted fault; succeed when it fails and reports that fault.

    expect_report.py TEXT PROGRAM
"""
import os
import subprocess
import sys

text, program = sys.argv[1:]
environment = dict(os.environ, CMOCKA_MESSAGE_OUTPUT="TAP")
run = subprocess.run([program], capture_output=True, text=True, env=environment, check=False)
if run.returncode == 0:
    sys.exit(f"{program} has a planted fault and succeeded")
if text not in run.stdout + run.stderr:
    sys.exit(f"{program} failed without saying {text!r}:\n{run.stdout}{run.stderr}")
