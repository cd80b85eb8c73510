/* Arguments from bytes: words end at each zero byte. What is accepted must lie within the table's
 * limits. */
#include "cli/arguments.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BYTES_MOST = 4096, WORDS_MOST = 64 };

static const char *const kinds[] = {"red", "green", NULL};

static int split_words(char *bytes, size_t size, const char **argv)
{
    int count = 0;
    for (size_t i = 0; i < size && count < WORDS_MOST; i += strlen(bytes + i) + 1)
        argv[count++] = bytes + i;
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char bytes[BYTES_MOST + 1] = "";
    const char *argv[WORDS_MOST];
    size = size < BYTES_MOST ? size : BYTES_MOST;
    if (size)
        memcpy(bytes, data, size);
    bytes[size] = '\0';

    bool flag = false;
    const char *name = "unset";
    uint64_t count = 1;
    double real = 0.5;
    int kind = 0;
    const option_spec specs[] = {
        {.help = "Heading"},
        {.name = "flag", .kind = OPTION_FLAG, .target = &flag, .help = "a flag"},
        {.name = "name",
         .kind = OPTION_TEXT,
         .target = &name,
         .argument = "NAME",
         .help = "a name"},
        {.name = "count",
         .kind = OPTION_COUNT,
         .target = &count,
         .argument = "N",
         .help = "a count",
         .low = 1,
         .high = 10},
        {.name = "real",
         .kind = OPTION_REAL,
         .target = &real,
         .argument = "X",
         .help = "a real",
         .low = 0.5,
         .high = 0.75},
        {.name = "kind",
         .kind = OPTION_CHOICE,
         .target = &kind,
         .argument = "KIND",
         .help = "a kind",
         .choices = kinds},
    };
    option_words words;
    assay_err err = {0};
    const assay_code code = options_parse(specs, sizeof specs / sizeof *specs,
                                          split_words(bytes, size, argv), argv, &words, &err);
    const bool in_range = count >= 1 && count <= 10 && real >= 0.5 && real <= 0.75 && kind >= 0 &&
                          kind <= 1 && *name && words.count <= 8;
    const bool failure_has_words = code == ASSAY_OK || err.msg[0];
    if (!in_range || !failure_has_words)
        __builtin_trap();
    return 0;
}
