/* A QR code (ISO/IEC 18004) as text for a terminal. Any thread. */
#ifndef TALLYMAN_SYNC_SERVER_QR_H
#define TALLYMAN_SYNC_SERVER_QR_H

#include <stdbool.h>
#include <stdio.h>

/* Two modules a character, with the quiet zone; light modules are drawn, so that it stands right on a dark terminal.
 * False when the text is too long for one. */
bool qr_print(const char *text, FILE *out);

#endif
