#!/bin/sh
# Evaluate the two classifiers of this folder on Fashion-MNIST's 10,000 test images. `make demo`
# builds the program and sees to the labels' package first.
set -eu
cd "$(dirname "$0")/../.."

labels_idx=/usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz
here=examples/fashion-mnist
made=build/demo/fashion-mnist
assay=build/assay

# An IDX file of labels is 8 bytes of header, then one byte a label.
mkdir -p "$made"
{
    echo label
    gunzip -c "$labels_idx" | tail -c +9 | od -An -v -w1 -tu1 | tr -d ' '
} >"$made/labels.csv"

evaluate() {
    "$assay" evaluate "$made/labels.csv" --probabilities "$here/$1.npy" --classes "$here/classes.txt" \
        --model "$2"
}

echo "Two classifiers, 10,000 images, 10 classes. First the stronger one, in full:"
echo
evaluate cnn "small convolutional network"
echo
echo "Now the weaker one, its scores only:"
echo
evaluate logistic "logistic regression" >"$made/logistic.txt"
awk '/^ *Classes/ { exit } { print }' "$made/logistic.txt"

cat <<END

What to type next:

    $assay evaluate $made/labels.csv --probabilities $here/cnn.npy --classes $here/classes.txt --json
                                              the same numbers for a program
    $assay evaluate YOUR.csv                  your own table: columns label, prediction, confidence
    $assay evaluate YOUR.csv --where "brightness < 0.2"
                                              only the samples you ask for
    $assay evaluate --help                    everything else
END
