#include "sync/wire/reply.h"
#include "app/domain/date.h"
#include "sync/wire/field.h"
#include <string.h>

bool reply_is_token(const char *text)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    return *text && text[strspn(text, allowed)] == '\0';
}

json_t *reply_object(const struct reply_head *head, json_t *members)
{
    char time[TIME_TEXT_MAX + 1];
    json_t *object = json_pack("{s:s, s:s}", "history", head->history, "time", time_print(head->time_ms, 0, time));
    if (json_object_update_new(object, members) != 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

bool reply_read(const json_t *object, struct reply_head *ret_head)
{
    struct reply_head head = {0};
    char time[TIME_TEXT_MAX + 1];
    if (!field_text(object, "history", WIRE_HISTORY_MAX, head.history) || !reply_is_token(head.history) ||
        !field_text(object, "time", TIME_TEXT_MAX, time) || time_parse(time, &head.time_ms) != RC_OK)
        return false;
    *ret_head = head;
    return true;
}
