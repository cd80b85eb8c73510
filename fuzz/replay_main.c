/* Feeds every file of the folders given to a fuzz target, once: what was found stays fixed. */
#include "base/mem.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PATH_BYTES = 4096 };

static int replay_file(const char *path)
{
    struct stat about;
    if (stat(path, &about) || !S_ISREG(about.st_mode))
        return 0;
    FILE *file = fopen(path, "rb");
    const size_t size = (size_t)about.st_size;
    /* Exactly as large as the file, so that a sanitizer sees a read behind its end. */
    ASSAY_AUTO_MEM uint8_t *bytes = mem_alloc(size, 1);
    const int read = file && bytes && fread(bytes, 1, size, file) == size;
    if (file)
        fclose(file);
    if (!read) {
        fprintf(stderr, "%s: cannot be read\n", path);
        return -1;
    }
    LLVMFuzzerTestOneInput(bytes, size);
    return 1;
}

static int replay_folder(const char *folder)
{
    DIR *entries = opendir(folder);
    int count = 0;
    for (const struct dirent *entry; entries && count >= 0 && (entry = readdir(entries));) {
        char path[PATH_BYTES];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        const int read = replay_file(path);
        count = read < 0 ? read : count + read;
    }
    if (entries)
        closedir(entries);
    return count;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const int count = replay_folder(argv[i]);
        printf("%s: %d inputs\n", argv[i], count);
        if (count < 1)
            return 1;
    }
    return argc < 2;
}
