/*
 * Every setting of the program, in one table (settings.c): name, type, range, preset, sentence.
 * Presets pass through the same parser as the file; the example file and --help are printed from it.
 *
 * Order of strength: preset < config file < environment LECTERN_NAME_WITH_UNDERSCORES < --set name=value.
 * A line that inih would cut silently (over 200 bytes, or with " ;" in the value) is refused loudly.
 *
 * Ownership  settings_init() makes presets, settings_copy() a copy; settings_release() ends the strings.
 *            Read-only once loaded.
 * Reload     a running server takes up some of them (a column of the table): those that loops, or the
 *            reload itself, look up each time.  Where a value is kept or copied at the start, or is read
 *            by other threads, only a restart changes it.
 * Errors     PROBLEM_SETTING with the name and what is expected.
 */
#ifndef LECTERN_BASE_SETTINGS_H
#define LECTERN_BASE_SETTINGS_H

#include "base/problem.h"

#include <stdint.h>
#include <stdio.h>

struct settings {
    /* the house */
    char *data;            /* folder */
    char *public_url;      /* "https://host[:port]"; links begin with it, Origin is checked by it */
    char *cors_origins;    /* "https://host[:port]", parted by spaces; "" for none */
    char *web_root;        /* folder of the built pages */
    char *log_level;       /* debug, info, warning, error */
    char *access_log;      /* off, common, json */
    char *access_log_file; /* relative to data; "": standard error */
    char *access_log_addresses; /* network, full, none */
    int64_t access_log_ring;    /* records waiting, of one loop */
    int64_t slow_request_ms;    /* 0: none is slow */
    /* http */
    char *listen; /* address */
    int64_t port;
    char *metrics_listen;  /* loopback address */
    int64_t metrics_port;  /* 0: none */
    char *tls_certificate; /* PEM chain; relative to data */
    char *tls_key;         /* PEM; relative to data */
    char *tls_staple;      /* OCSP response in DER; relative to data; "": none */
    char *tls_second_certificate, *tls_second_key,
        *tls_second_staple;    /* of the other kind of key; "": none */
    char *tls_kernel;          /* off, auto */
    char *tls_vaes;            /* auto, off */
    int64_t tls_watch_seconds; /* between looks at these files */
    int64_t tls_renewals_max;  /* of keys, by the peer, on one connection */
    int64_t loops;             /* 0: one a core */
    char *proxy_protocol_from; /* networks, "": none */
    char *trusted_proxies;     /* networks, "": none */
    char *host_names;          /* that requests may ask for, parted by spaces; "": any */
    int64_t connections_max;
    int64_t connections_per_address_max;        /* 0: any number */
    int64_t connections_per_address_per_second; /* 0: any number */
    int64_t connections_per_second;             /* 0: any number */
    char *address_limits_exempt;                /* networks */
    int64_t header_bytes_max;
    int64_t header_count_max;
    int64_t target_bytes_max;
    int64_t ranges_max;
    int64_t handshake_deadline_ms;
    int64_t header_deadline_ms;
    int64_t idle_deadline_ms; /* keep-alive without a request */
    int64_t body_bytes_per_second_least;
    int64_t send_bytes_per_second_least;
    int64_t handshakes_max;                     /* at once, of one loop */
    int64_t send_buffer_bytes;                  /* TCP_NOTSENT_LOWAT */
    int64_t participant_bytes_per_second;       /* of media; 0: any number */
    int64_t connection_pacing_bytes_per_second; /* by the kernel; 0: any number */
    char *congestion_control;                   /* \"\": the kernel's own */
    int64_t streams_max;                        /* HTTP/2, of one connection */
    int64_t mapped_bytes_max;                   /* cache of mapped media files */
    int64_t stop_deadline_ms;                   /* graceful stop */
    int64_t drain_idle_ms;     /* of an HTTP/1.1 connection, once another server has taken over */
    int64_t takeover_ready_ms; /* for the new server, from the sockets to its readiness */
    int64_t http2_farewell_ms; /* from the first GOAWAY to the last */
    /* slow and hostile peers; docs/limits.md says what each of them is answered */
    int64_t handshake_pressed_ms; /* while others queue for a place */
    int64_t head_pressed_ms;      /* while newcomers find no room */
    int64_t transfer_grace_ms;    /* before the least rates count */
    int64_t transfer_stall_ms;    /* without a byte */
    int64_t linger_ms;
    int64_t dropped_body_bytes_max;
    int64_t chunk_extension_bytes_max;  /* of a chunk */
    int64_t chunk_extensions_bytes_max; /* of a body */
    int64_t trailer_bytes_max;
    int64_t http2_continuations_max; /* frames of a header */
    int64_t http2_control_frames_max;
    int64_t http2_control_frames_per_second;
    int64_t http2_resets_max;
    int64_t http2_resets_per_second;
    int64_t http2_first_window_bytes;  /* of a stream that nobody reads yet */
    int64_t http2_body_window_bytes;   /* of a body that is read whole */
    int64_t http2_upload_window_bytes; /* of a body that is streamed */
    int64_t http2_connection_window_bytes;
    int64_t memory_reserve_bytes;
    /* workers */
    int64_t store_threads;
    int64_t disk_threads;
    int64_t queue_max; /* of each pool */
    int64_t drawing_threads;
    int64_t drawing_queue_max;
    int64_t events_streams_max;
    int64_t events_streams_per_person_max;
    int64_t events_heartbeat_seconds;
    /* uploads and media */
    int64_t upload_bytes_max;
    int64_t upload_unsynced_bytes_max; /* of one upload, on the way from socket to disk */
    int64_t upload_expires_hours;
    int64_t upload_look_bytes;
    int64_t upload_look_ms;
    int64_t upload_person_count_max; /* unfinished */
    int64_t upload_person_bytes_max; /* announced by these */
    int64_t upload_total_bytes_max;
    int64_t caption_bytes_max;
    int64_t chapters_max;      /* of one lecture */
    int64_t handout_bytes_max; /* each */
    int64_t handouts_max;      /* of one lecture */
    int64_t media_jobs;        /* passes at once */
    int64_t keep_originals;    /* 0 or 1 */
    int64_t old_version_hours;
    int64_t disk_reserve_bytes;
    int64_t disk_full_retry_seconds;
    int64_t segment_ms;
    char *ladder_file;                /* "": what is built in */
    int64_t key_frame_gap_ms_max;     /* copy video only below this */
    int64_t copy_bits_per_second_max; /* copy video only below this */
    int64_t copy_sound_bits_per_second_max;
    int64_t sound_gain_db_max;
    int64_t probe_memory_bytes;
    int64_t probe_cpu_seconds;
    int64_t probe_wall_seconds;
    int64_t transcode_memory_bytes; /* 0: no limit (sanitizer builds) */
    int64_t media_output_bits_per_second_max;
    int64_t transcode_wall_seconds_per_minute; /* of lecture, and 120 s at least */
    int64_t media_duration_hours_max;
    int64_t media_side_pixels_max;
    int64_t media_streams_max;
    int64_t media_samples_max;
    int64_t media_missing_percent_max;
    /* access */
    int64_t invitation_days;   /* life of a link; also ends with the cohort plus grace */
    int64_t cohort_grace_days; /* lectures stay open after the last day */
    int64_t participant_session_days;
    int64_t staff_session_hours;
    int64_t media_token_seconds;
    int64_t sign_in_attempts_per_minute; /* of one address */
    int64_t retention_days;              /* of people, after their cohort closed; 0: for ever */
    /* viewing */
    int64_t rate_cap_percent; /* 200: credit grows at most twice as fast as server time */
    int64_t completion_threshold_percent; /* preset for new cohorts */
    int64_t completion_gap_ms_max;        /* preset for new cohorts; 0: any gap */
    int64_t viewing_records_max;          /* of one participant at once */
    int64_t play_session_idle_ms;         /* a play session ends this long after its last contact */
    int64_t devices_at_once_max;          /* of one participant that may play at once */
    int64_t group_code_ms;                /* a code to join is good for this long */
    int64_t group_idle_ms;        /* a group ends so long after its screen last showed something */
    int64_t group_people_max;     /* besides the host */
    int64_t network_days;         /* networks and kinds of devices are kept for */
    int64_t sharing_networks;     /* at once: a sign */
    int64_t sharing_device_kinds; /* at once: a sign */
    int64_t sharing_takeovers;    /* in an hour: a sign */
    int64_t delivery_commit_ms;   /* deliveries reach the store within this */
    int64_t delivery_ring;        /* records waiting, of one loop */
    int64_t delivery_late_ms;
    int64_t evidence_checkpoint_minutes;
    int64_t evidence_witness_hours;
    char *evidence_timestamp_url; /* of an RFC 3161 authority; "": none */
    int64_t server_gap_credit_ms; /* content credited to a play session over a crash's gap */
    int64_t offline_ms_max;       /* server time that an offline grant can make count */
    int64_t offline_return_days;  /* a grant is worth nothing after them */
    char *certificate_host;       /* who issues them; "": the host of public_url */
    /* mail */
    char *smtp_url;           /* "": no mail is sent */
    char *smtp_security;      /* starttls, plain */
    char *smtp_user;          /* "": without signing in */
    char *smtp_password_file; /* relative to data */
    char *smtp_authorities;   /* PEM; relative to data; "": the system's */
    char *mail_from;          /* address */
    char *mail_from_name;
    int64_t mail_per_hour_max;
    int64_t outbox_timeout_seconds; /* of one try */
    int64_t outbox_retry_seconds, outbox_retry_max_seconds;
    int64_t outbox_give_up_hours;
    int64_t outbox_late_seconds; /* then the server says that it is degraded */
    int64_t outbox_keep_days;    /* what ended */

