#include "app/ui/binding.h"
#include "app/text/text.h"
#include <stdio.h>

void binding_begin(struct binding *binding, struct ui *ui)
{
    binding->step = BINDING_PRODUCT;
    ui_pick(ui, "product", "");
}

static void bind(struct binding *binding, struct ui *ui, const char *lot)
{
    enum rc rc = engine_set_context(ui->engine, ui->work.doc, binding->product, lot);
    if (rc == RC_OK)
        rc = work_reload(&ui->work, ui->engine);
    ui_counts(ui);
    if (rc == RC_OK)
        ui_notice(ui, SEVERITY_ACCEPT, "%s", _("Codes that nobody knows are bound to it."));
    else
        ui_rc(ui, rc);
}

void binding_resume(struct binding *binding, struct ui *ui)
{
    switch (binding->step) {
    case BINDING_NONE: return;
    case BINDING_PRODUCT:
        binding->step = ui->picked[0] ? BINDING_LOT : BINDING_NONE;
        if (!ui->picked[0])
            return;
        snprintf(binding->product, sizeof binding->product, "%s", ui->picked);
        ui_pick(ui, "lot", binding->product);
        return;
    case BINDING_LOT: /* without one: of whatever lot */
        binding->step = BINDING_NONE;
        bind(binding, ui, ui->picked);
        return;
    }
}
