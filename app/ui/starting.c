#include "app/ui/starting.h"
#include "app/text/text.h"
#include <string.h>

void starting_begin(struct ui *ui, const struct flow *flow)
{
    if (form_count(flow, NULL) > 0) {
        memcpy(ui->starting, flow->name, sizeof ui->starting);
        ui_go(ui, &scene_header);
        return;
    }
    struct form form; /* of no fields */
    form_make(&form, flow, NULL);
    starting_go(ui, &form, "");
}

static void blame(struct ui *ui, struct form *form, enum rc rc, const char *field)
{
    form_go(form, field ? field : "");
    if (field && form->fields.count)
        ui_notice(ui, SEVERITY_REJECT, "%s: %s", form->fields.field[form->fields.current].label, text_rc(rc));
    else
        ui_rc(ui, rc);
}

void starting_go(struct ui *ui, struct form *form, const char *supervisor)
{
    char doc[DOC_MAX + 1];
    const char *field = NULL;
    struct start start = {.flow = form->flow.name, .supervisor = supervisor[0] ? supervisor : NULL};
    for (int i = 0; i < form->fields.count; i++)
        if (form->fields.field[i].text[0])
            start.fields[start.field_count++] = (struct start_field){form->of[i]->name, form->fields.field[i].text};
    enum rc rc = engine_start(ui->engine, &start, doc, NULL, &field);
    if (rc != RC_OK) {
        blame(ui, form, rc, field);
        return;
    }
    ui_counts(ui);
    ui_home(ui);
    ui->scan_at_once = ui_open(ui, doc);
}
