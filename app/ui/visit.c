#include "app/ui/visit.h"

bool visit_is_one(const struct ui *ui, const void *state)
{
    (void)state;
    return ui->work.document && ui->work.flow.judges;
}

bool visit_is_over(const struct ui *ui, const void *state)
{
    return visit_is_one(ui, state) && ui->work.document->opened_seq && ui->work.document->state != DOCUMENT_OPEN;
}

void visit_menu(struct ui *ui, void *state)
{
    (void)state;
    ui_go(ui, &scene_visit);
}

void visit_report(struct ui *ui, void *state)
{
    (void)state;
    ui_go(ui, &scene_report);
}
