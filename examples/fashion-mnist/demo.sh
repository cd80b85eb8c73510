#!/bin/sh
# Make a project of Fashion-MNIST's 10,000 test images, and evaluate the two classifiers of this
# folder on it. `make demo` builds the program and sees to the images' package first.
set -eu
cd "$(dirname "$0")/../.."

images=/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz
here=examples/fashion-mnist
project=build/demo/fashion-mnist.assay
assay=build/assay

# What is typed, and then what it says.
run() {
    printf '$ %s' "$assay"
    for word; do
        case $word in
            *[!A-Za-z0-9/._,-]*) printf " '%s'" "$word" ;;
            *) printf ' %s' "$word" ;;
        esac
    done
    echo
    "$assay" "$@"
    echo
}

# The sections of a report that begin with one of these headings.
sections() {
    awk -v wanted="$1" '
        /^ [A-Z][A-Za-z ]* (─|--)/ { shown = match($0, "^ (" wanted ") ") }
        shown { print }'
}

[ -e "$images" ] || {
    echo "demo: there is no $images; Debian's package dataset-fashion-mnist brings it" >&2
    exit 1
}
mkdir -p build/demo
rm -rf "$project"

echo "10,000 images of clothes are listed, measured and compared; they stay in the file where they are."
echo
run create "$project" --images "$images" --classes "$here/classes.txt"

echo "What two classifiers said to each of them, a row of probabilities an image, in their order:"
echo
run add predictions "$project" --probabilities "$here/cnn.npy" --rows-in-order --model cnn
run add predictions "$project" --probabilities "$here/logistic.npy" --rows-in-order --model logistic

echo "The stronger one, a small convolutional network, in full:"
echo
run evaluate "$project" --model cnn

echo "The weaker one, a logistic regression: its scores, and what goes with its errors. Margin,"
echo "confidence and entropy are the model's own doubt; the others are of the images and of what"
echo "looks like them."
echo
"$assay" evaluate "$project" --model logistic | sections "Scores|Metrics|Performance by metric"

echo "Is the data to blame? Labels that the stronger classifier's probabilities contradict, and pictures"
echo "that are nearly the same, whatever their labels:"
echo
run find label-errors "$project" --model cnn --limit 10
run find duplicates "$project" --strength 0.99 --limit 10 --model cnn

cat <<END

What to type next:

  the workbench: all of this in the browser, and the images behind every number
    $assay serve $project --open
    $assay report $project --model cnn -o build/demo/report.html

  how the images' measures lie, and the images that stand out
    $assay metrics $project
    $assay find outliers $project --metric brightness,contrast

  what looks most like image 17, and whether what is like it has its label
    $assay find similar $project 17 --limit 10
    $assay metrics $project --metric annotation_quality,uniqueness

  only the bright images; the confusions as a table
    $assay evaluate $project --model cnn --where "brightness > 0.4"
    $assay sql $project --model cnn 'SELECT label, prediction, count(*) AS n
      FROM samples WHERE NOT correct GROUP BY ALL ORDER BY n DESC LIMIT 10'

  the same numbers for a program
    $assay evaluate $project --model cnn --json

  your own photos, in a folder a class, and your model's predictions (columns: path, prediction)
    $assay create pets.assay --images photos/ --predictions predictions.csv
    $assay evaluate pets.assay

  your own table without the images, with the columns label, prediction and confidence
    $assay evaluate predictions.csv

  everything else
    $assay --help
END
