#include "base/settings.h"

#include "base/memory.h"
#include "base/text.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum setting_type {
    SETTING_TEXT,
    SETTING_OPTIONAL_TEXT, /* may be empty */
    SETTING_ORIGINS, /* origins of the web (RFC 6454 section 6.2), parted by spaces, or empty */
    SETTING_NUMBER
};

struct setting {
    const char *section; /* a heading of the example file; not part of the name */
    const char *name;
    enum setting_type type;
    bool live; /* a running server takes up a new value: see settings_take_up() */
    size_t offset;
    const char *preset;
    int64_t least, most; /* of a text: bytes, 0 for TEXT_BYTES_MAX */
    const char *help;
};

#define AT(member) offsetof(struct settings, member)
#define TEXT(member) SETTING_TEXT, false, AT(member)
#define OPTIONAL_TEXT(member) SETTING_OPTIONAL_TEXT, false, AT(member)
#define ORIGINS(member) SETTING_ORIGINS, false, AT(member)
#define NUMBER(member) SETTING_NUMBER, false, AT(member)
#define LIVE_TEXT(member) SETTING_TEXT, true, AT(member)
#define LIVE_OPTIONAL_TEXT(member) SETTING_OPTIONAL_TEXT, true, AT(member)
#define LIVE_NUMBER(member) SETTING_NUMBER, true, AT(member)
static const int64_t tib = INT64_C(1) << 40;
enum { DAY_MS = 86400000, TEXT_BYTES_MAX = 1000 };

