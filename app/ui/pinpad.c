#include "app/ui/pinpad.h"
#include "app/text/text.h"
#include "app/ui/banner.h"
#include <stdio.h>
#include <string.h>

void pinpad_begin(struct pinpad *pad, const struct ui *ui, const char *who)
{
    struct catalog *catalog;
    struct catalog_operator person;
    snprintf(pad->who, sizeof pad->who, "%s", who);
    snprintf(pad->name, sizeof pad->name, "%s", who);
    if (store_catalog(engine_store(ui->engine), &catalog) == RC_OK &&
        catalog_operator(catalog, pad->who, &person) == RC_OK && person.name[0])
        snprintf(pad->name, sizeof pad->name, "%s", person.name);
    fields_add(&pad->fields, _("PIN"), FIELD_PIN, false);
}

bool pinpad_try(struct pinpad *pad, struct ui *ui, bool sign_in)
{
    char *pin = pad->fields.field[0].text;
    int64_t wait_ms = 0;
    if (!pin[0] || pad->now_ms < pad->locked_until_ms)
        return false;
    pad->rc = sign_in ? engine_sign_in(ui->engine, pad->who, pin, &wait_ms)
                      : engine_check_supervisor(ui->engine, pad->who, pin);
    explicit_bzero(pin, FIELD_TEXT_MAX + 1);
    if (pad->rc == RC_OK)
        return true;
    pad->now_ms = ui_wall_ms(ui);
    pad->locked_until_ms = pad->rc == RC_LOCKED_OUT ? pad->now_ms + wait_ms : 0;
    ui_give(ui, FEEDBACK_REJECT);
    return false;
}

void pinpad_event(struct pinpad *pad, const struct ui *ui, const struct event *event)
{
    if (event->kind == EVENT_KEY && fields_key(&pad->fields, event->key))
        pad->rc = pad->rc == RC_LOCKED_OUT ? RC_LOCKED_OUT : RC_OK;
    if (event->kind != EVENT_SECOND)
        return;
    pad->now_ms = ui_wall_ms(ui);
    if (pad->rc == RC_LOCKED_OUT && pad->now_ms >= pad->locked_until_ms)
        pad->rc = RC_OK;
}

void pinpad_draw(const struct pinpad *pad, struct canvas *canvas, const char *hint)
{
    char wait[64] = "";
    int64_t left_s = (pad->locked_until_ms - pad->now_ms + 999) / 1000;
    canvas_text(canvas, 2, 1, canvas->cols - 2, STYLE_BOLD, pad->name);
    fields_draw(&pad->fields, canvas, 4, 2);
    if (pad->rc == RC_OK) {
        int used = canvas_wrap(canvas, 6, 1, canvas->cols - 2, 2, STYLE_DIM, _("Digits, then Enter"));
        canvas_wrap(canvas, 7 + used, 1, canvas->cols - 2, 4, STYLE_PLAIN, hint);
        return;
    }
    if (pad->rc == RC_LOCKED_OUT && left_s > 0)
        snprintf(wait, sizeof wait, _("Wait %d:%02d"), (int)(left_s / 60), (int)(left_s % 60));
    bool wrong = pad->rc == RC_AUTH, locked = pad->rc == RC_LOCKED_OUT;
    const struct banner banner = {STYLE_REJECT,
                                  "✘",
                                  wrong    ? _("Wrong PIN")
                                  : locked ? _("Locked")
                                           : _("Not possible"),
                                  {wait, ""}};
    banner_draw(&banner, canvas, 6, 3, canvas->cols);
    canvas_wrap(canvas, 10, 1, canvas->cols - 2, 3, STYLE_PLAIN, text_rc(pad->rc));
}
