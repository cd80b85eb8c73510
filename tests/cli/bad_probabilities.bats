#!/usr/bin/env bats
# .npy files and probabilities that cannot be used.
load helper

labels() {
    printf '%s\n' label a b >labels.csv
}

# Two rows of float32: printf escapes of 0.25 0.75 1 0 1.2 and so on, little-endian.
QUARTER='\x00\x00\x80\x3e' THREE='\x00\x00\x40\x3f' ONE='\x00\x00\x80\x3f' ZERO='\x00\x00\x00\x00' MORE='\x9a\x99\x99\x3f' NAN='\x00\x00\xc0\x7f'

refuse_npy() {
    local wanted_status=$1 message=$2
    refuse "$wanted_status" "$message" evaluate labels.csv --probabilities p.npy --classes a,b
}

@test "good probabilities are read" {
    labels
    npy '<f4' '2, 2' "$ONE$ZERO$QUARTER$THREE" >p.npy
    assay evaluate labels.csv --probabilities p.npy --classes a,b --json
    expect_status 0
    [ "$(json_value accuracy/value)" = 1.0 ]
}

@test "a probability of 1.2" {
    labels
    npy '<f4' '2, 2' "$ONE$ZERO$MORE$ZERO" >p.npy
    refuse_npy 10 "p.npy: row 1: the probability of class 'a' is 1.2; expected 0 to 1 (--logits takes logits)"
}

@test "a probability that is not a number" {
    labels
    npy '<f4' '2, 2' "$NAN$ZERO$ONE$ZERO" >p.npy
    refuse_npy 10 "p.npy: row 0: the probability of class 'a' is nan; --allow-nan counts such rows as missing"
}

@test "probabilities that do not add up to 1" {
    labels
    npy '<f4' '2, 2' "$ONE$ZERO$QUARTER$ONE" >p.npy
    refuse_npy 10 "p.npy: row 1: the probabilities add up to 1.25; --allow-any-sum divides them, --logits takes their softmax"
    assay evaluate labels.csv --probabilities p.npy --classes a,b --allow-any-sum
    expect_status 0
}

@test "logits of what has no probabilities" {
    good_table
    refuse 2 "--logits: there is no probability of every class" evaluate good.csv --logits
}

@test "without --classes, names and columns are matched in the order of the names, and it is said" {
    labels
    npy '<f4' '2, 2' "$ONE$ZERO$QUARTER$THREE" >p.npy
    assay evaluate labels.csv --probabilities p.npy --json
    expect_status 0
    grep -q "p.npy: without --classes its columns are taken to be the classes in the order of their names" "$OUT"
    printf '%s\n' label 0 1 >labels.csv
    assay evaluate labels.csv --probabilities p.npy --json
    expect_status 0
    refute grep "without --classes" "$OUT"
}

@test "an array alone" {
    npy '<f4' '2, 2' "$ONE$ZERO$QUARTER$THREE" >p.npy
    refuse 2 "p.npy: is read as the labels, and nothing says what was predicted; name the other file with --predictions or --probabilities" \
        evaluate p.npy
}

@test "a file that is cut off" {
    labels
    npy '<f4' '2, 2' "$ONE$ZERO$ONE" >p.npy
    refuse_npy 10 "p.npy: is cut off: shape and type need 16 bytes of data, the file has 12"
}

@test "a header that lies about the shape" {
    labels
    npy '<f4' '999999999, 2' "$ONE$ZERO$ONE$ZERO" >p.npy
    refuse_npy 10 "p.npy: is cut off: shape and type need 7999999992 bytes of data, the file has 16"
    npy '<f4' '18446744073709551615, 18446744073709551615' "$ONE" >p.npy
    assay evaluate labels.csv --probabilities p.npy --classes a,b
    expect_status 10
}

@test "another number of rows than the table" {
    labels
    npy '<f4' '3, 2' "$ONE$ZERO$ONE$ZERO$ONE$ZERO" >p.npy
    refuse_npy 10 "p.npy: has 3 rows, and labels.csv 2"
}

@test "another number of classes than the list" {
    labels
    npy '<f4' '2, 3' "$ONE$ZERO$ZERO$ONE$ZERO$ZERO" >p.npy
    refuse_npy 10 "p.npy: has 3 columns, and there are 2 classes"
}

@test "Python objects are never read" {
    labels
    npy '|O' '2, 2' 'cposix\nsystem\n(S"touch hacked"\ntR.' >p.npy
    refuse_npy 10 "p.npy: holds Python objects, which are not read; save numbers: np.save(file, a.astype(np.float32)), or names: np.save(file, a.astype(str))"
}

@test "something else that is called .npy" {
    labels
    echo "this is no array" >p.npy
    refuse_npy 10 "p.npy: is not an .npy file"
    : >p.npy
    refuse_npy 10 "p.npy: is empty"
}

@test "probabilities in per cent" {
    printf '%s\n' id,label,prob_a,prob_b 1,a,97.5,2.5 2,b,40,60 >percent.csv
    refuse 10 "percent.csv: 2 rows have probabilities that cannot be used; expected 0 to 1 (divide what is in per cent by 100; --logits takes logits)
  row 1: the probability of class 'a' is 97.5
  row 2: the probability of class 'a' is 40" evaluate percent.csv
}
