/* The sentences that say why a code was not read, or not as goods: gettext keys, English. `code.why` is one of them. */
#ifndef TALLYMAN_DOMAIN_WHY_H
#define TALLYMAN_DOMAIN_WHY_H

#define WHY_EMPTY       "The scan is empty."
#define WHY_TOO_LONG    "The scan is too long."
#define WHY_SYMBOLOGY   "The scanner names an unknown kind of symbol."
#define WHY_LENGTH      "A part of the code has the wrong length."
#define WHY_CHARACTER   "A part of the code has a character that is not allowed there."
#define WHY_CHECK_DIGIT "The check digit is wrong."
#define WHY_DATE        "The code has a date that does not exist."
#define WHY_VALUE       "A part of the code has a value that does not exist."
#define WHY_AI          "The code has an unknown application identifier."
#define WHY_BRACKETS    "The brackets of the code are incomplete."
#define WHY_EXCLUSIVE   "Two parts of the code contradict each other."
#define WHY_LINK        "The parts of the link are not in the order that GS1 prescribes."
#define WHY_WAYBILL     "This is a waybill, not goods."
#define WHY_ESCAPE      "A backslash is followed by something that is no escape."
#define WHY_ADD_ON      "This is the add-on beside a code: scan the code itself."
#define WHY_NOT_GOODS   "This label names a place, a party or a consignment, not goods."
#define WHY_NO_UNIT     "This code does not say which goods it belongs to: scan the one with (01) or (00)."
#define WHY_NEED_SSCC   "This label says what is inside: scan the unit's own code (00)."

#endif
