#!/usr/bin/env bats
# assay sql: statements over the samples and the project's own tables, which only read.
load helper

@test "every example of its help" {
    good_project
    assay sql pets.assay 'DESCRIBE samples'
    expect_status 0
    grep -q brightness "$OUT"
    assay sql pets.assay 'SELECT label, count(*), avg(brightness) FROM samples GROUP BY label'
    expect_status 0
    assay sql pets.assay 'SELECT path FROM samples WHERE NOT correct' --csv
    expect_out path cat/b.jpg dog/e.jpg
    assay sql pets.assay 'SELECT name, added, source FROM models' --json
    [ "$(json_value 0/name)" = '"resnet"' ]
    [ "$(json_value 0/source)" = '"resnet.csv"' ]
}

@test "the project's own tables" {
    good_project
    assay sql pets.assay 'SHOW TABLES' --csv
    expect_out name attribute_values attributes classes containers embeddings images label_decisions labels measures metric_values metrics models \
        predictions project samples tag_samples tags
    assay sql pets.assay 'SELECT class, name FROM classes ORDER BY class' --csv
    expect_out class,name 0,cat 1,dog
    assay sql pets.assay 'SELECT s.path, i.sample, s.label FROM samples s JOIN images i USING (path) ORDER BY 1 LIMIT 1' --csv
    expect_out path,sample,label cat/a.png,0,cat
    assay sql pets.assay 'SELECT count(*) AS n FROM images' --json
    [ "$(json_value 0/n)" = 6 ]
    assay sql pets.assay "SELECT count(*) AS n FROM images" --limit 0 --csv
    expect_out n 6
}

@test "the project's own tables need no model to be chosen" {
    good_project
    cp resnet.csv vit.csv
    "$ASSAY" add predictions pets.assay vit.csv >/dev/null
    assay sql pets.assay 'SELECT count(*) AS n FROM predictions' --csv
    expect_out n 12
    assay sql pets.assay 'SELECT 1 AS n' --csv
    expect_out n 1
    for sql in 'FROM samples' 'SELECT count(prediction) FROM samples' 'SELECT label FROM samples WHERE NOT correct' \
        'SELECT margin FROM samples' 'SELECT path FROM samples WHERE self_confidence < 0.5' \
        'SELECT i.sample FROM images i JOIN samples s USING (path) ORDER BY s.confidence'; do
        refuse 2 "pets.assay: has 2 models; choose one with --model: resnet, vit" sql pets.assay "$sql"
    done
    refuse 2 'sql: Referenced column "nope" not found in FROM clause! (with --model also the columns of one of: resnet, vit)' \
        sql pets.assay 'SELECT nope FROM samples'
    assay sql pets.assay 'SELECT label, count(*) AS n FROM samples WHERE brightness >= 0 GROUP BY label ORDER BY label' --csv
    expect_out label,n cat,3 dog,2
    assay sql pets.assay 'SELECT count(*) AS n FROM samples' --csv
    expect_out n 6
    assay sql pets.assay 'SELECT count(*) AS n FROM samples JOIN images USING (path)' --csv
    expect_out n 6
    assay sql pets.assay "SELECT column_name FROM (DESCRIBE samples) WHERE column_name IN ('prediction', 'correct')" --csv
    expect_out column_name prediction correct
    refuse 2 "pets.assay: there is no model 'vgg'; there are: resnet, vit" sql pets.assay 'FROM images' --model vgg
}

@test "nothing is written, read or reached" {
    good_project
    only="sql: only reads: SELECT, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN"
    for sql in "DELETE FROM images" "CREATE TEMP TABLE x AS SELECT * FROM labels" "SET threads = 4" "ATTACH 'y.db'" \
        "UPDATE project SET revision = 0" "DROP TABLE images" "INSERT INTO tags VALUES (1, 'x')" "CHECKPOINT" \
        "PRAGMA enable_profiling" "BEGIN" "DELETE FROM samples" $'\n insert\tINTO images VALUES (1)'; do
        refuse 2 "$only" sql pets.assay "$sql"
    done
    for sql in "COPY labels TO 'x.csv'" "SELECT * FROM read_csv('resnet.csv'), images" "FROM 'resnet.csv'" \
        "SELECT * FROM read_text('/etc/passwd'), samples" "FROM glob('*')" "EXPLAIN ANALYZE DELETE FROM images" \
        "WITH x AS (DELETE FROM images RETURNING *) SELECT * FROM x" "FROM images; FROM labels" "SELECT (" "" "SELECT ?" \
        "LOAD httpfs" "FROM nowhere"; do
        before=$(listing)
        assay sql pets.assay "$sql"
        expect_status 2 || { echo "statement: $sql"; return 1; }
        [ ! -s "$OUT" ] || { echo "statement: $sql"; say; return 1; }
        [ "$before" = "$(listing)" ] || { echo "statement: $sql"; return 1; }
    done
}

@test "wrong use" {
    good_project
    refuse 2 "sql needs a project and a statement: assay sql pets.assay 'SELECT count(*) FROM samples' (--help says more)" sql pets.assay
    refuse 2 "sql takes a project and one statement in quotes; 'b' is one too many" sql pets.assay a b
    refuse 2 "use one of --csv and --json" sql pets.assay 'SELECT 1' --csv --json
    refuse 11 "nope.assay: there is no such project" sql nope.assay 'SELECT 1'
    refuse 11 "nope.assay: there is no such project" sql nope.assay 'FROM images'
    refuse 10 "photos: is not a project of assay (assay create makes one)" sql photos 'SELECT 1'
    refuse 2 "sql: there are 2 statements; one at a time is run" sql pets.assay "FROM images; FROM labels"
    refuse 2 "sql: has a parameter, for which there is no value" sql pets.assay 'SELECT ?'
}
