/* Scenes: one screen a file, listed here. A scene has a model of its own (its state), shows it, and acts on keys, scans
 * and news. Its keys are a table, which also makes the key line and the help. Screen thread. */
#ifndef TALLYMAN_UI_SCENE_H
#define TALLYMAN_UI_SCENE_H

#include "app/text/transfer.h"
#include "app/ui/canvas.h"
#include "app/ui/keyboard.h"
#include "app/ui/ui.h"
#include "app/ui/work.h"
#include "platform/loop.h"
#include <pthread.h>

#define SCENES(X)                                                                                                    \
    X(signin)                                                                                                        \
    X(pin)                                                                                                           \
    X(lock)                                                                                                          \
    X(home)                                                                                                          \
    X(start)                                                                                                         \
    X(stock)                                                                                                         \
    X(documents)                                                                                                     \
    X(document)                                                                                                      \
    X(scan)                                                                                                          \
    X(quantity)                                                                                                      \
    X(tallies)                                                                                                       \
    X(latches)                                                                                                       \
    X(inbox)                                                                                                         \
    X(settle)                                                                                                        \
    X(recheck)                                                                                                       \
    X(shortage)                                                                                                      \
    X(count)                                                                                                         \
    X(header)                                                                                                        \
    X(pick)                                                                                                          \
    X(differences)                                                                                                   \
    X(recall)                                                                                                        \
    X(region)                                                                                                        \
    X(visit)                                                                                                         \
    X(about)                                                                                                         \
    X(defaced)                                                                                                       \
    X(holders)                                                                                                       \
    X(search)                                                                                                        \
    X(found)                                                                                                         \
    X(evidence)                                                                                                      \
    X(photo)                                                                                                         \
    X(report)                                                                                                        \
    X(trace)                                                                                                         \
    X(sync)                                                                                                          \
    X(enrol)                                                                                                         \
    X(settings)                                                                                                      \
    X(help)                                                                                                          \
    X(message)

enum { NOTICE_MAX = 255 };

struct ui;

enum event_kind {
    EVENT_KEY,    /* one that is in no table of keys */
    EVENT_SCAN,   /* that belongs to no document */
    EVENT_JUDGED, /* a scan of the document in hand was judged; it is in ui->work */
    EVENT_NEWS,   /* sync or scanners have news */
    EVENT_SECOND, /* another second has gone by */
    EVENT_RESUME  /* the scene above has gone */
};

struct event {
    enum event_kind kind;
    int key;
    const struct scan *scan;
    struct code code; /* of the scan */
};

enum { SCENE_ENTER = KEYBOARD_KEY_ENTER, SCENE_ESC = 27 };

struct action {
    int key;
    const char *label; /* in the key line, at most four columns; NULL: not there */
    const char *help;  /* a sentence for the help; NULL: not there */
    void (*run)(struct ui *ui, void *state);
    bool (*applies)(const struct ui *ui, const void *state); /* NULL: always */
};

struct scene {
    const char *name;
    size_t state_size;
    const struct action *actions; /* ended by key 0 */
    bool of_document;             /* scans that come while it is shown are the document's */
    bool above;                   /* drawn in a box above the scene below */
    bool form;                    /* holds what somebody is typing: a verdict is told at its foot, it stays */
    void (*enter)(struct ui *ui, void *state);
    void (*event)(struct ui *ui, void *state, const struct event *event);
    void (*draw)(const struct ui *ui, const void *state, struct canvas *canvas);
    void (*exit)(struct ui *ui, void *state); /* NULL: nothing to release */
};

#define SCENE_EXTERN(name) extern const struct scene scene_##name;
SCENES(SCENE_EXTERN)
#undef SCENE_EXTERN

enum { STACK_MAX = 12 };

/* Who gives a PIN, and what for. */
enum approval {
    APPROVE_SIGN_IN,
    APPROVE_REJECT, /* the goods of approval_seq may go */
    APPROVE_COUNT,
    APPROVE_KEEP, /* the goods of record approval_seq, which the server did not accept, go along */
    APPROVE_LIMIT /* a field's value outside its limits */
};

struct news; /* what other threads left for this one; news.c */

enum { CHANGES_DOCUMENTS_MAX = 64 };

/* changes.c: the look that is on its way: one part of one document after the other. */
struct changes {
    bool looking, again; /* again: there was news meanwhile */
    bool changed_before;
    int count, at;
    int64_t below;
    struct review review; /* of document `at` so far */
    struct {
        char doc[DOC_MAX + 1], no[ID_MAX + 1];
    } row[CHANGES_DOCUMENTS_MAX];
};

struct ui {
    const struct ui_options *options;
    struct engine *engine;
    struct loop *loop;
    struct loop_source *keyboard, *scans, *silence, *idle, *look, *second;
    struct canvas canvas;
    struct keyboard typing;
    struct news *news;
    struct reader *reader;
    struct sync_worker *sync;
    bool done;
    int dead_reads; /* the keyboard was readable, and nothing came */

    struct {
        const struct scene *scene;
        void *state;
    } stack[STACK_MAX];
    int depth;
    int pops; /* asked for by the event in hand */
    const struct scene *next;
    bool sounds; /* `feedback` is to be given once the screen shows why */
    enum feedback feedback;

