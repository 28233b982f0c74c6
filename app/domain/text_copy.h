/* Copying texts where each scan comes by; snprintf takes ten times as long. */
#ifndef TALLYMAN_DOMAIN_TEXT_COPY_H
#define TALLYMAN_DOMAIN_TEXT_COPY_H

#include <stddef.h>
#include <string.h>

/* As much of `text` as fits into `size` bytes (at least 1), closed by a NUL. They must not overlap. */
static inline void text_copy(char *ret_text, size_t size, const char *text)
{
    size_t len = strnlen(text, size - 1);
    memcpy(ret_text, text, len);
    ret_text[len] = '\0';
}

#endif
