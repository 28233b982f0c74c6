#include "app/ui/receiver.h"
#include <stdio.h>
#include <string.h>

static int find(const struct form *form)
{
    for (int i = 0; i < form->fields.count; i++)
        if (form->of[i]->at_start && strcmp(form->of[i]->name, "position") == 0)
            return i;
    return -1;
}

void receiver_open(struct receiver *receiver, const struct ui *ui, const struct form *form)
{
    const struct place_class *place = ui->options->place;
    receiver->told[0] = '\0';
    receiver->source = NULL;
    if (place && find(form) >= 0 && place->open(ui->options->config->place_address, &receiver->source) != RC_OK)
        receiver->source = NULL;
}

/* A better fix takes the place of the one before; what somebody typed stays. */
void receiver_look(struct receiver *receiver, struct form *form)
{
    char text[POSITION_TEXT_MAX + 1];
    int at = find(form);
    if (!receiver->source || at < 0)
        return;
    enum rc rc = position_read(receiver->source, text);
    struct field *field = &form->fields.field[at];
    if (rc == RC_OK && strcmp(field->text, receiver->told) == 0) {
        memcpy(receiver->told, text, sizeof receiver->told);
        snprintf(field->text, sizeof field->text, "%s", text);
    } else if (rc != RC_OK && rc != RC_TIMEOUT) {
        receiver_close(receiver);
    }
}

void receiver_close(struct receiver *receiver)
{
    if (receiver->source)
        receiver->source->class->close(receiver->source);
    receiver->source = NULL;
}
