/* The program: finds the command, prints help and version. */
#include "cli/command.h"

#include "base/json.h"
#include "cli/arguments.h"
#include "cli/terminal.h"
#include "linear/product.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const command commands[] = {
    {"evaluate", "every number that a file or project of predictions gives", command_evaluate},
    {"create", "a project: images, labels, predictions, measures", command_create},
    {"add", "predictions, labels or metrics to a project", command_add},
    {"measure", "what is missing of a project's measures", command_measure},
    {"embed", "what the images look like, and which look alike", command_embed},
    {"metrics", "how each metric of a project lies, with its outliers", command_metrics},
    {"compare", "two models on the same samples: is the second better", command_compare},
    {"find", "samples to look at: label errors, duplicates, outliers and others", command_find},
    {"plan", "what to label next", command_plan},
    {"tag", "a name for a set of samples", command_tag},
    {"serve", "the workbench: a project in the browser", command_serve},
    {"report", "what the workbench shows, as one file that opens anywhere", command_report},
    {"sql", "a query over a project, read only", command_sql},
    {"export", "samples, metrics or predictions of a project as a file", command_export},
};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static int print_help(void)
{
    text out;
    text_init(&out, 1 << 16);
    text_puts(&out, "assay tells what an image classifier is worth, where it fails, and what goes "
                    "with its errors.\n\n"
                    "Usage: assay COMMAND …\n\nCommands\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        text_printf(&out, "  %-12s%s\n", commands[i].name, commands[i].summary);
    text_puts(&out, "\nassay COMMAND --help says more. assay --version prints the version.\n"
                    "Exit status: 0 ok, 2 wrong usage, 10 and up a failure, one number a kind.\n");
    const int status = terminal_print(&out);
    text_clear(&out);
    return status;
}

static int print_version(void)
{
    text out;
    text_init(&out, 256);
    text_puts(&out, "assay " ASSAY_VERSION "\n");
    const int status = terminal_print(&out);
    text_clear(&out);
    return status;
}

static int refuse_command(const char *name)
{
    const char *names[COMMAND_COUNT];
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        names[i] = commands[i].name;
    const char *near = options_nearest(name, names, COMMAND_COUNT);
    assay_err err;
    if (near)
        assay_fail(&err, ASSAY_E_USAGE, "there is no command '%.100s'; did you mean %s?", name,
                   near);
    else if (strpbrk(name, "./"))
        assay_fail(&err, ASSAY_E_USAGE,
                   "'%.200s' is no command; to evaluate a file: assay evaluate FILE", name);
    else
        assay_fail(&err, ASSAY_E_USAGE, "there is no command '%.100s'; assay --help lists them",
                   name);
    return terminal_fail(&err);
}

static volatile sig_atomic_t lost_bytes_status;

/* An .npy file is mapped, and one that becomes shorter meanwhile has no other way to say so. Only
 * what a signal handler may call. */
static void end_at_lost_bytes(int number)
{
    (void)number;
    static const char message[] = "assay: a file became shorter while it was read\n";
    const ssize_t written = write(STDERR_FILENO, message, sizeof message - 1);
    (void)written;
    _exit(lost_bytes_status);
}

static const command *command_named(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

/* `assay help`, and `assay help COMMAND`. */
static int help_about(const char *name)
{
    static const char *const words[] = {"--help"};
    if (!name)
        return print_help();
    const command *about = command_named(name);
    return about ? about->run(1, words) : refuse_command(name);
}

int main(int argc, char **argv)
{
    linear_hold_one_thread();
    setlocale(LC_CTYPE, "");
    json_use_our_memory();
    lost_bytes_status = assay_exit_status(ASSAY_E_CONFLICT);
    signal(SIGBUS, end_at_lost_bytes);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow further is a failure with a message */
    if (argc < 2) {
        print_help();
        return assay_exit_status(ASSAY_E_USAGE);
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return print_help();
    if (strcmp(name, "help") == 0)
        return help_about(argv[2]);
    if (strcmp(name, "--version") == 0)
        return print_version();
    const command *chosen = command_named(name);
    return chosen ? chosen->run(argc - 2, (const char *const *)(argv + 2)) : refuse_command(name);
}
