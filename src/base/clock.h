/* clock.h - time for measuring (never for deciding results). */
#ifndef PGR_BASE_CLOCK_H
#define PGR_BASE_CLOCK_H

/* Seconds of a monotonic clock. */
double pgr_now_s(void);
/* Peak resident memory of this process, bytes; current resident memory, bytes. 0 if unknown. */
double pgr_peak_rss_bytes(void);
double pgr_rss_bytes(void);

#endif