// clang-format off
static const struct setting table[] = {
    { "The house", "data", TEXT(data), "/var/lib/lectern", 0, 0,
        "Folder of the store, the media and the keys." },
    { 0, "public-url", TEXT(public_url), "https://localhost:8443", 0, 0,
        "Where participants reach this server. Links in invitations begin with it, and requests from other origins are refused." },
    { 0, "cors-origins", ORIGINS(cors_origins), "", 0, 0,
        "Other origins, parted by spaces, whose pages may use the API and the media as their signed-in visitor, such as https://www.example.org." },
    { 0, "web-root", TEXT(web_root), "/usr/share/lectern/web", 0, 0,
        "Folder of the built pages." },
    { 0, "log-level", LIVE_TEXT(log_level), "info", 0, 0,
        "debug, info, warning or error." },
    { 0, "access-log", TEXT(access_log), "off", 0, 0,
        "A line for each request: off, common (NCSA Common Log Format) or json. Who keeps one should also rotate it." },
    { 0, "access-log-file", OPTIONAL_TEXT(access_log_file), "", 0, 0,
        "Where these lines go. A relative path lies below 'data'; empty is standard error. A file that is renamed or removed is made anew." },
    { 0, "access-log-addresses", TEXT(access_log_addresses), "network", 0, 0,
        "What they tell of addresses: network (the /24, or /48), full or none. Addresses are personal data: keep full ones for 30 days at most." },
    { 0, "access-log-ring", NUMBER(access_log_ring), "1024", 16, 1 << 20,
        "Requests of one loop that may wait to be written; further ones are left out and counted." },
    { 0, "slow-request-ms", LIVE_NUMBER(slow_request_ms), "2000", 0, DAY_MS,
        "A request that took this long by our own fault is logged as a warning. 0 logs none." },

    { "Listening", "listen", TEXT(listen), "::", 0, 0,
        "Address to listen on. '::' takes IPv6 and IPv4." },
    { 0, "port", NUMBER(port), "8443", 0, 65535,
        "Port for HTTPS. 0 takes a free one and logs it." },
    { 0, "metrics-listen", TEXT(metrics_listen), "127.0.0.1", 0, 0,
        "Address for plain HTTP /metrics, /healthz and /readyz. Keep it on loopback." },
    { 0, "metrics-port", NUMBER(metrics_port), "9443", 0, 65535,
        "Port for it. 0 switches it off." },
    { 0, "tls-certificate", LIVE_TEXT(tls_certificate), "tls/server.pem", 0, 0,
        "Certificate chain in PEM. A relative path lies below 'data'." },
    { 0, "tls-key", LIVE_TEXT(tls_key), "tls/server.key", 0, 0,
        "Its private key in PEM." },
    { 0, "tls-staple", LIVE_OPTIONAL_TEXT(tls_staple), "", 0, 0,
        "An OCSP response about it in DER, sent along while it is in force. Empty for none." },
    { 0, "tls-second-certificate", LIVE_OPTIONAL_TEXT(tls_second_certificate), "", 0, 0,
        "A second chain with a key of the other kind (ECDSA, RSA), for clients that cannot use the first. Empty for none." },
    { 0, "tls-second-key", LIVE_OPTIONAL_TEXT(tls_second_key), "", 0, 0,
        "Its private key in PEM." },
    { 0, "tls-second-staple", LIVE_OPTIONAL_TEXT(tls_second_staple), "", 0, 0,
        "An OCSP response about it in DER." },
    { 0, "tls-kernel", LIVE_TEXT(tls_kernel), "off", 0, 0,
        "auto lets the kernel make the TLS records of new connections where it can (kTLS), off never. See docs/tls.md before." },
    { 0, "tls-vaes", LIVE_TEXT(tls_vaes), "auto", 0, 0,
        "auto encrypts with the wide AES instructions of a new processor (VAES) where OpenSSL itself does not, off never. See docs/tls.md." },
    { 0, "tls-watch-seconds", LIVE_NUMBER(tls_watch_seconds), "60", 1, DAY_MS / 1000,
        "Seconds between two looks at the files of the certificates, which are loaded again when they have changed." },
    { 0, "loops", NUMBER(loops), "0", 0, 64,
        "Event loops. 0 makes one a core." },
    { 0, "proxy-protocol-from", LIVE_OPTIONAL_TEXT(proxy_protocol_from), "", 0, 0,
        "Networks, as in '10.0.0.0/8, ::1', whose connections must begin with a PROXY protocol header." },
    { 0, "host-names", LIVE_OPTIONAL_TEXT(host_names), "", 0, 0,
        "Host names that requests may ask for, parted by spaces; others are answered 421. Empty: any name." },
    { 0, "trusted-proxies", LIVE_OPTIONAL_TEXT(trusted_proxies), "", 0, 0,
        "Networks of proxies whose Forwarded and X-Forwarded-For fields are believed." },

    { "Limits of connections and requests", "connections-max", LIVE_NUMBER(connections_max), "10000", 16, 1000000,
        "Connections at once; a further one takes the place of one that is silent or idle." },
    { 0, "connections-per-address-max", LIVE_NUMBER(connections_per_address_max), "1000", 0, 1000000,
        "Connections at once of one address (of IPv6: one /64). 0 sets no limit." },
    { 0, "connections-per-address-per-second", LIVE_NUMBER(connections_per_address_per_second), "100", 0, 100000,
        "New connections of one address in a second; what comes in five seconds may come at once. 0 sets no limit." },
    { 0, "connections-per-second", LIVE_NUMBER(connections_per_second), "0", 0, 1000000,
        "New connections of all addresses in a second. 0 sets no limit. Keep the limit of one address too, or one can use up all." },
    { 0, "address-limits-exempt", LIVE_OPTIONAL_TEXT(address_limits_exempt), "127.0.0.0/8, ::1", 0, 0,
        "Networks whose connections are not counted by address; those of trusted-proxies are not either." },
    { 0, "header-bytes-max", LIVE_NUMBER(header_bytes_max), "32768", 1024, 1048576,
        "Bytes of a request's line and headers." },
    { 0, "header-count-max", LIVE_NUMBER(header_count_max), "100", 10, 1000,
        "Header fields of a request." },
    { 0, "target-bytes-max", LIVE_NUMBER(target_bytes_max), "8192", 256, 65536,
        "Bytes of a request's target." },
    { 0, "ranges-max", LIVE_NUMBER(ranges_max), "16", 1, 100,
        "Ranges in one Range header; with more of them the whole is sent." },
    { 0, "handshake-deadline-ms", LIVE_NUMBER(handshake_deadline_ms), "10000", 100, DAY_MS,
        "Milliseconds for a TLS handshake, all of it." },
    { 0, "header-deadline-ms", LIVE_NUMBER(header_deadline_ms), "15000", 100, DAY_MS,
        "Milliseconds for a request's headers, all of them." },
    { 0, "idle-deadline-ms", LIVE_NUMBER(idle_deadline_ms), "75000", 100, DAY_MS,
        "Milliseconds that a connection may wait without a request." },
    { 0, "body-bytes-per-second-least", LIVE_NUMBER(body_bytes_per_second_least), "512", 1, 1 << 30,
        "A request's body must arrive at this rate on average, once transfer-grace-ms have passed." },
    { 0, "send-bytes-per-second-least", LIVE_NUMBER(send_bytes_per_second_least), "256", 1, 1 << 30,
        "A response must be taken at this rate on average, once transfer-grace-ms have passed." },
    { 0, "handshakes-max", LIVE_NUMBER(handshakes_max), "64", 1, 10000,
        "TLS handshakes in flight of one loop; further ones wait their turn." },
    { 0, "send-buffer-bytes", NUMBER(send_buffer_bytes), "262144", 16384, 1 << 26,
        "Unsent bytes that the kernel may hold for a connection (TCP_NOTSENT_LOWAT)." },
    { 0, "participant-bytes-per-second", NUMBER(participant_bytes_per_second), "0", 0, tib,
        "Bytes of media that one participant is sent in a second, over all connections; a second's worth may come at once. 0 sets no limit." },
    { 0, "connection-pacing-bytes-per-second", NUMBER(connection_pacing_bytes_per_second), "0", 0, tib,
        "The kernel spreads what one connection is sent evenly, at this rate at most (SO_MAX_PACING_RATE). 0 sets no limit." },
    { 0, "congestion-control", OPTIONAL_TEXT(congestion_control), "", 0, 0,
        "TCP congestion control of the connections, such as bbr; empty takes the system's. One that the kernel lacks is logged, and passed over." },
    { 0, "streams-max", LIVE_NUMBER(streams_max), "64", 1, 1000,
        "HTTP/2 streams at once of a connection." },
    { 0, "mapped-bytes-max", LIVE_NUMBER(mapped_bytes_max), "2147483648", 1 << 20, tib,
        "Media files kept mapped, in bytes of address space." },
    { 0, "memory-reserve-bytes", NUMBER(memory_reserve_bytes), "4194304", 0, tib,
        "Memory kept back for requests that are open when there is no more; new ones are answered 503 then." },
    { 0, "stop-deadline-ms", LIVE_NUMBER(stop_deadline_ms), "20000", 0, DAY_MS,
        "Milliseconds for open requests to end after SIGTERM, and after another server has taken over." },
    { 0, "drain-idle-ms", LIVE_NUMBER(drain_idle_ms), "10000", 100, DAY_MS,
        "After a takeover, the old server keeps an idle HTTP/1.1 connection so long: a request may be on its way." },
    { 0, "takeover-ready-ms", NUMBER(takeover_ready_ms), "60000", 1000, DAY_MS,
        "A server that takes over must be ready within this, and the old one must let it, or the old one goes on." },
    { 0, "http2-farewell-ms", LIVE_NUMBER(http2_farewell_ms), "500", 1, 60000,
        "Milliseconds for HTTP/2 requests that are on their way when a server stops or drains." },

    { "Slow and hostile peers", "handshake-pressed-ms", LIVE_NUMBER(handshake_pressed_ms), "2000", 100, DAY_MS,
        "Milliseconds for a TLS handshake while others wait for its place." },
    { 0, "head-pressed-ms", LIVE_NUMBER(head_pressed_ms), "2000", 100, DAY_MS,
        "Milliseconds for a request's headers while newcomers find no room." },
    { 0, "tls-renewals-max", LIVE_NUMBER(tls_renewals_max), "32", 1, 1000000,
        "Times that a peer may renew the keys of one connection, or try to renegotiate; honest ones do it after gigabytes." },
    { 0, "transfer-grace-ms", LIVE_NUMBER(transfer_grace_ms), "30000", 100, DAY_MS,
        "Milliseconds of a body or response before its least rate counts." },
    { 0, "transfer-stall-ms", LIVE_NUMBER(transfer_stall_ms), "60000", 100, DAY_MS,
        "Milliseconds without a byte after which a body or response is given up." },
    { 0, "linger-ms", LIVE_NUMBER(linger_ms), "2000", 0, 60000,
        "Milliseconds in which a peer that was refused may send on, so that it reads the answer." },
    { 0, "dropped-body-bytes-max", LIVE_NUMBER(dropped_body_bytes_max), "1048576", 0, 1 << 30,
        "Bytes of a body that nobody reads which are taken all the same, so that its connection lives on." },
    { 0, "chunk-extension-bytes-max", LIVE_NUMBER(chunk_extension_bytes_max), "256", 0, 65536,
        "Bytes of the extension of one chunk." },
    { 0, "chunk-extensions-bytes-max", LIVE_NUMBER(chunk_extensions_bytes_max), "16384", 0, 1 << 20,
        "Bytes of all chunk extensions of a body." },
    { 0, "trailer-bytes-max", LIVE_NUMBER(trailer_bytes_max), "4096", 2, 1 << 20,
        "Bytes of the trailer fields behind a chunked body, which are dropped." },
    { 0, "http2-continuations-max", LIVE_NUMBER(http2_continuations_max), "8", 1, 1000,
        "CONTINUATION frames of one header." },
    { 0, "http2-control-frames-max", LIVE_NUMBER(http2_control_frames_max), "1000", 10, 1000000,
        "Frames that carry nothing (PING, SETTINGS, WINDOW_UPDATE, empty DATA) which a connection may send at once." },
    { 0, "http2-control-frames-per-second", LIVE_NUMBER(http2_control_frames_per_second), "50", 1, 100000,
        "Such frames that come back in a second; a body earns more." },
    { 0, "http2-resets-max", LIVE_NUMBER(http2_resets_max), "200", 1, 100000,
        "Streams that a connection may open and then reset, or make the server reset, at once." },
    { 0, "http2-resets-per-second", LIVE_NUMBER(http2_resets_per_second), "10", 1, 10000,
        "Such streams that come back in a second." },
    { 0, "http2-first-window-bytes", LIVE_NUMBER(http2_first_window_bytes), "16384", 0, 1 << 30,
        "Bytes that a stream may send before its body is read." },
    { 0, "http2-body-window-bytes", LIVE_NUMBER(http2_body_window_bytes), "65536", 1024, 1 << 30,
        "Bytes in flight of a body that is read whole." },
    { 0, "http2-upload-window-bytes", LIVE_NUMBER(http2_upload_window_bytes), "1048576", 1024, 1 << 30,
        "Bytes in flight of an upload: 40 Mbit/s at 200 ms." },
    { 0, "http2-connection-window-bytes", LIVE_NUMBER(http2_connection_window_bytes), "2097152", 65535, 1 << 30,
        "Bytes in flight of all streams of a connection." },

    { "Threads", "store-threads", NUMBER(store_threads), "4", 1, 64,
        "Threads that run requests which need the store." },
    { 0, "disk-threads", NUMBER(disk_threads), "2", 1, 64,
        "Threads that read cold media and write uploads." },
    { 0, "queue-max", NUMBER(queue_max), "2048", 16, 1000000,
        "Requests waiting for a thread; further ones are answered 503." },
    { 0, "drawing-threads", NUMBER(drawing_threads), "1", 1, 16,
        "Threads that draw certificates and badges." },
    { 0, "drawing-queue-max", NUMBER(drawing_queue_max), "64", 1, 10000,
        "Certificates waiting to be drawn; further requests are answered 503." },

    { 0, "events-streams-max", NUMBER(events_streams_max), "256", 1, 65536,
        "Pages of staff that are told of jobs as they go (GET /api/v1/events), at once; further ones ask every few seconds." },
    { 0, "events-streams-per-person-max", NUMBER(events_streams_per_person_max), "8", 1, 1024,
        "The same, of one person." },
    { 0, "events-heartbeat-seconds", NUMBER(events_heartbeat_seconds), "15", 1, 300,
        "Silence on such a stream after which a sign of life is sent." },
    { "Uploads and media", "upload-bytes-max", NUMBER(upload_bytes_max), "10737418240", 1024, tib,
        "Largest upload." },
    { 0, "upload-unsynced-bytes-max", NUMBER(upload_unsynced_bytes_max), "4194304", 65536, 1 << 28,
        "Bytes of one upload held in memory or unsynced on the way to disk." },
    { 0, "upload-expires-hours", NUMBER(upload_expires_hours), "72", 1, 8760,
        "An unfinished upload is removed this long after its last byte." },
    { 0, "upload-look-bytes", NUMBER(upload_look_bytes), "8388608", 0, tib,
        "An upload is looked at when so much of it has come, and at an eighth and a 128th of that: what cannot be a lecture is refused before all is sent. 0: never." },
    { 0, "upload-look-ms", NUMBER(upload_look_ms), "5000", 100, 60000,
        "Time of such a look; one that takes longer is ended, and the upload goes on." },
    { 0, "upload-person-count-max", NUMBER(upload_person_count_max), "100", 1, 100000,
        "Unfinished uploads of one person." },
    { 0, "upload-person-bytes-max", NUMBER(upload_person_bytes_max), "214748364800", 1024, 1024 * tib,
        "Bytes that the unfinished uploads of one person announce together." },
    { 0, "upload-total-bytes-max", NUMBER(upload_total_bytes_max), "1099511627776", 1024, 1024 * tib,
        "Bytes that all unfinished uploads announce together." },
    { 0, "caption-bytes-max", NUMBER(caption_bytes_max), "2097152", 1024, 1 << 26,
        "Largest caption file." },
    { 0, "chapters-max", NUMBER(chapters_max), "200", 1, 1000,
        "Chapters of one lecture." },
    { 0, "handout-bytes-max", NUMBER(handout_bytes_max), "67108864", 1024, INT64_C(1) << 32,
        "Largest handout." },
    { 0, "handouts-max", NUMBER(handouts_max), "20", 1, 200,
        "Handouts of one lecture." },
    { 0, "media-jobs", NUMBER(media_jobs), "1", 1, 64,
        "Passes that prepare lectures at once. One more place is kept for a lecture's first pass while all of these make further ones." },
    { 0, "keep-originals", NUMBER(keep_originals), "1", 0, 1,
        "Whether the file that a lecture was made of is kept (1) once all is made of it, for trimming and for sound that comes later, or removed (0)." },
    { 0, "old-version-hours", NUMBER(old_version_hours), "48", 1, 8760,
        "Hours after which the files of a version that another took the place of are removed, counted from when somebody last played it." },
    { 0, "disk-reserve-bytes", NUMBER(disk_reserve_bytes), "268435456", 0, tib,
        "Room on the disk that jobs leave to the store; of a small disk a sixteenth. A job that would need it pauses." },
    { 0, "disk-full-retry-seconds", NUMBER(disk_full_retry_seconds), "60", 1, 3600,
        "Between looks for room while a job is paused for want of it." },
    { 0, "segment-ms", NUMBER(segment_ms), "4000", 1000, 30000,
        "Target segment length. Changes apply to new uploads only." },
    { 0, "ladder-file", OPTIONAL_TEXT(ladder_file), "", 0, 0,
        "The rungs that pictures are encoded in, as in ladder.conf. Empty is what is built in ('lectern settings --ladder')." },
    { 0, "key-frame-gap-ms-max", NUMBER(key_frame_gap_ms_max), "6000", 1000, 30000,
        "Video with a longer gap between key frames is transcoded." },
    { 0, "copy-bits-per-second-max", NUMBER(copy_bits_per_second_max), "4000000", 100000, 1000000000,
        "Video with more bits a second is transcoded." },
    { 0, "copy-sound-bits-per-second-max", NUMBER(copy_sound_bits_per_second_max), "160000", 16000, 1000000,
        "Sound with more bits a second is transcoded." },
    { 0, "sound-gain-db-max", NUMBER(sound_gain_db_max), "30", 0, 60,
        "Quiet sound is brought up by at most so much; all of it to -16 LUFS where that is enough." },
    { 0, "probe-memory-bytes", NUMBER(probe_memory_bytes), "536870912", 0, tib,
        "Address space of a process that looks at a file. 0 sets no limit." },
    { 0, "probe-cpu-seconds", NUMBER(probe_cpu_seconds), "10", 1, 3600,
        "Processor time of a look at a file." },
    { 0, "probe-wall-seconds", NUMBER(probe_wall_seconds), "30", 1, 3600,
        "Time of a look at a file." },
    { 0, "transcode-memory-bytes", NUMBER(transcode_memory_bytes), "2147483648", 0, tib,
        "Address space of a process that packages or transcodes. 0 sets no limit." },
    { 0, "transcode-wall-seconds-per-minute", NUMBER(transcode_wall_seconds_per_minute), "300", 1, 3600,
        "Time to prepare a minute of lecture, and two minutes at least." },
    { 0, "media-output-bits-per-second-max", NUMBER(media_output_bits_per_second_max), "2400000", 100000, 1000000000,
        "No file that is made of a lecture may take more, beside twice the size of what is copied and 64 MB: more than the ladder's largest rung." },
    { 0, "media-duration-hours-max", NUMBER(media_duration_hours_max), "24", 1, 100,
        "Longest lecture." },
    { 0, "media-side-pixels-max", NUMBER(media_side_pixels_max), "8192", 16, 32768,
        "Longest side of a picture." },
    { 0, "media-streams-max", NUMBER(media_streams_max), "32", 1, 1000,
        "Streams in a file." },
    { 0, "media-samples-max", NUMBER(media_samples_max), "10000000", 1000, 1000000000,
        "Pictures and sound packets in a file." },
    { 0, "media-missing-percent-max", NUMBER(media_missing_percent_max), "5", 0, 100,
        "Of a file that is cut off, how much of its length may be missing for the rest to become a lecture. "
        "0 refuses every such file." },

    { "Links, sessions and tokens", "invitation-days", NUMBER(invitation_days), "180", 1, 3650,
        "Life of a personal link." },
    { 0, "cohort-grace-days", NUMBER(cohort_grace_days), "14", 0, 3650,
        "Lectures stay open this long after a cohort's last day." },
    { 0, "participant-session-days", NUMBER(participant_session_days), "60", 1, 3650,
        "A participant stays signed in this long." },
    { 0, "staff-session-hours", NUMBER(staff_session_hours), "12", 1, 8760,
        "Staff stay signed in this long." },
    { 0, "media-token-seconds", NUMBER(media_token_seconds), "600", 10, 600,
        "Life of a media token; it is renewed silently past half of it." },
    { 0, "sign-in-attempts-per-minute", LIVE_NUMBER(sign_in_attempts_per_minute), "10", 1, 10000,
        "Wrong passwords and links taken from one address in a minute." },
    { 0, "retention-days", NUMBER(retention_days), "0", 0, 36500,
        "Days after a cohort has closed when its people are erased, unless the cohort has days of its own; 0 keeps them for ever." },

    { "Viewing", "rate-cap-percent", NUMBER(rate_cap_percent), "200", 100, 400,
        "Credit grows at most this fast against server time; 200 is twice. Also the player's fastest speed." },
    { 0, "completion-threshold-percent", NUMBER(completion_threshold_percent), "90", 1, 100,
        "New cohorts: part of a lecture's unique content that completes it." },
    { 0, "completion-gap-ms-max", NUMBER(completion_gap_ms_max), "30000", 0, DAY_MS,
        "New cohorts: longest stretch that may be missing. 0 allows any." },
    { 0, "viewing-records-max", NUMBER(viewing_records_max), "20000", 100, 10000000,
        "Heartbeats that one participant may send at once, as after days without a line; a play counts for 20, and two a second come back." },
    { 0, "play-session-idle-ms", NUMBER(play_session_idle_ms), "600000", 10000, DAY_MS,
        "A play session ends this long after its last contact." },
    { 0, "devices-at-once-max", NUMBER(devices_at_once_max), "1", 1, 10,
        "Devices of one participant that may play at once: the newest ones. What others play meanwhile is recorded and not credited." },
    { 0, "group-code-ms", NUMBER(group_code_ms), "1800000", 60000, DAY_MS,
        "The code by which others join a group before one screen is good for this long; then the page can show another." },
    { 0, "group-idle-ms", NUMBER(group_idle_ms), "1800000", 60000, DAY_MS,
        "A group ends this long after its screen last showed something." },
    { 0, "group-people-max", NUMBER(group_people_max), "100", 1, 1000,
        "People who may be in one group besides the one whose link plays." },
    { 0, "network-days", NUMBER(network_days), "30", 1, 30,
        "The network (the /24, or /48) and kind of device that a play session began from are forgotten after so many days." },
    { 0, "sharing-networks", NUMBER(sharing_networks), "3", 2, 1000,
        "Playing from so many networks at once is told to the organizer as a sign of a shared link. It has no other consequence." },
    { 0, "sharing-device-kinds", NUMBER(sharing_device_kinds), "3", 2, 4,
        "The same for so many kinds of devices (phone, tablet, computer, other) at once." },
    { 0, "sharing-takeovers", NUMBER(sharing_takeovers), "10", 2, 1000,
        "The same for so many times in an hour that one device took over from another." },
    { 0, "delivery-commit-ms", NUMBER(delivery_commit_ms), "200", 10, 250,
        "Deliveries are in the store after at most this." },
    { 0, "delivery-ring", NUMBER(delivery_ring), "16384", 256, 1 << 20,
        "Delivery records of one loop that may wait for the store; beyond that, segments are answered 503." },
    { 0, "delivery-late-ms", NUMBER(delivery_late_ms), "5000", 100, DAY_MS,
        "When delivery records have waited this long, the server says that it is degraded." },
    { 0, "evidence-checkpoint-minutes", NUMBER(evidence_checkpoint_minutes), "60", 1, 525600,
        "While records come, the evidence log is signed this often; also at each cohort's end and at every export." },
    { 0, "evidence-witness-hours", NUMBER(evidence_witness_hours), "24", 1, 8760,
        "Witnesses are mailed a checkpoint at least this often while records come; those of exports and a cohort's end at once." },
    { 0, "evidence-timestamp-url", OPTIONAL_TEXT(evidence_timestamp_url), "", 0, 0,
        "A time stamp authority (RFC 3161), http or https, that says when checkpoints were there; empty asks none." },
    { 0, "server-gap-credit-ms", NUMBER(server_gap_credit_ms), "120000", 0, DAY_MS,
        "Content whose delivery records a crash may have lost, credited to a play session that was open." },
    { 0, "offline-ms-max", NUMBER(offline_ms_max), "86400000", 0, 7 * DAY_MS,
        "Time that may count for what a play session played without a line, from its beginning on." },
    { 0, "offline-return-days", NUMBER(offline_return_days), "30", 1, 366,
        "What was played without a line counts when it comes back within this." },
    { 0, "certificate-host", OPTIONAL_TEXT(certificate_host), "", 0, 200,
        "Who issues certificates, such as the name of a foundation. Empty names the host of public-url." },

    { "Mail", "smtp-url", OPTIONAL_TEXT(smtp_url), "", 0, 0,
        "The server that sends mails, such as smtp://mail.example.org:587 or smtps://mail.example.org. Empty sends none." },
    { 0, "smtp-security", TEXT(smtp_security), "starttls", 0, 0,
        "starttls demands it of a smtp:// server; plain goes without, for a server on the same machine." },
    { 0, "smtp-user", OPTIONAL_TEXT(smtp_user), "", 0, 0,
        "Who signs in there. Empty does not sign in." },
    { 0, "smtp-password-file", OPTIONAL_TEXT(smtp_password_file), "", 0, 0,
        "File whose first line is the password, relative to data; only its owner may read it." },
    { 0, "smtp-authorities", OPTIONAL_TEXT(smtp_authorities), "", 0, 0,
        "PEM of the authorities that the server's certificate must be of, relative to data. Empty is the system's." },
    { 0, "mail-from", OPTIONAL_TEXT(mail_from), "", 0, 0,
        "Address that mails come from, such as lectern@example.org." },
    { 0, "mail-from-name", OPTIONAL_TEXT(mail_from_name), "Lectern", 0, 0,
        "Name beside that address." },
    { 0, "mail-per-hour-max", NUMBER(mail_per_hour_max), "500", 1, 1000000,
        "Mails sent in an hour; the rest wait." },
    { 0, "outbox-timeout-seconds", NUMBER(outbox_timeout_seconds), "60", 1, 600,
        "Time of one try to send something, from the connection to the answer." },
    { 0, "outbox-retry-seconds", NUMBER(outbox_retry_seconds), "60", 1, 86400,
        "Wait before the second try; it doubles with each further one, less a random half." },
    { 0, "outbox-retry-max-seconds", NUMBER(outbox_retry_max_seconds), "7200", 1, 86400,
        "Longest wait between tries." },
    { 0, "outbox-give-up-hours", NUMBER(outbox_give_up_hours), "72", 1, 8760,
        "What could not be sent for so long is given up; 'lectern mail retry' begins again." },
    { 0, "outbox-late-seconds", NUMBER(outbox_late_seconds), "3600", 1, 864000,
        "When something has waited this long, the server says that it is degraded." },
    { 0, "outbox-keep-days", NUMBER(outbox_keep_days), "30", 1, 3650,
        "Days after which the lines about what was sent or given up are removed. Texts go as soon as they are sent." },

    { "Learning record store", "lrs-url", OPTIONAL_TEXT(lrs_url), "", 0, 0,
        "Where xAPI statements of all that is watched go, such as https://lrs.example.org/xapi. Empty sends none." },
    { 0, "lrs-user", OPTIONAL_TEXT(lrs_user), "", 0, 0,
        "Who signs in there (Basic). Empty does not sign in." },
    { 0, "lrs-password-file", OPTIONAL_TEXT(lrs_password_file), "", 0, 0,
        "File whose first line is the password, relative to data; only its owner may read it." },
    { 0, "lrs-authorities", OPTIONAL_TEXT(lrs_authorities), "", 0, 0,
        "PEM of the authorities that its certificate must be of, relative to data. Empty is the system's." },
    { 0, "lrs-batch-max", NUMBER(lrs_batch_max), "100", 1, 100,
        "Statements of one request." },
    { 0, "lrs-interval-seconds", NUMBER(lrs_interval_seconds), "10", 1, 86400,
        "How often play sessions that have ended, and completions, become statements." },
    { 0, "lrs-waiting-max", NUMBER(lrs_waiting_max), "10000", 100, 10000000,
        "Statements that wait to be sent; beyond that none are made until some have gone. Nothing is lost by it." },
};
// clang-format on

