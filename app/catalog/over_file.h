/* A file of an SQLite VFS that stands over another one: each method goes to the file below. A VFS takes the table and puts
 * its own in place of those that it does something in. */
#ifndef TALLYMAN_CATALOG_OVER_FILE_H
#define TALLYMAN_CATALOG_OVER_FILE_H

#include <sqlite3.h>

/* The first member of what SQLite holds; `real` is set by the VFS's xOpen. */
struct over_file {
    sqlite3_file base;
    sqlite3_file *real;
};

/* Version 2: without the third's mapped reads, which would pass by a VFS that looks at what is read. */
sqlite3_io_methods over_file_methods(void);

#endif
