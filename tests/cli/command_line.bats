#!/usr/bin/env bats
# The command line: commands, options, help, and what is said of each mistake.
load helper

@test "the version is one line" {
    assay --version
    expect_status 0
    grep -Eqx 'assay [0-9]+\.[0-9]+\.[0-9]+' "$OUT"
    [ "$(wc -l <"$OUT")" -eq 1 ]
    [ ! -s "$ERR" ]
}

@test "help lists the commands on stdout" {
    for word in --help -h help; do
        assay "$word"
        expect_status 0
        grep -q '^  evaluate ' "$OUT"
        grep -q '^Usage: assay COMMAND' "$OUT"
        [ ! -s "$ERR" ]
    done
}

@test "help with a command is that command's help" {
    assay help evaluate
    expect_status 0
    cp "$OUT" ../wanted
    assay evaluate --help
    cmp ../wanted "$OUT"
    refuse 2 "there is no command 'evalute'; did you mean evaluate?" help evalute
}

@test "without arguments the help is shown and the status says wrong usage" {
    assay
    expect_status 2
    grep -q '^Usage: assay COMMAND' "$OUT"
}

@test "the help of evaluate lists every option" {
    assay evaluate --help
    expect_status 0
    [ ! -s "$ERR" ]
    for option in label prediction confidence id probabilities logits predictions classes format model allow-duplicates \
        allow-unknown-classes allow-nan allow-any-sum where classes-shown group metric confidence-level exact bootstrap bins \
        equal-width importance seed threads json colour; do
        grep -Eq "^  --$option( |\$)" "$OUT" || { echo "--$option is not there"; return 1; }
    done
    listed=$(grep -Ec '^  --' "$OUT")
    [ "$listed" -eq 28 ] || { echo "$listed options are listed"; return 1; }
    [ "$(wc -L <"$OUT")" -le 100 ]
}

@test "help is given wherever the word stands" {
    assay evaluate x.csv --help
    expect_status 0
    grep -q '^Usage: assay evaluate FILE' "$OUT"
}

@test "an unknown command names the near one" {
    refuse 2 "there is no command 'evalute'; did you mean evaluate?" evalute x.csv
}

@test "an unknown command without a near one points to the help" {
    refuse 2 "there is no command 'frobnicate'; assay --help lists them" frobnicate
    refuse 2 "'x.csv' is no command; to evaluate a file: assay evaluate FILE" x.csv
}

@test "an unknown option names the near one" {
    refuse 2 "there is no option --lable; did you mean --label?" evaluate x.csv --lable truth
    refuse 2 "there is no option --bin; did you mean --bins?" evaluate x.csv --bin=7
}

@test "an unknown option without a near one points to the help" {
    refuse 2 "there is no option --frobnicate; --help lists them" evaluate x.csv --frobnicate
    refuse 2 "there is no option -x; --help lists them" evaluate x.csv -x
}

@test "a missing value is named with what it should be" {
    refuse 2 "--label needs a value: COLUMN" evaluate x.csv --label
    refuse 2 "--bins needs a value: N" evaluate x.csv --bins
}

@test "an empty value is refused" {
    refuse 2 "--label is empty; expected COLUMN" evaluate x.csv --label ''
    refuse 2 "--where is empty; expected CONDITION" evaluate x.csv --where=
}

@test "a flag takes no value" {
    refuse 2 "--json takes no value" evaluate x.csv --json=yes
}

@test "numbers out of range or of another form are refused with the range" {
    for bins in 4 201 -1 7.5 ten '' 0x10 ' 7' 99999999999999999999; do
        refuse 2 "--bins is '$bins'; use a whole number from 5 to 200" evaluate x.csv "--bins=$bins"
    done
    for threads in 0 257 -3; do
        refuse 2 "--threads is '$threads'; use a whole number from 1 to 256" evaluate x.csv "--threads=$threads"
    done
    for level in 0.49 1 95 nan inf much; do
        refuse 2 "--confidence-level is '$level'; use a number from 0.5 to 0.9999" evaluate x.csv "--confidence-level=$level"
    done
    refuse 2 "--bootstrap is '100001'; use a whole number from 0 to 100000" evaluate x.csv --bootstrap 100001
}

@test "a choice that is none is refused with the choices" {
    refuse 2 "--importance is 'best'; use one of binned, nearest" evaluate x.csv --importance best
    refuse 2 "--colour is 'pink'; use one of auto, always, never" evaluate x.csv --colour pink
    refuse 2 "--format is 'xlsx'; use one of csv, tsv, json, jsonl, parquet" evaluate x.csv --format xlsx
}

@test "no file, and two files, are refused" {
    refuse 2 "evaluate needs a file: assay evaluate predictions.csv (--help says more)" evaluate
    refuse 2 "evaluate takes one file; 'b.csv' is one too many" evaluate a.csv b.csv
}

@test "a value that begins with a dash is a value" {
    good_table
    refuse 2 "there is no metric '-brightness'; there are: brightness, confidence" evaluate good.csv --metric -brightness
}
