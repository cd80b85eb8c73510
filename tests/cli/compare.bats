#!/usr/bin/env bats
# assay compare and assay plan.
load helper

# pets.assay with a second model: it has cat/b right, which resnet has wrong, and dog/d wrong.
two_models() {
    good_project
    printf '%s\n' path,prediction,confidence cat/a.png,cat,0.8 cat/b.jpg,cat,0.7 cat/c.webp,cat,0.9 dog/d.png,cat,0.6 \
        dog/e.jpg,cat,0.55 dog/f.jpg,dog,0.9 >vit.csv
    "$ASSAY" add predictions pets.assay vit.csv >/dev/null
}

@test "two models: what is fixed and what is broken" {
    two_models
    assay compare pets.assay --a resnet --b vit
    expect_status 0
    grep -q '^  a right         3         1$' "$OUT"
    grep -q '^  a wrong         1         1$' "$OUT"
    grep -q '^  accuracy .* 0.6667  0.6667    0.0000' "$OUT"
    assay compare pets.assay --a resnet --b vit --json
    expect_status 0
    [ "$(json_value fixed) $(json_value broken) $(json_value p_value)" = "1 1 1.0" ]
    [ "$(json_value scores/0/name)" = '"accuracy"' ]
    [ "$(json_value p_method)" = '"mcnemar-mid-p"' ]
}

@test "compare: a model's own numbers are those of its evaluation" {
    two_models
    assay compare pets.assay --a resnet --b vit --json
    expect_status 0
    a=$(json_value scores/0/a)
    b=$(json_value scores/0/b)
    [ "$(json_value left_out)" = 0 ]
    assay evaluate pets.assay --model resnet --json
    [ "$(json_value accuracy)" = "$a" ]
    assay evaluate pets.assay --model vit --json
    [ "$(json_value accuracy)" = "$b" ]
}

@test "compare: the condition chooses samples, and speaks of the first model's predictions" {
    two_models
    assay compare pets.assay --a resnet --b vit --where "label = 'cat'" --json
    expect_status 0
    [ "$(json_value samples) $(json_value per_class/0/class)" = '3 "cat"' ]
    assay compare pets.assay --a resnet --b vit --where "NOT correct" --json
    expect_status 0
    [ "$(json_value samples) $(json_value fixed) $(json_value both_wrong)" = '2 1 1' ]
    assay compare pets.assay --a vit --b resnet --where "NOT correct" --json
    [ "$(json_value samples) $(json_value fixed) $(json_value both_wrong)" = '2 1 1' ]
}

@test "compare: samples that one model lacks are left out" {
    two_models
    printf '%s\n' path,prediction cat/a.png,cat cat/b.jpg,dog >half.csv
    "$ASSAY" add predictions pets.assay half.csv >/dev/null
    assay compare pets.assay --a half --b vit
    expect_status 0
    grep -q 'Two models .* 2 samples, 4 left out$' "$OUT"
    assay compare pets.assay --a vit --b half --exact --confidence-level 0.9 --json
    expect_status 0
    [ "$(json_value samples) $(json_value broken) $(json_value p_method)" = '2 1 "mcnemar-exact"' ]
    [ "$(json_value confidence_level)" = 0.9 ]
}

@test "compare: no difference between numbers of threads" {
    two_models
    assay compare pets.assay --a resnet --b vit --threads 1 --json
    cp "$OUT" one.json
    assay compare pets.assay --a resnet --b vit --threads 7 --json
    cmp one.json "$OUT"
}

@test "every example of compare's help" {
    two_models
    printf '%s\n' path,split cat/a.png,train cat/b.jpg,test dog/d.png,test >split.csv
    "$ASSAY" add metrics pets.assay split.csv >/dev/null
    assay compare --help
    expect_status 0
    grep '^  assay compare' "$OUT" | sed "s|^  assay|$ASSAY|" >examples.sh
    [ "$(wc -l <examples.sh)" = 3 ]
    bash -e examples.sh >/dev/null
}

@test "compare: wrong use" {
    two_models
    refuse 2 "compare needs a project: assay compare pets.assay --a resnet --b vit (--help says more)" compare
    refuse 2 "compare takes one project; 'b' is one too many" compare a b
    refuse 2 "two models are needed: --a and --b name them" compare pets.assay
    refuse 2 "two models are needed: --a and --b name them" compare pets.assay --a resnet
    refuse 2 "--a and --b are both 'vit'" compare pets.assay --a vit --b vit
    refuse 2 "pets.assay: there is no model 'vgg'; there are: resnet, vit" compare pets.assay --a vit --b vgg
    refuse 11 "nope.assay: there is no such project" compare nope.assay --a vit --b resnet
    refuse 10 "no sample of 6 fulfils the condition: brightness > 7" compare pets.assay --a vit --b resnet --where "brightness > 7"
    refuse 2 "--where: syntax error at end of input" compare pets.assay --a vit --b resnet --where "brightness >"
}

@test "a plan says which class is known least, and how many labels it lacks" {
    good_project
    assay plan pets.assay
    expect_status 0
    grep -q '^  model         resnet$' "$OUT"
    grep -q '^  cat           3  0.6667  \[0.2077, 0.9385\]\*     ±0.3654         370$' "$OUT"
    assay plan pets.assay --half-width 0.4 --json
    expect_status 0
    [ "$(json_value more) $(json_value classes/0/class) $(json_value classes/0/more)" = '0 "cat" 0' ]
    assay plan pets.assay --where "label = 'cat'" --json
    expect_status 0
    [ "$(json_value classes/1/class) $(json_value classes/1/half_width) $(json_value classes/1/more)" = '"dog" null 381' ]
}

@test "every example of plan's help" {
    good_project
    assay plan --help
    expect_status 0
    grep '^  assay plan' "$OUT" | sed "s|^  assay|$ASSAY|" >examples.sh
    [ "$(wc -l <examples.sh)" = 3 ]
    printf '%s\n' path,split cat/a.png,train cat/b.jpg,test dog/d.png,test >split.csv
    "$ASSAY" add metrics pets.assay split.csv >/dev/null
    sed -i 's/--model vit/--model resnet/' examples.sh
    bash -e examples.sh >/dev/null
}

@test "plan: wrong use" {
    two_models
    refuse 2 "plan needs a project: assay plan pets.assay (--help says more)" plan
    refuse 2 "plan takes one project; 'b' is one too many" plan a b
    refuse 2 "pets.assay: has 2 models; choose one with --model: resnet, vit" plan pets.assay
    refuse 2 "--half-width is '0.7'; use a number from 0.001 to 0.5" plan pets.assay --model vit --half-width 0.7
    "$ASSAY" create bare.assay --images photos >/dev/null 2>&1
    refuse 10 "bare.assay: has no predictions yet; assay add predictions bare.assay TABLE brings some" plan bare.assay
}
