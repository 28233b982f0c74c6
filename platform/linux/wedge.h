/* Scans in the key presses of a keyboard wedge: what each key types in the scanner's layout, ALT codes, control
 * characters, and where a scan ends. Knows no device. */
#ifndef TALLYMAN_PLATFORM_LINUX_WEDGE_H
#define TALLYMAN_PLATFORM_LINUX_WEDGE_H

#include "platform/scanner.h"

struct wedge;

enum { WEDGE_CAPS_LOCK = 1, WEDGE_NUM_LOCK = 2 };

/* `layout` as xkb names it: "de", "fr(oss)", "" us. Ends: the Enter key for the framings of CR and LF, the tab key, or a
 * pause (wedge_end). RC_BAD_INPUT: no such layout or framing. */
enum rc wedge_new(const char *layout, enum framing framing, struct wedge **ret_wedge);
void wedge_free(struct wedge *wedge);

/* A key of the kernel's numbers goes down or up. True: a scan is whole; wedge_scan until wedge_next. */
bool wedge_key(struct wedge *wedge, unsigned key, bool down);
/* The pause has come. True: a scan is whole. */
bool wedge_end(struct wedge *wedge);

/* Something has been typed that is no whole scan yet. */
bool wedge_pending(const struct wedge *wedge);
void wedge_scan(const struct wedge *wedge, struct frame *ret_frame); /* copies into the frame's buffer */
void wedge_next(struct wedge *wedge);                                /* forgets what was typed */
void wedge_reset(struct wedge *wedge);                               /* and which keys are down */

/* The lights that the keyboard is to show, WEDGE_*: a scanner that looks at them types the right case. */
unsigned wedge_lights(const struct wedge *wedge);

#endif
