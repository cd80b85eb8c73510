#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#include <stdint.h>

/* Every maximum in one place, with its reason. */

/* Codes are 16 bits wide, so that ten million rows of label and prediction fit the cache's
 * bandwidth; 0xFFFF says "missing". */
enum { CLASSES_MOST = 65534 };

/* A dense matrix of this many classes is 64 MiB of 32-bit counts; above it the matrix is kept
 * sparse. */
enum { CLASSES_DENSE_MOST = 4096 };

/* Row indices are 32 bits with one bit to spare for the sort's flag. */
#define ROWS_MOST ((uint64_t)INT32_MAX)

/* Columns of a table: wide tables are probability tables, one column a class. */
enum { COLUMNS_MOST = CLASSES_MOST + 1000 };

/* A class or attribute value is something that a person reads. */
enum { NAME_BYTES_MOST = 1024 };

/* Distinct values of one text column that are kept as an attribute; a column with more is an
 * identifier. */
enum { ATTRIBUTE_VALUES_MOST = 100000 };

/* One line of a text table: room for 65,534 probabilities of 24 characters. */
#define LINE_BYTES_MOST ((uint64_t)4 << 20)

/* A condition is typed by a person; a longer one is a mistake or an attack. */
enum { CONDITION_BYTES_MOST = 16384 };

/* Time and memory for a user's condition. */
enum { CONDITION_SECONDS_MOST = 30, CONDITION_MEMORY_MIB = 512 };

/* How long a condition may be deaf to its interruption, and the address space that it may add, in a
 * program that may end itself for it. */
enum { CONDITION_GRACE_SECONDS = 3, CONDITION_ADDRESS_MIB = 2048 };

/* The same in a program that answers others beside it, where a condition has a process of its own:
 * how long one may be deaf until it is killed, and how many there are at once. A person waits for
 * each, and each may have that memory. */
enum { CONDITION_KILL_SECONDS = 1, CONDITIONS_AT_ONCE = 2 };

/* A query over a project may join and sort tables: longer than a condition, and with more time
 * until its next rows come. */
enum { QUERY_BYTES_MOST = 65536, QUERY_SECONDS_MOST = 300 };

/* What a table of a query's answer holds before it is drawn; more is for CSV and JSON, which
 * stream. */
enum { ANSWER_ROWS_SHOWN = 1000 };
#define ANSWER_BYTES_MOST ((uint64_t)64 << 20)

/* A report for people or programs; 1000 classes with all curves take about 10 MB. */
#define REPORT_BYTES_MOST ((uint64_t)1 << 31)

/* Points of a curve that are printed; more than that no screen shows. */
enum { CURVE_POINTS_MOST = 500 };

/* Bins of a performance curve. */
enum { BINS_LEAST = 5, BINS_DEFAULT = 50, BINS_MOST = 200 };

/* Replicates of the bootstrap: beyond this the percentiles no longer move. */
enum { BOOTSTRAP_MOST = 100000 };

/* Places of all samples' top-k lists, each list as long as the longest: 10 bytes each, so that one
 * long list among many short ones ends in words before it ends in all of a machine's memory. */
#define LIST_PLACES_MOST ((uint64_t)1 << 30)

/* Images. Eight bits of three channels of the largest image take 300 MB; beyond it is a panorama or
 * a bomb, and no classifier saw it whole. */
#define IMAGE_PIXELS_MOST ((uint64_t)100000000)

/* The widest and highest that JPEG itself can be. */
enum { IMAGE_SIDE_MOST = 65535 };

/* An image above this is decoded while no other so large is: two at once would take what a small
 * machine has. */
#define IMAGE_PIXELS_LARGE ((uint64_t)16000000)

/* One image file, which is read whole. */
#define IMAGE_FILE_BYTES_MOST ((uint64_t)1 << 30)

/* A gzip IDX file is inflated whole into memory; the largest of the MNIST family holds 547 MB. */
#define IDX_INFLATED_BYTES_MOST ((uint64_t)2 << 30)

