#include "sync/server/qr.h"
#include <qrencode.h>

enum { QUIET = 4, DARK = 1 };

/* Outside of the code all is light. */
static bool is_light(const QRcode *code, int x, int y)
{
    bool inside = x >= 0 && y >= 0 && x < code->width && y < code->width;
    return !inside || !(code->data[y * code->width + x] & DARK);
}

bool qr_print(const char *text, FILE *out)
{
    static const char *const halves[2][2] = {{" ", "▄"}, {"▀", "█"}};
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);
    if (!code)
        return false;
    for (int y = -QUIET; y < code->width + QUIET; y += 2) {
        for (int x = -QUIET; x < code->width + QUIET; x++)
            fputs(halves[is_light(code, x, y)][is_light(code, x, y + 1)], out);
        fputc('\n', out);
    }
    QRcode_free(code);
    return true;
}
