#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

/** One word of the program: `assay NAME …`. `run` gets the arguments after the name and returns the
 * exit status. */
typedef struct command {
    const char *name;
    const char *summary; /* one line in `assay --help` */
    int (*run)(int argc, const char *const *argv);
} command;

int command_add(int argc, const char *const *argv);
int command_compare(int argc, const char *const *argv);
int command_create(int argc, const char *const *argv);
int command_embed(int argc, const char *const *argv);
int command_evaluate(int argc, const char *const *argv);
int command_export(int argc, const char *const *argv);
int command_find(int argc, const char *const *argv);
int command_measure(int argc, const char *const *argv);
int command_metrics(int argc, const char *const *argv);
int command_plan(int argc, const char *const *argv);
int command_report(int argc, const char *const *argv);
int command_serve(int argc, const char *const *argv);
int command_sql(int argc, const char *const *argv);
int command_tag(int argc, const char *const *argv);

#endif