/* A labels.json is parsed whole, at some ten times its size; a million labels take 60 MB. */
#define LABELS_JSON_BYTES_MOST ((uint64_t)256 << 20)

/* Encoded images that are held at once for decoding: a thousand of a megabyte. */
#define PREFETCH_BYTES_MOST ((uint64_t)1 << 30)

/* Pictures that were shown, in a project's folder: a hundred thousand small ones, or what a person
 * looks at in a week; and the largest of them. */
#define PICTURES_BYTES_MOST ((uint64_t)512 << 20)
#define PICTURE_BYTES_MOST ((size_t)4 << 20)

/* A file that the browser saves is made in memory; whoever wants more has the command. */
#define EXPORT_BYTES_MOST ((size_t)512 << 20)

/* Files that hold many images, in one list; the largest public data sets are cut into some 5,000.
 */
enum { CONTAINERS_MOST = 65536 };

/* The workbench's server. An address holds a filter as JSON: some hundred names of classes. */
enum { ADDRESS_BYTES_MOST = 48 * 1024 };

/* Pairs of similar samples that are grouped at once, 16 bytes each. */
#define SIMILAR_PAIRS_MOST ((size_t)16 << 20)

/* A request's body; those that name samples one by one hold a million numbers. All bodies that are
 * held at once. */
#define BODY_BYTES_MOST ((size_t)1 << 20)
#define BODY_BYTES_LARGE ((size_t)16 << 20)
#define BODIES_BYTES_MOST ((size_t)256 << 20)

/* A file that a browser sends: the probabilities of a million samples over a thousand classes. It
 * comes in pieces, so that a request stays small and none is lost with a connection; as many as a
 * person adds at once, and those that she left lie no longer than she may want to go on. */
#define UPLOAD_BYTES_MOST ((uint64_t)8 << 30)
#define UPLOAD_PIECE_BYTES_MOST ((size_t)4 << 20)
enum { UPLOAD_NAME_BYTES_MOST = 200, UPLOADS_MOST = 4, UPLOAD_IDLE_SECONDS = 3600 };

/* One word of a job's command; the system takes 128 KiB. */
enum { JOB_ARGUMENT_BYTES_MOST = 100000 };

/* Connections at once: a browser opens six, a stalled one counts until it is dropped. */
enum { CONNECTIONS_MOST = 1100 };

/* Seconds within which a request must be whole, and within which its turn must come. A reply may
 * take the first of these and what the slowest reader that is waited for needs. */
enum { REQUEST_SECONDS_MOST = 10, TURN_SECONDS_MOST = 60, READER_BYTES_LEAST = 32 * 1024 };

/* Seconds from the end of a request to its answer, after which a computation is given up: nobody
 * looks at a page that long. And how long one may go on when the server ends. */
enum { ANSWER_SECONDS_MOST = 120, FINISH_SECONDS_MOST = 2 };

/* Requests that wait for a thread, and streams of events. */
enum { REQUESTS_WAITING_MOST = 256, STREAMS_MOST = 16 };

/* What a command that runs as a job may say, of which the end is kept; jobs that are remembered. */
enum { JOB_WORDS_BYTES_MOST = 4096, JOBS_KEPT_MOST = 16 };

/* All of them in a reply. Of their words the worst that JSON makes is two bytes of one, for they
 * hold no control character but newlines; the rest of a job is its file's name, which may hold none
 * either, what it does, six bytes of one, and numbers. */
enum {
    JOB_REST_BYTES_MOST = 2 * UPLOAD_NAME_BYTES_MOST + 6 * 64 + 512,
    JOBS_BYTES_MOST = 256 + JOBS_KEPT_MOST * (2 * JOB_WORDS_BYTES_MOST + JOB_REST_BYTES_MOST)
};

/* Warnings that list folders or names one by one, before they only count. */
enum { LISTED_WARNINGS_MOST = 5 };

/* Bad rows that a message shows before it only counts. */
enum { BAD_ROWS_SHOWN = 5 };

#endif