enum { SETTING_COUNT = sizeof table / sizeof table[0] };

static void *member(struct settings *settings, const struct setting *setting)
{
    return (char *)settings + setting->offset;
}

static const struct setting *find(const char *name)
{
    for (size_t i = 0; i < SETTING_COUNT; i++)
        if (text_equal(table[i].name, name))
            return &table[i];
    return NULL;
}

/* "https://www.example.org:8443": no path, no capitals, as browsers write it. */
static bool is_origin(const char *text, size_t length)
{
    static const char scheme[] = "https://";
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789.-:[]";
    size_t host = sizeof scheme - 1;
    return length > host && memcmp(text, scheme, host) == 0
           && strspn(text + host, allowed) >= length - host && text[host] != ':';
}

static bool is_origin_list(const char *text)
{
    while (*text != '\0') {
        size_t length = strcspn(text, " ");
        if (!is_origin(text, length))
            return false;
        text += length;
        text += strspn(text, " ");
    }
    return true;
}

static bool check_text(const struct setting *setting, const char *value, struct problem *problem)
{
    bool nothing = setting->type != SETTING_TEXT && value[0] == '\0';
    size_t most = setting->most > 0 ? (size_t)setting->most : TEXT_BYTES_MAX;
    if (!nothing && !text_is_line(value, most))
        return problem_set(problem, PROBLEM_SETTING,
            "'%s' must be a line of text of %zu bytes at most.", setting->name, most);
    if (setting->type == SETTING_ORIGINS && !is_origin_list(value))
        return problem_set(problem, PROBLEM_SETTING,
            "'%s' must be origins such as https://www.example.org, parted by spaces, not '%s'.",
            setting->name, value);
    return true;
}

