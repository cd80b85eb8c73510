#!/usr/bin/env bats
# assay find label-errors: by probabilities, by what images look like, and which of the two it was.
load helper

# Sixty BMP pictures of stripes with a little noise: cats lie, dogs stand. cat/07.bmp stands.
stripes() {
    /usr/bin/python3 - <<'END'
import pathlib
state = 7
for i in range(60):
    folder = pathlib.Path("photos") / ("cat" if i < 30 else "dog")
    folder.mkdir(parents=True, exist_ok=True)
    rows = bytearray()
    for y in range(24):
        for x in range(24):
            state = (state * 1103515245 + 12345) % 2**31
            across = (x if i >= 30 or i == 7 else y) // 4 % 2
            rows += bytes([60 + 120 * across + (state >> 16) % 60]) * 3
    head = b"BM" + (54 + len(rows)).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little")
    head += (40).to_bytes(4, "little") + (24).to_bytes(4, "little") * 2 + b"\1\0\30\0" + bytes(24)
    (folder / f"{i:02d}.bmp").write_bytes(head + rows)
END
}

# The project of them, without models.
striped_project() {
    stripes
    "$ASSAY" create pets.assay --images photos "$@" >/dev/null 2>&1 </dev/null
}

# Probabilities of a model called $1 that doubts the picture $2 (its place) and no other.
add_model() {
    /usr/bin/python3 - "$1" "$2" <<'END'
import sys
import numpy
p = numpy.full((60, 2), .2)
p[:30, 0] = p[30:, 1] = .8
p[int(sys.argv[2])] = p[int(sys.argv[2]), ::-1]
numpy.save(sys.argv[1] + ".npy", p)
END
    "$ASSAY" add predictions pets.assay --probabilities "$1.npy" --rows-in-order --model "$1" >/dev/null
}

@test "without a model what images look like decides, and it says so" {
    striped_project
    assay find label-errors pets.assay
    expect_status 0
    grep -q '^  cat/07.bmp  cat    1.000  dog ' "$OUT" || { say; return 1; }
    grep -q '^ Ranked by embedding .* visual$' "$OUT"
    grep -q '^  1 of 60 labels are contradicted by both the ten most similar images' "$OUT"
    grep -q 'These are suspects by visual similarity: layout, edges and colours, not what a' "$OUT"
    assay find label-errors pets.assay --json
    [ "$(json_value found)" = 1 ]
    [ "$(json_value basis)" = '"embedding"' ]
    [ "$(json_value order)" = '"rank_sum"' ]
    [ "$(json_value embedding)" = '"visual"' ]
    [ "$(json_value model)" = null ]
    [ "$(json_value labels)" = 60 ]
    [ "$(json_value samples/0/score)" = 1 ]
    [ "$(json_value samples/0/suggested)" = '"dog"' ]
    [ "$(json_value samples/0/neighbours_label)" = '"dog"' ]
    refute json_value health
    assay find label-errors pets.assay --csv
    [ "$(head -n 1 "$OUT")" = id,path,label,score,suggested,annotation_quality,neighbours_label,fitted_margin,basis ]
    sed -n 2p "$OUT" | grep -q '^cat/07.bmp,cat/07.bmp,cat,1,dog,0,dog,.*,embedding$'
    assay find label-errors pets.assay --paths
    expect_out cat/07.bmp
    assay find label-errors pets.assay --where "label = 'dog'" --paths
    expect_status 0
    [ ! -s "$OUT" ]
}

@test "probabilities come first, and both can be asked for" {
    striped_project
    add_model cnn 40
    assay find label-errors pets.assay --paths
    expect_out dog/40.bmp
    assay find label-errors pets.assay --json
    [ "$(json_value basis)" = '"probabilities"' ]
    [ "$(json_value order)" = '"normalised_margin"' ]
    [ "$(json_value embedding)" = null ]
    assay find label-errors pets.assay --csv
    [ "$(head -n 1 "$OUT")" = id,path,label,score,suggested,normalised_margin,self_confidence,annotation_quality,neighbours_label,basis ]
    sed -n 2p "$OUT" | grep -q ',probabilities$'
    assay find label-errors pets.assay --order self_confidence --json
    [ "$(json_value order)" = '"self_confidence"' ]
    [ "$(json_value samples/0/score)" = 0.2 ]
    assay find label-errors pets.assay --from embedding --csv
    [ "$(head -n 1 "$OUT")" = id,path,label,score,suggested,annotation_quality,neighbours_label,fitted_margin,normalised_margin,self_confidence,basis ]
    grep -q '^cat/07.bmp,.*,0.8,0.8,embedding$' "$OUT"
    assay find label-errors pets.assay --embedding visual --paths
    expect_out cat/07.bmp
    assay find label-errors pets.assay --from probabilities --paths
    expect_out dog/40.bmp
}

@test "of several models one may be named, and none need be" {
    striped_project
    add_model cnn 40
    add_model vit 50
    assay find label-errors pets.assay
    expect_status 0
    grep -q '^  cat/07.bmp ' "$OUT"
    grep -q -- "--model: cnn, vit" "$OUT"
    assay find label-errors pets.assay --model vit --paths
    expect_out dog/50.bmp
    refuse 2 "label errors are found by a model's probabilities; choose one with --model: cnn, vit" find label-errors pets.assay --from probabilities
    refuse 2 "label errors are found by a model's probabilities; choose one with --model: cnn, vit" find label-errors pets.assay --order self_confidence
}

@test "what is missing is said with the command that brings it" {
    striped_project --no-embed
    refuse 10 "pets.assay: there is nothing to judge labels by yet: no model's probabilities (assay add predictions brings them), and what the images look like is not known (assay embed pets.assay finds out)" find label-errors pets.assay
    refuse 10 "pets.assay: what its images look like is not known yet; assay embed pets.assay finds out" find label-errors pets.assay --from embedding
    refuse 10 "label errors are found by a model's probabilities, and the project has no predictions yet; assay add predictions brings some" find label-errors pets.assay --from probabilities
    refuse 2 "pets.assay: has no embedding 'clip'" find label-errors pets.assay --embedding clip
    add_model cnn 40
    assay find label-errors pets.assay --paths
    expect_out dog/40.bmp
}

@test "damaged neighbours are not believed" {
    striped_project
    printf 'x' | dd of=pets.assay/embeddings/visual.neighbours.npy bs=1 seek=200 conv=notrunc 2>/dev/null
    refuse 10 "pets.assay/embeddings/visual.neighbours.npy: is damaged: it is not what assay wrote (assay embed makes it again)" find label-errors pets.assay
}

@test "wrong use" {
    striped_project
    refuse 2 "--from and --order belong to find label-errors" find outliers pets.assay --from embedding
    refuse 2 "--order is among probabilities; an embedding has one order" find label-errors pets.assay --from embedding --order self_confidence
    refuse 2 "--embedding and probabilities contradict" find label-errors pets.assay --from probabilities --embedding visual
    refuse 2 "--embedding and probabilities contradict" find label-errors pets.assay --order self_confidence --embedding visual
    assay find label-errors pets.assay --from looks
    expect_status 2
}
