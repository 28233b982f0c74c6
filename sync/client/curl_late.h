/* libcurl, loaded when the first exchange needs it: it brings thirty libraries along, which would double the time to the
 * first screen of a program that is made to work without a network. Any thread. */
#ifndef TALLYMAN_SYNC_CLIENT_CURL_LATE_H
#define TALLYMAN_SYNC_CLIENT_CURL_LATE_H

#define CURL_DISABLE_TYPECHECK /* its macros call by name; these are called through pointers */
#include <curl/curl.h>

#define CURL_LATE_LIST(X)                                                                                            \
    X(curl_global_init)                                                                                              \
    X(curl_easy_init)                                                                                                \
    X(curl_easy_cleanup)                                                                                             \
    X(curl_easy_reset)                                                                                               \
    X(curl_easy_setopt)                                                                                              \
    X(curl_easy_getinfo)                                                                                             \
    X(curl_easy_perform)                                                                                             \
    X(curl_slist_append)                                                                                             \
    X(curl_slist_free_all)                                                                                           \
    X(curl_url)                                                                                                      \
    X(curl_url_set)                                                                                                  \
    X(curl_url_get)                                                                                                  \
    X(curl_url_cleanup)                                                                                              \
    X(curl_free)

struct curl_late {
#define CURL_LATE_MEMBER(name) __typeof__(name) *name;
    CURL_LATE_LIST(CURL_LATE_MEMBER)
#undef CURL_LATE_MEMBER
};

/* The library's functions, initialised; NULL when it is not on this machine. It stays until the process ends. */
const struct curl_late *curl_late(void);

#endif
