#ifndef CLI_OPTION_TABLE_H
#define CLI_OPTION_TABLE_H

#include "cli/arguments.h"

/* The rows of a command's table of options, one a kind. */

#define OPT_HEADING(words)                                                                         \
    {                                                                                              \
        .name = NULL, .help = words                                                                \
    }
#define OPT_TEXT(option, target_, argument_, help_)                                                \
    {                                                                                              \
        .name = option, .kind = OPTION_TEXT, .target = (target_), .argument = (argument_),         \
        .help = (help_)                                                                            \
    }
#define OPT_LETTER(letter_, option, target_, argument_, help_)                                     \
    {                                                                                              \
        .name = option, .kind = OPTION_TEXT, .target = (target_), .argument = (argument_),         \
        .help = (help_), .letter = (letter_)                                                       \
    }
#define OPT_FLAG(option, target_, help_)                                                           \
    {                                                                                              \
        .name = option, .kind = OPTION_FLAG, .target = (target_), .help = (help_)                  \
    }
#define OPT_COUNT(option, target_, low_, high_, help_)                                             \
    {                                                                                              \
        .name = option, .kind = OPTION_COUNT, .target = (target_), .argument = "N",                \
        .help = (help_), .low = (low_), .high = (high_)                                            \
    }
#define OPT_CHOICE(option, target_, choices_, argument_, help_)                                    \
    {                                                                                              \
        .name = option, .kind = OPTION_CHOICE, .target = (target_), .argument = (argument_),       \
        .help = (help_), .choices = (choices_)                                                     \
    }

#endif
