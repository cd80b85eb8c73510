#!/usr/bin/env bats
# --where, --classes-shown, --metric: choosing, and what a condition must not be able to do.
load helper

@test "a condition chooses samples" {
    good_table
    assay evaluate good.csv --where "split = 'test' AND brightness > 3" --json
    expect_status 0
    [ "$(json_value samples)" = 4 ]
}

@test "an unknown column names those there are" {
    good_table
    assay evaluate good.csv --where "colour = 'red'"
    expect_status 2
    [ ! -s "$OUT" ]
    grep -q "colour" "$ERR"
    for column in row label prediction correct confidence id brightness split; do
        grep -qw "$column" "$ERR" || { echo "$column is not listed"; say; return 1; }
    done
}

@test "a condition that no sample fulfils" {
    good_table
    refuse 10 "no sample of 10 fulfils the condition: brightness > 99" evaluate good.csv --where "brightness > 99"
}

@test "what is not one condition is refused and changes nothing" {
    good_table
    echo "secret" >secret.txt
    for condition in "1=1; DROP TABLE samples" "1=1; COPY (SELECT 1) TO 'made.csv'" "true) TO 'made.csv' --" "CREATE TABLE t(i int)" \
        "DELETE FROM samples" "ATTACH 'made.db'" "INSTALL httpfs" "LOAD httpfs" "SET enable_external_access=true" \
        "label =" "(label = 'a'" "label = 'a" "" "--" "/*"; do
        before=$(listing)
        assay evaluate good.csv --where "$condition"
        expect_status 2 || { echo "condition: $condition"; return 1; }
        [ ! -s "$OUT" ]
        [ "$before" = "$(listing)" ] || { echo "$condition changed the folder"; listing; return 1; }
    done
}

@test "a query is no condition" {
    good_table
    for query in "SELECT 1" "FROM range(1)" "VALUES (true)" "WITH t AS (SELECT 1) SELECT * FROM t"; do
        assay evaluate good.csv --where "$query"
        expect_status 2 || { echo "query: $query"; return 1; }
        [ ! -s "$OUT" ]
    done
}

@test "a condition reads no file" {
    good_table
    echo "secret" >secret.txt
    for condition in "(SELECT count(*) FROM read_csv('secret.txt')) > 0" "(SELECT content FROM read_text('secret.txt')) LIKE '%s%'" \
        "EXISTS (SELECT * FROM 'secret.txt')" "EXISTS (SELECT * FROM glob('*'))" "label IN (SELECT * FROM read_blob('/etc/passwd'))" \
        "getenv('HOME') LIKE '/%'" "(SELECT count(*) FROM duckdb_settings()) > 0 AND (SELECT count(*) FROM read_csv('secret.txt')) > 0"; do
        assay evaluate good.csv --where "$condition"
        expect_status 2 || { echo "condition: $condition"; return 1; }
        [ ! -s "$OUT" ]
        refute grep -q '^secret$' "$ERR"
    done
}

@test "a condition that never ends is ended" {
    good_table
    started=$SECONDS
    TIME_LIMIT=50 assay evaluate good.csv \
        --where "(SELECT count(*) FROM range(100000000000) a(i), range(1000000) b(j) WHERE (i * j) % 7 = 3) > brightness"
    expect_status 2 || expect_status 13
    [ ! -s "$OUT" ]
    [ $((SECONDS - started)) -lt 45 ]
}

@test "a condition that is too long" {
    good_table
    long=$(head -c 17000 /dev/zero | tr '\0' ' ')
    assay evaluate good.csv --where "1=1$long"
    expect_status 13
    grep -q 16384 "$ERR"
}

@test "an unknown class to show names those there are" {
    good_table
    refuse 2 "there is no class 'dog'; there are: a, b, c" evaluate good.csv --classes-shown a,dog
}

@test "names to show may hold commas, as those of ImageNet do" {
    printf '%s\n' label,prediction '"tench, Tinca tinca","tench, Tinca tinca"' 'tench,goldfish' 'goldfish,goldfish' >t.csv
    assay evaluate t.csv --classes-shown "goldfish, tench, Tinca tinca" --json
    expect_status 0
    [ "$(json_value shown)" = '["goldfish", "tench, Tinca tinca"]' ]
    assay evaluate t.csv --classes-shown tench,goldfish --json
    expect_status 0
    [ "$(json_value shown)" = '["goldfish", "tench"]' ]
    refuse 2 "there is no class 'Tinca tinca'; there are: goldfish, tench, tench, Tinca tinca" evaluate t.csv --classes-shown "goldfish,Tinca tinca"
    refuse 2 "there is no class ''; there are: goldfish, tench, tench, Tinca tinca" evaluate t.csv --classes-shown goldfish,
}

@test "an unknown metric names those there are" {
    good_table
    refuse 2 "there is no metric 'sharpness'; there are: brightness, confidence" evaluate good.csv --metric sharpness
}

@test "only the metrics asked for, in that order" {
    good_table
    assay evaluate good.csv --metric confidence,brightness --json
    expect_status 0
    [ "$(json_value metrics/0/name)" = '"confidence"' ]
    assay evaluate good.csv --metric brightness --json
    expect_status 0
    [ "$(json_value metrics/0/name)" = '"brightness"' ]
    refute json_value metrics/1/name
}

@test "a condition that makes one huge text is refused before it takes the machine's memory" {
    good_table
    refuse 13 "--where: needs more than 512 MiB of memory" evaluate good.csv --where "length(repeat('x', 2000000000)) > 1"
}
