#include "sync/client/curl_late.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static const char LIBRARY[] = "libcurl.so.4"; /* the ABI that the headers of any libcurl 7.16 to 8 describe */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct curl_late functions;
static bool loaded;

static bool find(void *library, const char *name, void *ret_function)
{
    void *found = dlsym(library, name);
    memcpy(ret_function, &found, sizeof(found)); /* POSIX: an object pointer holds a function's */
    return found != NULL;
}

static void load(void)
{
    void *library = dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL);
    bool whole = library != NULL;
#define CURL_LATE_FIND(name) whole = whole && find(library, #name, &functions.name);
    CURL_LATE_LIST(CURL_LATE_FIND)
#undef CURL_LATE_FIND
    loaded = whole && functions.curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

const struct curl_late *curl_late(void)
{
    pthread_once(&once, load);
    return loaded ? &functions : NULL;
}