    /* learning record store */
    char *lrs_url;           /* "": no statements are sent */
    char *lrs_user;          /* "": without signing in */
    char *lrs_password_file; /* relative to data */
    char *lrs_authorities;   /* PEM; relative to data; "": the system's */
    int64_t lrs_batch_max;   /* COURIER_BATCH_MAX at most */
    int64_t lrs_interval_seconds;
    int64_t lrs_waiting_max; /* in the outbox */
};

/* One parsed "name = value"; for the example file, --help and docs. */
void settings_init(struct settings *settings);
void settings_release(struct settings *settings);
bool settings_set(
    struct settings *settings, const char *name, const char *value, struct problem *problem);
bool settings_load_file(struct settings *settings, const char *path, struct problem *problem);
bool settings_load_environment(
    struct settings *settings, char **environment, struct problem *problem);
void settings_copy(const struct settings *settings, struct settings *ret_copy);
/* Gives *settings the values of `loaded` that a running server can take up; `note` hears of each
 * setting that differs, and whether it is such a one. */
void settings_take_up(struct settings *settings, const struct settings *loaded,
    void (*note)(void *data, const char *name, bool taken_up), void *data);
/* The commented example file. */
void settings_print_example(FILE *out);
/* Every setting as it is now, a "name = value" line each. */
void settings_print_effective(const struct settings *settings, FILE *out);

#endif
