/* What a test or the demo says in a small file, read anew each time: the simulated battery and network. */
#ifndef TALLYMAN_PLATFORM_SIM_FILE_WORD_H
#define TALLYMAN_PLATFORM_SIM_FILE_WORD_H

#include <stdbool.h>

enum { FILE_WORD_MAX = 255 };

/* The first line; false: there is no such file. ret_line holds FILE_WORD_MAX + 1. */
bool file_word(const char *path, char *ret_line);

#endif
