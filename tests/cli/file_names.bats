#!/usr/bin/env bats
# Files are called anything: no name is a pattern, an address, an option or SQL.
load helper

reads() {
    good_table "$1"
    assay evaluate "${2:-$1}" --json
    expect_status 0 || { printf 'name: %q\n' "$1"; return 1; }
    [ "$(json_value samples)" = 10 ]
}

@test "names with spaces and quotes" {
    reads "my predictions.csv"
    reads "it's.csv"
    reads 'say "hi".csv'
    reads 'a;b.csv'
    reads '$HOME.csv'
    reads 'back\slash.csv'
}

@test "a name with a newline" {
    reads $'two\nlines.csv'
}

@test "names that are patterns elsewhere" {
    good_table other.csv
    reads '*.csv'
    reads 'data[1].csv'
    reads 'what?.csv'
    reads '{a,b}.csv'
    rm -f -- '*.csv'
    refuse 11 "*.csv: there is no such file" evaluate '*.csv'
}

@test "names that are addresses elsewhere" {
    reads 's3:x.csv'
    mkdir -p s3:/bucket https:/example.org
    reads 's3:/bucket/x.csv' 's3://bucket/x.csv'
    reads 'https:/example.org/x.csv' 'https://example.org/x.csv'
    refuse 11 "s3://nowhere/x.csv: there is no such file" evaluate s3://nowhere/x.csv
}

@test "a name with a leading dash, after --" {
    good_table ./-x.csv
    assay evaluate --json -- -x.csv
    expect_status 0
    [ "$(json_value samples)" = 10 ]
    reads ./-y.csv
}

@test "names that are not ASCII" {
    reads 'vorhersägen-猫.csv'
}

@test "a name without an ending is recognised by its content, or by --format" {
    good_table predictions
    assay evaluate predictions --format csv --json
    expect_status 0
    [ "$(json_value samples)" = 10 ]
}

@test "class and column names hold quotes, commas and SQL" {
    printf '%s\n' '"the ""true"" label",pred,"it'"'"'s; DROP TABLE x",label' '"a,b",a;b,1.5,zz' "it's,\"a,b\",2.5,zz" 'a;b,a;b,3.5,zz' >t.csv
    assay evaluate t.csv --label 'the "true" label' --prediction pred --json
    expect_status 0
    [ "$(json_value samples)" = 3 ]
    [ "$(json_value classes)" = '["a,b", "a;b", "it'"'"'s"]' ]
}
