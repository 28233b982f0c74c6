/* What is not as it should be: clock, catalog, scanner, link. Nothing is shown while all is well. */
#ifndef TALLYMAN_UI_STATUS_H
#define TALLYMAN_UI_STATUS_H

#include "app/ui/scene.h"

/* One line, "" when all is well. ret_text holds NOTICE_MAX + 1. Returns ret_text. */
char *status_print(const struct ui *ui, char *ret_text);

#endif
