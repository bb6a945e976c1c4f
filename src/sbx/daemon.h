/* daemon.h - the supervisor process. */
#ifndef PGR_SBX_DAEMON_H
#define PGR_SBX_DAEMON_H

/* Serves the client on PGR_SBX_CLIENT_FD until it goes away; returns the exit status. */
int pgr_sbx_daemon_main(void);

#endif
