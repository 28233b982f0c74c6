#include "sync/server/groups.h"
#include <string.h>

enum { GROUP_DOCUMENTS_MAX = 200 };

static bool listed(const json_t *list, const char *text)
{
    size_t i;
    const json_t *value;
    json_array_foreach(list, i, value)
    {
        if (strcmp(json_string_value(value), text) == 0)
            return true;
    }
    return false;
}

json_t *groups_members(const json_t *opened)
{
    json_t *members = json_array();
    size_t i;
    const json_t *line;
    if (!apply_text(opened, "group")[0] || strncmp(apply_text(opened, "doc"), "group:", 6) != 0)
        return members;
    json_array_foreach(json_object_get(opened, "lines"), i, line)
    {
        const char *doc = apply_text(line, "doc");
        bool good = doc[0] && strlen(doc) <= DOC_MAX && json_array_size(members) < GROUP_DOCUMENTS_MAX;
        if (good && !listed(members, doc))
            json_array_append_new(members, json_string(doc));
    }
    return members;
}

static json_t *lines_of(const json_t *opened, const char *member)
{
    json_t *lines = json_array(), *line;
    size_t i;
    json_array_foreach(json_object_get(opened, "lines"), i, line)
    {
        if (strcmp(apply_text(line, "doc"), member) == 0)
            json_array_append(lines, line);
    }
    return lines;
}

enum rc groups_opening(struct apply_batch *batch, const json_t *opened, const char *member, json_t **ret_opened)
{
    struct apply_document *document;
    enum rc rc = apply_document(batch, member, &document);
    json_t *part = rc ? NULL : json_copy((json_t *)(uintptr_t)opened);
    if (!part)
        return rc ? rc : RC_NOMEM;
    json_object_set_new(part, "doc", json_string(member));
    json_object_set_new(part, "no", json_string(apply_text(document->body, "no")));
    json_object_set_new(part, "rev", json_string(apply_text(document->body, "rev")));
    json_object_set_new(part, "lines", lines_of(opened, member));
    *ret_opened = part;
    return RC_OK;
}

/* Nobody counted the cases of one document apart. */
json_t *groups_closing(const json_t *closed)
{
    json_t *part = json_copy((json_t *)(uintptr_t)closed);
    if (part)
        json_object_set_new(part, "counted", json_null());
    return part;
}

json_t *groups_allocations(const json_t *allocs, const char *member, bool first)
{
    json_t *part = json_array(), *alloc;
    size_t i;
    json_array_foreach(allocs, i, alloc)
    {
        const char *doc = apply_text(alloc, "doc");
        if (doc[0] ? strcmp(doc, member) == 0 : first)
            json_array_append(part, alloc);
    }
    return part;
}
