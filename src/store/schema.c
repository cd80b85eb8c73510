/* The tables of a project: one SQL text a version, part of the program. */
#include "store/schema.h"

#include "store/query.h"

/* The texts are files of their own, so that an editor and a person see SQL. */
#define EMBED(name, file)                                                                          \
    __asm__(".section .rodata\n"                                                                   \
            ".global " #name "\n.hidden " #name "\n"                                               \
            ".type " #name ", @object\n" #name ":\n"                                               \
            ".incbin \"" file "\"\n"                                                               \
            ".byte 0\n"                                                                            \
            ".size " #name ", . - " #name "\n"                                                     \
            ".previous\n");                                                                        \
    extern const char name[]

EMBED(schema_1_sql, ASSAY_SCHEMA_1);
EMBED(schema_2_sql, ASSAY_SCHEMA_2);
EMBED(schema_3_sql, ASSAY_SCHEMA_3);

const char *schema_step(uint32_t from)
{
    static const char *const steps[SCHEMA_VERSION] = {schema_1_sql, schema_2_sql, schema_3_sql};
    return from < SCHEMA_VERSION ? steps[from] : "";
}

assay_code schema_migrate(const duck *d, uint32_t from, uint32_t to, assay_err *err)
{
    for (uint32_t version = from; version < to; version++)
        ASSAY_TRY(duck_run(d, schema_step(version), err));
    return from > 0 && from < to ? schema_put_version(d, to, err) : ASSAY_OK;
}

assay_code schema_put_version(const duck *d, uint32_t version, assay_err *err)
{
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d, "UPDATE project SET schema_version = CAST($1 AS UINTEGER)",
                            "the project's version", err));
    ASSAY_TRY(query_bind_count(&q, 1, version, err));
    return query_run(&q, err);
}
