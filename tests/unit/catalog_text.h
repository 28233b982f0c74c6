/* All that a catalog answers as text, whatever form its file has: two of the same content have the same text. */
#ifndef TALLYMAN_TESTS_CATALOG_TEXT_H
#define TALLYMAN_TESTS_CATALOG_TEXT_H

/* By the readers for codes, row by row for the rest; not what belongs to one device. The caller frees. */
char *catalog_text(const char *path);

#endif
