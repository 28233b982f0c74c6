/* The main of every fuzz target when it is no fuzzer: gives it each file, and each file of each folder, named. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#ifdef TALLYMAN_FUZZ_REPLAY
enum { INPUT_MAX = 1 << 21, PATH_BYTES = 4096 };

static int replay_file(const char *path)
{
    static uint8_t data[INPUT_MAX];
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return 1;
    }
    LLVMFuzzerTestOneInput(data, fread(data, 1, sizeof data, file));
    fclose(file);
    return 0;
}

static int replay(const char *path, int *count)
{
    char name[PATH_BYTES];
    int failed = 0;
    DIR *dir = opendir(path);
    if (!dir) {
        ++*count;
        return replay_file(path);
    }
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        if (entry->d_name[0] != '.') {
            snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
            failed += replay_file(name);
            ++*count;
        }
    closedir(dir);
    return failed;
}

int main(int argc, char **argv)
{
    int count = 0, failed = 0;
    for (int i = 1; i < argc; i++)
        failed += replay(argv[i], &count);
    printf("%d passed, %d failed\n", count - failed, failed);
    return failed || !count;
}
#endif