bool settings_set(
    struct settings *settings, const char *name, const char *value, struct problem *problem)
{
    const struct setting *setting = find(name);
    if (!setting)
        return problem_set(problem, PROBLEM_SETTING, "There is no setting '%s'.", name);
    if (setting->type == SETTING_NUMBER) {
        int64_t number;
        if (!text_to_int64(value, strlen(value), setting->least, setting->most, &number))
            return problem_set(problem, PROBLEM_SETTING,
                "'%s' must be a whole number from %lld to %lld, not '%s'.", name,
                (long long)setting->least, (long long)setting->most, value);
        *(int64_t *)member(settings, setting) = number;
        return true;
    }
    if (!check_text(setting, value, problem))
        return false;
    char **string = member(settings, setting);
    free(*string);
    *string = memory_strdup(value);
    return true;
}

void settings_init(struct settings *settings)
{
    *settings = (struct settings){ 0 };
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        struct problem problem = { 0 };
        if (!settings_set(settings, table[i].name, table[i].preset, &problem)) {
            (void)fprintf(stderr, "lectern: preset of a setting: %s\n", problem.detail);
            abort();
        }
    }
}

void settings_release(struct settings *settings)
{
    for (size_t i = 0; i < SETTING_COUNT; i++)
        if (table[i].type != SETTING_NUMBER)
            free(*(char **)member(settings, &table[i]));
    *settings = (struct settings){ 0 };
}

