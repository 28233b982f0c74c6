/* Loop contract: the screen thread's wait for descriptors and timers (libevent behind one file). One thread, except
 * loop_post. */
#ifndef TALLYMAN_PLATFORM_LOOP_H
#define TALLYMAN_PLATFORM_LOOP_H

#include "app/domain/rc.h"

struct loop;
struct loop_source;

typedef void loop_call(void *context);

enum rc loop_new(struct loop **ret_loop);
void loop_free(struct loop *loop); /* frees its sources */

/* Calls while the descriptor is readable. */
enum rc loop_add_fd(struct loop *loop, int fd, loop_call *call, void *context, struct loop_source **ret_source);
/* A timer that is not armed yet; arm: calls once after ms; arming again moves it. */
enum rc loop_add_timer(struct loop *loop, loop_call *call, void *context, struct loop_source **ret_source);
void loop_arm(struct loop_source *source, long ms);
void loop_disarm(struct loop_source *source);
/* Unix signal, delivered on the loop's thread. */
enum rc loop_add_signal(struct loop *loop, int signal, loop_call *call, void *context,
                        struct loop_source **ret_source);
void loop_remove(struct loop_source *source);

/* Any thread: call on the loop's thread soon. Order is kept. */
enum rc loop_post(struct loop *loop, loop_call *call, void *context);

enum rc loop_run(struct loop *loop); /* until loop_stop */
void loop_stop(struct loop *loop);

#endif
