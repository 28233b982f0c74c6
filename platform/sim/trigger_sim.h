/* What ties the simulated trigger to the simulated scanner that is open: an eventfd, one count a pull. */
#ifndef TALLYMAN_PLATFORM_SIM_TRIGGER_SIM_H
#define TALLYMAN_PLATFORM_SIM_TRIGGER_SIM_H

/* The scanner opened last hears the trigger. Any thread. */
void trigger_attach(int event_fd);
void trigger_detach(int event_fd); /* no more pulls reach it once this has returned */

#endif