static bool is_equal(
    const struct settings *left, const struct settings *right, const struct setting *setting)
{
    const void *ours = (const char *)left + setting->offset;
    const void *theirs = (const char *)right + setting->offset;
    if (setting->type == SETTING_NUMBER)
        return *(const int64_t *)ours == *(const int64_t *)theirs;
    return text_equal(*(char *const *)ours, *(char *const *)theirs);
}

static void copy_one(
    const struct settings *settings, const struct setting *setting, struct settings *to)
{
    const void *from = (const char *)settings + setting->offset;
    void *place = member(to, setting);
    if (setting->type == SETTING_NUMBER) {
        *(int64_t *)place = *(const int64_t *)from;
        return;
    }
    free(*(char **)place);
    *(char **)place = memory_strdup(*(char *const *)from);
}

void settings_copy(const struct settings *settings, struct settings *ret_copy)
{
    *ret_copy = (struct settings){ 0 };
    for (size_t i = 0; i < SETTING_COUNT; i++)
        copy_one(settings, &table[i], ret_copy);
}

void settings_take_up(struct settings *settings, const struct settings *loaded,
    void (*note)(void *data, const char *name, bool taken_up), void *data)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (is_equal(settings, loaded, &table[i]))
            continue;
        note(data, table[i].name, table[i].live);
        if (table[i].live)
            copy_one(loaded, &table[i], settings);
    }
}

