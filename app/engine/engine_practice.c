/* Practice: the same work on data of its own. Its folder lies in the data folder, with a copy of the catalog that is made
 * anew whenever the real one has changed. */
#include "app/engine/engine_private.h"
#include "app/store/catalogs.h"
#include "app/store/syncport.h"

enum { PATH_BYTES = STORE_PATH_MAX + 64 };

static int64_t age_of_copy(struct engine *engine)
{
    struct catalog *copy;
    return store_catalog(engine->store, &copy) == RC_OK ? catalog_updated_ms(copy) : -1;
}

static enum rc copy_aside(struct engine *engine, struct catalog *original)
{
    const char *dir = store_dir(engine->store);
    char name[CATALOGS_NAME_MAX + 1], path[PATH_BYTES];
    enum rc rc = catalogs_new_name(dir, name);
    if (rc != RC_OK)
        return rc;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    rc = catalog_copy(original, path);
    return rc == RC_OK ? catalogs_activate(dir, name) : rc;
}

enum rc engine_practice_prepare(struct engine *engine, const char *dir)
{
    struct sync_identity identity;
    struct catalogs_mark mark;
    struct catalog *original;
    char path[PATH_BYTES];
    if (identity_load(dir, &identity) == RC_OK && identity.enrolled)
        snprintf(engine->site, sizeof engine->site, "%s", identity.site);
    enum rc rc = catalogs_current(dir, &mark);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc; /* nothing was told yet: nothing to practise with */
    snprintf(path, sizeof path, "%s/%s", dir, mark.name);
    rc = catalog_open(path, CATALOG_READ, &original);
    if (rc != RC_OK)
        return rc;
    if (catalog_updated_ms(original) != age_of_copy(engine))
        rc = copy_aside(engine, original);
    catalog_close(original);
    return rc;
}
