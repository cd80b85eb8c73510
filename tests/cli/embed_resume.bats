#!/usr/bin/env bats
# A comparison of more than 100,000 samples, interrupted.
load helper

# Four bytes an image, and four numbers of noise that describe each.
many_eyes() {
    /usr/bin/python3 - <<'END'
import numpy, struct
count = 100001
with open("tiny-images-idx3-ubyte", "wb") as out:
    out.write(struct.pack(">IIII", 0x803, count, 2, 2) + bytes(4 * count))
numpy.save("eyes.npy", numpy.random.RandomState(1).randn(count, 4).astype("float32"))
END
    "$ASSAY" create one.assay --images tiny-images-idx3-ubyte --no-measure >/dev/null 2>&1 </dev/null
    cp -r one.assay two.assay
}

# interrupt SIGNAL: while it compares, which it has said.
interrupt() {
    local child code=0
    : >"$ERR"
    "$ASSAY" embed two.assay --from eyes.npy --rows-in-order >"$OUT" 2>"$ERR" </dev/null &
    child=$!
    for _ in $(seq 2400); do
        grep -q 'takes about' "$ERR" && break
        sleep 0.05
    done
    kill "-$1" "$child"
    wait "$child" || code=$?
    status=$code
    expect_status 16
    [ ! -s "$OUT" ]
    grep -q '^assay: interrupted after [0-9]* % of the comparison; what is done is kept, and the same command goes on from there$' "$ERR"
    [ "$(ls two.assay/embeddings)" = eyes.search ]
}

@test "it goes on where it was, to the same bits" {
    many_eyes
    TIME_LIMIT=300
    # What is none is told, and done anew.
    printf 'rubbish' >one.assay/embeddings/eyes.search
    assay embed one.assay --from eyes.npy --rows-in-order
    expect_status 0
    grep -q '^assay: eyes: comparing anew: the stored search for neighbours has 7 bytes, this one takes 46401752$' "$ERR"
    grep -q '^assay: eyes: comparing 100,001 samples with each other takes about .* more; interrupted, the same command goes on from there$' "$ERR"
    interrupt INT
    # A command that writes leaves it alone.
    assay tag two.assay all --where true
    expect_status 0
    interrupt TERM
    grep -q '^assay: eyes: going on with a comparison that was interrupted, [0-9]* % done$' "$ERR"
    assay embed two.assay --from eyes.npy --rows-in-order
    expect_status 0
    grep -q '^assay: eyes: going on with a comparison that was interrupted, [0-9]* % done$' "$ERR"
    [ "$(ls two.assay/embeddings | tr '\n' ' ')" = "eyes.distances.npy eyes.neighbours.npy eyes.npy " ]
    for kind in '' .neighbours .distances; do
        cmp "one.assay/embeddings/eyes$kind.npy" "two.assay/embeddings/eyes$kind.npy"
    done
}
