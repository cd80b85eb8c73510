/* The state of a search for neighbours, in a file of the project's folder. Does not know what is in
 * it. */
#include "store/project_search.h"

#include "base/file.h"
#include "store/project_embeddings.h"
#include "store/whole_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static assay_code search_path(const project_writer *w, const char *embedding, text *out,
                              assay_err *err)
{
    char stem[EMBEDDING_STEM_BYTES];
    char inside[EMBEDDING_STEM_BYTES + 32];
    embedding_stem(embedding, stem);
    snprintf(inside, sizeof inside, "embeddings/%s.search", stem);
    return project_writer_path(w, inside, out, err);
}

static assay_code write_state(const char *path, const kept_search *state, assay_err *err)
{
    ASSAY_AUTO_CLEAR(whole_file) file = {0};
    ASSAY_TRY(whole_file_open(&file, path, true, err));
    ASSAY_TRY(whole_file_write(&file, state->at, state->bytes, err));
    return whole_file_finish(&file, err);
}

assay_code project_search_keep(const project_writer *w, const char *embedding,
                               const kept_search *state, assay_err *err)
{
    text path;
    ASSAY_TRY(search_path(w, embedding, &path, err));
    const assay_code code = write_state(text_view(&path), state, err);
    text_clear(&path);
    return code;
}

static assay_code map_state(const char *path, kept_search *out, assay_err *err)
{
    int fd;
    uint64_t bytes;
    assay_err why;
    const assay_code code = file_open(path, &fd, &bytes, &why);
    if (code == ASSAY_E_NOT_FOUND)
        return ASSAY_OK;
    if (code != ASSAY_OK)
        return assay_fail(err, code, "%s: %s", path, why.msg);
    void *const at = bytes ? mmap(NULL, bytes, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
    const int error = errno;
    close(fd);
    if (bytes == 0)
        return assay_fail(err, ASSAY_E_INPUT, "%s: is empty", path);
    if (at == MAP_FAILED)
        return assay_fail(err, ASSAY_E_IO, "%s: cannot be mapped into memory: %s", path,
                          strerrordesc_np(error));
    *out = (kept_search){at, bytes};
    return ASSAY_OK;
}

assay_code project_search_open(const project_writer *w, const char *embedding, kept_search *out,
                               assay_err *err)
{
    *out = (kept_search){0};
    text path;
    ASSAY_TRY(search_path(w, embedding, &path, err));
    const assay_code code = map_state(text_view(&path), out, err);
    text_clear(&path);
    return code;
}

void kept_search_clear(kept_search *kept)
{
    if (kept->at)
        munmap((void *)(uintptr_t)kept->at, kept->bytes);
    *kept = (kept_search){0};
}

void project_search_remove(const project_writer *w, const char *embedding)
{
    text path;
    if (search_path(w, embedding, &path, NULL) != ASSAY_OK)
        return;
    unlink(text_view(&path));
    text_clear(&path);
}
