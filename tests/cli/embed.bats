#!/usr/bin/env bats
# assay embed, and what it makes possible: similar images, duplicates.
load helper

# Forty BMP pictures of noise in two classes; cat/03 is a copy of cat/01.
noise_photos() {
    /usr/bin/python3 - <<'END'
import pathlib
state = 7
for i in range(40):
    folder = pathlib.Path("photos") / ("cat" if i < 20 else "dog")
    folder.mkdir(parents=True, exist_ok=True)
    rows = bytearray()
    for y in range(24):
        for x in range(24):
            if (x // 6, y // 6) == (x / 6, y / 6):
                state = (state * 1103515245 + 12345) % 2**31
            rows += bytes(((state >> 16) + 16 * (x // 6)) % 256 for _ in range(3))
    head = b"BM" + (54 + len(rows)).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little")
    head += (40).to_bytes(4, "little") + (24).to_bytes(4, "little") * 2 + b"\1\0\30\0" + bytes(24)
    (folder / f"{i:02d}.bmp").write_bytes(head + rows)
END
    cp photos/cat/01.bmp photos/cat/03.bmp
}

noise_project() {
    noise_photos
    "$ASSAY" create pets.assay --images photos "$@" >/dev/null 2>&1 </dev/null
}

@test "every example of its help" {
    noise_project --no-embed
    assay embed pets.assay
    expect_status 0
    grep -q '^visual: 40 images in [0-9]* dimensions, described in ' "$OUT"
    assay embed pets.assay
    expect_status 0
    grep -qx 'visual: nothing has changed; 40 images are described already' "$OUT"
    /usr/bin/python3 -c "
import numpy
numpy.save('clip.npy', numpy.random.RandomState(1).randn(40, 8).astype('float32'))"
    (cd photos && ls cat/* dog/*) >paths.txt
    assay embed pets.assay --from clip.npy --ids paths.txt --name clip --default
    expect_status 0
    grep -q '^clip: 40 images in 8 dimensions' "$OUT"
    assay find similar pets.assay cat/01.bmp --embedding visual
    grep -qx '  Visual similarity: layout, edges and colours, not what a picture shows.' "$OUT"
    assay find similar pets.assay cat/01.bmp
    grep -qx '  Similarity as the vectors that you brought have it.' "$OUT"
    mv clip.npy dino.npy
    assay embed pets.assay --from dino.npy --rows-in-order
    expect_status 0
    grep -q 'it is not the default' "$OUT"
    [ "$(sql "SELECT name, is_default FROM embeddings ORDER BY name" | tr '\n' ' ')" = "clip,true dino,false visual,false " ]
}

@test "what neighbours say are metrics and attributes like any other" {
    noise_project
    [ "$(sql "SELECT count(uniqueness), count(annotation_quality), count(embedding_outlier), count(diversity) FROM samples")" = "40,40,40,40" ]
    [ "$(sql "SELECT uniqueness FROM samples WHERE path = 'cat/03.bmp'")" = 0.0 ]
    [ "$(sql "SELECT count(DISTINCT diversity) FROM samples")" = 40 ]
}

@test "labels that change change what neighbours say of them" {
    noise_project
    before=$(sql "SELECT annotation_quality FROM samples ORDER BY path")
    printf '%s\n' path,label cat/01.bmp,dog cat/03.bmp,dog >new.csv
    "$ASSAY" add labels pets.assay new.csv >/dev/null
    refute test "$before" = "$(sql "SELECT annotation_quality FROM samples ORDER BY path")"
}

@test "any number of threads describes the same" {
    noise_project --threads 1
    cp -r pets.assay/embeddings one
    assay embed pets.assay --again --threads 7
    expect_status 0
    for kind in '' .neighbours .distances; do
        cmp "one/visual$kind.npy" pets.assay/embeddings/visual$kind-2.npy
    done
}

@test "duplicates and similar images are found" {
    noise_project
    assay find duplicates pets.assay --json
    expect_status 0
    [ "$(json_value groups/0/kind)" = '"equal"' ]
    [ "$(json_value groups/0/samples/0)" = '"cat/01.bmp"' ]
    [ "$(json_value groups/0/samples/1)" = '"cat/03.bmp"' ]
    assay find duplicates pets.assay --equal --paths
    expect_out cat/01.bmp cat/03.bmp
    assay find similar pets.assay cat/01.bmp --limit 1 --paths
    expect_out cat/03.bmp
    assay find similar pets.assay photos/cat/01.bmp --limit 1 --paths
    expect_out cat/03.bmp
    assay find similar pets.assay 01.bmp --where "label = 'dog'" --limit 3 --csv
    expect_status 0
    [ "$(grep -c '^dog/' "$OUT")" = 3 ]
}

@test "what is not there is said, with the command that makes it" {
    noise_project --no-embed
    refuse 10 "pets.assay: what its images look like is not known yet; assay embed pets.assay finds out" \
        find similar pets.assay cat/01.bmp
    assay embed pets.assay
    refuse 2 "no sample is called 'cat/99.bmp'" find similar pets.assay cat/99.bmp
    cp photos/cat/01.bmp photos/dog/01.bmp
    "$ASSAY" create twice.assay --images photos >/dev/null 2>&1
    refuse 2 "more than one sample has the file name of '01.bmp'" find similar twice.assay 01.bmp
    refuse 2 "find similar needs a project and a sample: assay find similar pets.assay cat/0012.jpg" find similar pets.assay
    refuse 2 "embed needs a project: assay embed pets.assay" embed
    /usr/bin/python3 -c "
import numpy
numpy.save('few.npy', numpy.ones((3, 8), 'float32'))"
    refuse 2 "few.npy: nothing says which sample a row is of; give --ids, or --rows-in-order where they are the project's samples in their order" \
        embed pets.assay --from few.npy
    assay embed pets.assay --from few.npy --rows-in-order
    expect_status 10
    [ "$(cat "$ERR")" = "assay: few.npy: has 3 rows and the project 40 samples; rows in order need as many" ]
}

@test "a damaged file of neighbours is not believed" {
    noise_project
    printf 'x' | dd of=pets.assay/embeddings/visual.neighbours.npy bs=1 seek=200 conv=notrunc 2>/dev/null
    refuse 10 "pets.assay/embeddings/visual.neighbours.npy: is damaged: it is not what assay wrote (assay embed makes it again)" \
        find similar pets.assay cat/01.bmp
    assay embed pets.assay
    expect_status 0
    assay find similar pets.assay cat/01.bmp --limit 1 --paths
    expect_out cat/03.bmp
}

@test "a lost thumbnail is made again" {
    noise_project
    rm pets.assay/thumbnails.npy
    assay embed pets.assay
    expect_status 0
    grep -q '^measured 40 images' "$OUT"
    assay find duplicates pets.assay --paths
    expect_out cat/01.bmp cat/03.bmp
}
