#!/usr/bin/env bats
# The helpers notice what they are there to notice.
load helper

@test "another status, another message, output and changed folders are noticed" {
    ASSAY="$BATS_TEST_TMPDIR/program"
    printf '#!/bin/sh\necho "assay: no" >&2\n[ "$1" = touch ] && : >made\n[ "$1" = print ] && echo out\nexit 2\n' >"$ASSAY"
    chmod +x "$ASSAY"
    refuse 2 no
    for wrong in "3 no" "2 yes" "2 no touch" "2 no print"; do
        if refuse $wrong >/dev/null; then
            echo "not noticed: $wrong"
            return 1
        fi
    done
    if refute true >/dev/null; then return 1; fi
    refute false
}
