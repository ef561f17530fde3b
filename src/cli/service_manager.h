/*
 * Tells systemd (or what understands sd_notify(3)) how the server stands: a datagram of "NAME=value"
 * lines to the socket that NOTIFY_SOCKET names, a path or with '@' an abstract name.  Does nothing
 * without one, and never blocks: the server's work depends on nobody who listens there.
 */
#ifndef LECTERN_CLI_SERVICE_MANAGER_H
#define LECTERN_CLI_SERVICE_MANAGER_H

/* READY=1 with MAINPID: after a takeover the service's main process is this one. */
void service_manager_ready(void);
/* STOPPING=1; not after a handover, as the service goes on. */
void service_manager_stopping(void);

#endif
