#include "app/ui/operators.h"
#include <string.h>

struct reading {
    struct operators *operators;
    unsigned roles;
};

static bool see(void *context, const struct catalog_operator *operator)
{
    struct reading *reading = context;
    struct operators *all = reading->operators;
    if (!(operator->role & reading->roles))
        return true;
    memcpy(all->row[all->count].id, operator->id, sizeof operator->id);
    memcpy(all->row[all->count].name, operator->name, sizeof operator->name);
    all->row[all->count].role = operator->role;
    all->count++;
    return all->count < OPERATORS_MAX;
}

void operators_read(struct operators *operators, struct ui *ui, unsigned roles)
{
    struct catalog *catalog;
    struct reading reading = {operators, roles};
    operators->count = 0;
    if (store_catalog(engine_store(ui->engine), &catalog) == RC_OK)
        catalog_operators(catalog, see, &reading);
}