    struct work work;
    struct changes changes;
    struct store_counts counts;
    bool led_news;        /* led back, and nobody has looked what that means */
    int64_t settled_news; /* settled by others since the list was last looked at */
    int64_t behind_ms;    /* the wall clock lags by so much */
    struct sync_progress progress;
    bool heard;                           /* `progress` was told */
    int64_t pushed_before, pulled_before; /* when sync was last through */
    int64_t synced_ms;                    /* when sync was last through, 0 never */
    bool cut_off;                         /* on purpose */
    char joining[SYNC_STRING_MAX + 1];    /* the one-time string that was scanned */
    enum rc sync_start;
    enum scanner_state scanners[READER_SCANNERS_MAX];
    bool scanner_heard[READER_SCANNERS_MAX];
    int64_t repeats_told, lost_told; /* of all scanners */
    struct power power;
    int power_told;  /* the warning given last */
    int64_t stop_ms; /* monotonic time when the program ends for want of power, 0 it does not */
    enum net_link link;
    int64_t seconds; /* that the screens run */

    char notice[NOTICE_MAX + 1]; /* a sentence at the foot until the next key or scan */
    enum severity notice_severity;

    int64_t touched_ms; /* monotonic time of the last key or scan */
    bool practice_next; /* the screens end to go over to practice, or back */

    /* what the scene above has left for the one below */
    char allowed[ID_MAX + 1]; /* the supervisor who allows it, "" nobody */
    char picked[DOC_MAX + 1]; /* what was chosen, "" nothing */

    /* handed to the scene that is entered next */
    struct code trace_code;
    enum approval approval;
    int64_t approval_seq;
    const struct scene *approval_from; /* the scene that asked, and has the answer in `allowed` */
    char who[ID_MAX + 1];
    char starting[FLOW_NAME_MAX + 1]; /* the header asks for a new document of this flow; "" for the one in hand */
    char pick_field[FLOW_NAME_MAX + 1], pick_of[ID_MAX + 1]; /* what scene_pick lists */
    struct outcome about;                                    /* what scene_about tells of */
    struct {
        char product[ID_MAX + 1], lot[LOT_MAX + 1], part[FIELD_VALUE_MAX + 1];
    } sought;                  /* for scene_found, scene_holders */
    int64_t settling;          /* the record that scene_settle is about */
    char evidence[ID_MAX + 1]; /* what the picture shows that scene_photo takes */
    bool scan_at_once;         /* the document is opened to be scanned for */
    char message_title[NOTICE_MAX + 1], message[NOTICE_MAX + 1];
    enum severity message_severity;
};

/* ---- sync ---- */

/* Something is on its way now. */
bool ui_transfers(const struct ui *ui);
struct transfer ui_transfer(const struct ui *ui);

/* ---- for ui.c ---- */
void ui_settle(struct ui *ui);                             /* does what was asked for below */
void ui_send(struct ui *ui, const struct event *event);    /* to the scene on top */
void ui_key(struct ui *ui, int key);                       /* the scene's table, then the scene */
void ui_take_scan(struct ui *ui, const struct scan *scan); /* judges it, or hands it to the scene */
void ui_paint(struct ui *ui);

/* ---- stack; what is asked for here happens when the event has been dealt with ---- */
void ui_go(struct ui *ui, const struct scene *scene);      /* above the present one */
void ui_replace(struct ui *ui, const struct scene *scene); /* instead of it */
void ui_back(struct ui *ui);
void ui_home(struct ui *ui);                               /* down to the home screen */
void ui_back_to(struct ui *ui, const struct scene *scene); /* down to this one, where it is on the stack */
const struct scene *ui_top(const struct ui *ui);

/* ---- for scenes ---- */
void ui_give(struct ui *ui, enum feedback feedback); /* after the next repaint */
/* A sentence at the foot, with its sound. */
void ui_notice(struct ui *ui, enum severity severity, const char *format, ...) __attribute__((format(printf, 3, 4)));
void ui_rc(struct ui *ui, enum rc rc); /* the sentence of a result, as a notice */
/* A box above the screen that waits for a key. */
void ui_message(struct ui *ui, enum severity severity, const char *title, const char *text);
/* Takes the document in hand and shows it; a notice when that fails. */
bool ui_open(struct ui *ui, const char *name);
/* A scan outside of documents: the document of this number, else what is known of the code. */
void ui_lookup(struct ui *ui, const struct code *code);
/* A scanned one-time string of a server is asked about; false when it is none. */
bool ui_join(struct ui *ui, const struct scan *scan);
/* Ends the sync thread, joins by ui->joining, and starts the thread again. */
enum rc ui_enrol(struct ui *ui, char ret_detail[UI_DETAIL_MAX + 1]);
/* A scan that was typed: it waits its turn in the queue like any other. */
void ui_type(struct ui *ui, const char *bytes, size_t len, bool too_long);
void ui_counts(struct ui *ui);
/* A scan of the document in hand is on disk: it is counted, shown and heard. */
void ui_judged(struct ui *ui, const struct outcome *outcome);
/* A supervisor's PIN for this; the scene that asks is resumed with ui->allowed, or the thing is done. */
void ui_ask(struct ui *ui, enum approval approval, int64_t seq);
/* The label of a flow, the feed's where it has one. */
const char *ui_flow(const struct ui *ui, const char *flow);
/* A list to choose the value of a field from; the scene is resumed with ui->picked. */
void ui_pick(struct ui *ui, const char *field, const char *of);
/* For tables of keys: F1 and Esc on every screen. */
void ui_help(struct ui *ui, void *state);
void ui_leave(struct ui *ui, void *state);
void ui_sign_out(struct ui *ui);
void ui_title(const struct ui *ui, struct canvas *canvas, const char *title); /* the top row, with who works */
enum rc ui_restart_reader(struct ui *ui);
int64_t ui_wall_ms(const struct ui *ui);
int64_t ui_mono_ms(const struct ui *ui);

#endif
