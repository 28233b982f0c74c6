#include "platform/sim/file_word.h"
#include <stdio.h>
#include <string.h>

bool file_word(const char *path, char *ret_line)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    if (!fgets(ret_line, FILE_WORD_MAX + 1, file))
        ret_line[0] = '\0';
    ret_line[strcspn(ret_line, "\n")] = '\0';
    fclose(file);
    return true;
}