void settings_print_example(FILE *out)
{
    (void)fprintf(out,
        "# Settings of Lectern, with their presets.  Printed by 'lectern settings'.\n"
        "# Stronger than this file: the environment (LECTERN_PORT=443), then --set port=443.\n"
        "# A running server takes up what is marked so at 'lectern reload' or SIGHUP; the rest "
        "when it "
        "starts.\n");
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *setting = &table[i];
        if (setting->section)
            (void)fprintf(out, "\n## %s\n", setting->section);
        (void)fprintf(out, "\n# %s\n", setting->help);
        if (setting->live)
            (void)fprintf(out, "# A reload takes it up.\n");
        if (setting->type == SETTING_NUMBER)
            (void)fprintf(
                out, "# From %lld to %lld.\n", (long long)setting->least, (long long)setting->most);
        (void)fprintf(out, "#%s =%s%s\n", setting->name, setting->preset[0] != '\0' ? " " : "",
            setting->preset);
    }
}

void settings_print_effective(const struct settings *settings, FILE *out)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const char *at = (const char *)settings + table[i].offset;
        if (table[i].type == SETTING_NUMBER)
            (void)fprintf(
                out, "%s = %lld\n", table[i].name, (long long)*(const int64_t *)(const void *)at);
        else
            (void)fprintf(out, "%s = %s\n", table[i].name, *(char *const *)(const void *)at);
    }
}
