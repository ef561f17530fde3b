/* Files made for the purpose, each with one thing that is hard about it. */
#include "job_world.h"

#include "media/captions.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static struct job_world world;

#define PICTURE "-f lavfi -i testsrc=size=320x180:rate=25:duration=10 "
#define SOUND "-f lavfi -i sine=frequency=440:duration=10,volume=5dB "
#define H264 "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 50 -sc_threshold 0 -bf 2 "
#define AAC "-c:a aac -b:a 64k "

/* false, with a word, where there is no ffmpeg. */
static bool make(const char *arguments, const char *name, char ret_path[200])
{
    char command[1000];
    world_path(&world, name, ret_path);
    (void)snprintf(command, sizeof command, "ffmpeg -v error -y %s%s", arguments, ret_path);
    int code = world_run(&world, command);
    if (code == 127)
        print_message("skipped: there is no ffmpeg to make %s\n", name);
    else
        assert_int_equal(code, 0);
    return code == 0;
}

static void made_files_are_copied_or_converted_as_the_rules_say(void **state)
{
    (void)state;
    static const struct {
        const char *name, *arguments;
        enum media_action video, audio;
        int64_t duration_ms, tolerance_ms;
        const char *reason; /* a word of why the picture, or the sound, is converted */
    } cases[] = {
        { "index-first.mp4", PICTURE SOUND H264 AAC "-movflags +faststart ", MEDIA_COPY, MEDIA_COPY,
            10000, 40, "" },
        { "index-last.mp4", PICTURE SOUND H264 AAC, MEDIA_COPY, MEDIA_COPY, 10000, 40, "" },
        { "fragmented.mp4", PICTURE SOUND H264 AAC "-movflags frag_keyframe+delay_moov ",
            MEDIA_COPY, MEDIA_COPY, 10000, 60, "" },
        { "quicktime.mov", PICTURE SOUND H264 AAC, MEDIA_COPY, MEDIA_COPY, 10000, 40, "" },
        { "matroska.mkv", PICTURE SOUND H264 AAC, MEDIA_COPY, MEDIA_COPY, 10000, 60, "" },
        { "flash.flv", PICTURE SOUND H264 AAC "-ar 44100 ", MEDIA_COPY, MEDIA_COPY, 10000, 60, "" },
        { "starts-at-10s.ts", PICTURE SOUND H264 AAC "-output_ts_offset 10 ", MEDIA_COPY,
            MEDIA_COPY, 10000, 60, "" },
        { "just-over-a-segment.mp4", "-t 8.3 " PICTURE "-t 8.3 " SOUND H264 AAC, MEDIA_COPY,
            MEDIA_COPY, 8300, 40, "" },
        { "open-groups.mp4", PICTURE H264 "-x264-params open-gop=1:bframes=3 ", MEDIA_TRANSCODE,
            MEDIA_NONE, 10000, 0, "apart" },
        { "few-keys.mp4", PICTURE H264 "-g 1000 ", MEDIA_TRANSCODE, MEDIA_NONE, 10000, 0, "apart" },
        { "ten-bits.mp4", PICTURE H264 "-pix_fmt yuv420p10le ", MEDIA_TRANSCODE, MEDIA_NONE, 10000,
            0, "10 bits" },
        { "interlaced.mp4",
            PICTURE "-vf interlace -pix_fmt yuv420p -c:v libx264 -preset ultrafast -flags "
                    "+ilme+ildct -g 25 ",
            MEDIA_TRANSCODE, MEDIA_NONE, 10000, 200, "interlaced" },
        { "sixty.mp4", "-f lavfi -i testsrc=size=320x180:rate=60:duration=4 -c:v mpeg4 -b:v 500k ",
            MEDIA_TRANSCODE, MEDIA_NONE, 4000, 0, "MPEG-4" },
        { "odd-size.mkv", "-f lavfi -i testsrc=size=321x181:rate=10:duration=3 -c:v ffv1 ",
            MEDIA_TRANSCODE, MEDIA_NONE, 3000, 20, "ffv1" },
        { "wide-pixels.avi",
            "-f lavfi -i testsrc=size=360x288:rate=25:duration=2 -vf setsar=64/45 -c:v mjpeg ",
            MEDIA_TRANSCODE, MEDIA_NONE, 2000, 0, "Motion JPEG" },
        { "six-channels.mp4", PICTURE "-f lavfi -i sine=duration=10,volume=5dB -ac 6 " H264 AAC,
            MEDIA_COPY, MEDIA_TRANSCODE, 10000, 40, "6 channels" },
        { "late-sound.mp4", PICTURE "-itsoffset 2 " SOUND "-t 10 " H264 AAC, MEDIA_COPY,
            MEDIA_TRANSCODE, 10000, 60, "s after the " },
        { "late-picture.ts", "-itsoffset 2 " PICTURE SOUND H264 AAC, MEDIA_TRANSCODE, MEDIA_COPY,
            12000, 60, "s after the " },
        { "still.mp4",
            "-f lavfi -i color=size=320x180:rate=1:duration=1 " SOUND
            "-c:v libx264 -pix_fmt yuv420p " AAC,
            MEDIA_TRANSCODE, MEDIA_COPY, 10000, 40, "s before the" },
        { "sound.m4a", SOUND AAC, MEDIA_NONE, MEDIA_COPY, 10000, 40, "" },
        { "sound.aac", SOUND AAC, MEDIA_NONE, MEDIA_COPY, 10000, 60, "" },
        { "sound.wav", SOUND, MEDIA_NONE, MEDIA_TRANSCODE, 10000, 40, "PCM" },
        { "sound.flac", SOUND, MEDIA_NONE, MEDIA_TRANSCODE, 10000, 40, "FLAC" },
        { "sound.opus", SOUND "-c:a libopus ", MEDIA_NONE, MEDIA_TRANSCODE, 10000, 40, "Opus" },
        { "phone.3gp",
            "-f lavfi -i testsrc=size=176x144:rate=15:duration=3 -f lavfi -i sine=duration=3 "
            "-c:v h263 -c:a aac -ar 8000 ",
            MEDIA_TRANSCODE, MEDIA_TRANSCODE, 3000, 150, "h263" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char path[200];
        if (!make(cases[i].arguments, cases[i].name, path))
            continue;
        print_message("%s\n", cases[i].name);
        world_prepare(&world, path);
        check_version(&world, cases[i].duration_ms, cases[i].tolerance_ms);
        const struct media_report *report = &world.result.report;
        if (report->video.action != cases[i].video || report->audio.action != cases[i].audio)
            fail_msg("%s; %s", report->video.reason, report->audio.reason);
        if (!strstr(report->video.reason, cases[i].reason)
            && !strstr(report->audio.reason, cases[i].reason))
            fail_msg("%s; %s", report->video.reason, report->audio.reason);
        (void)unlink(path);
    }
}

/* ffmpeg turns a picture by itself when it decodes; ours must look the same. */
static void turned_pictures_are_set_upright(void **state)
{
    (void)state;
    static const char *const degrees[] = { "90", "180", "270" };
    char plain[200];
    if (!make("-f lavfi -i testsrc=size=320x180:rate=25:duration=1 " H264, "plain.mp4", plain))
        return;
    for (size_t i = 0; i < COUNT_OF(degrees); i++) {
        char arguments[300], path[200], command[600], said[200], *words;
        size_t count;
        (void)snprintf(arguments, sizeof arguments, "-i %s -c copy -metadata:s:v:0 rotate=%s ",
            plain, degrees[i]);
        assert_true(make(arguments, "turned.mp4", path));
        world_prepare(&world, path);
        check_version(&world, 1000, 0);
        assert_int_equal(world.result.report.video.action, MEDIA_TRANSCODE);
        assert_non_null(strstr(world.result.report.video.reason, "not stand upright"));
        (void)snprintf(command, sizeof command,
            "ffmpeg -v info -i %s -i %s/240p.cmaf -frames:v 1 -lavfi psnr -f null -", path,
            world.version);
        assert_int_equal(world_run(&world, command), 0);
        world_path(&world, "said", said);
        world_read(said, &words, &count);
        const char *average = strstr(words, "average:");
        assert_non_null(average);
        if (strtod(average + 8, NULL) < 25)
            fail_msg("turned by %s: %.20s dB", degrees[i], average);
        free(words);
    }
}

/* Each joint of recordings is a few milliseconds off, which is no reason to convert an hour of sound. */
static void joined_recordings_are_copied(void **state)
{
    (void)state;
    char minute[200], arguments[300], path[200];
    if (!make("-f lavfi -i testsrc=size=64x36:rate=5:duration=60 -f lavfi -i "
              "sine=sample_rate=48000:duration=60,volume=5dB "
              "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 10 " AAC,
            "minute.mp4", minute))
        return;
    (void)snprintf(arguments, sizeof arguments, "-stream_loop 9 -i %s -c copy ", minute);
    assert_true(make(arguments, "joined.mp4", path));
    world_prepare(&world, path);
    check_version(&world, 600000, 200);
    assert_int_equal(world.result.report.video.action, MEDIA_COPY);
    assert_int_equal(world.result.report.audio.action, MEDIA_COPY);
}

/* A tone of 997 Hz whose peaks are so high is by 3.01 less loud (ITU-R BS.1770-4); ffmpeg makes one of -18.06 dB. */
static void sound_is_copied_up_to_two_units_from_the_target(void **state)
{
    (void)state;
    static const struct {
        const char *volume;
        int loudness_centi;
        enum media_action action;
    } cases[] = {
        { "3.17", -1790, MEDIA_COPY },
        { "2.97", -1810, MEDIA_TRANSCODE },
        { "6.97", -1410, MEDIA_COPY },
        { "7.17", -1390, MEDIA_TRANSCODE },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char arguments[200], path[200];
        (void)snprintf(arguments, sizeof arguments,
            "-f lavfi -i sine=frequency=997:duration=8,volume=%sdB " AAC, cases[i].volume);
        if (!make(arguments, "tone.m4a", path))
            return;
        world_run_pass(&world, path, MEDIA_PASS_FIRST, world.version);
        assert_int_equal(world.result.outcome, MEDIA_READY);
        const struct media_report *report = &world.result.report;
        int off = report->audio.loudness.loudness_centi - cases[i].loudness_centi;
        if (report->audio.action != cases[i].action || abs(off) > 8)
            fail_msg("%d: %s", report->audio.loudness.loudness_centi, report->audio.reason);
    }
}

/* The second pass reads the file for the picture, and anew for each language: nothing of the first reading may be used
 * after that. */
static void another_language_is_made_beside_larger_pictures(void **state)
{
    (void)state;
    char path[200];
    struct problem problem = { 0 };
    if (!make("-f lavfi -i testsrc=size=640x480:rate=5:duration=4 -f lavfi -i sine=duration=4 "
              "-f lavfi -i sine=frequency=880:duration=4 -map 0 -map 1 -map 2 "
              "-c:v mpeg4 -q:v 5 -c:a aac -b:a 64k "
              "-metadata:s:a:0 language=eng -metadata:s:a:1 language=jpn ",
            "two-languages.mp4", path))
        return;
    world_prepare(&world, path);
    check_tables(&world, 4000, 60);
    struct media_version *version = media_version_open(world.version, &problem);
    assert_non_null(version);
    bool picture = false, sound = false;
    for (size_t i = 0; i < media_version_rendition_count(version); i++) {
        const char *name = media_version_rendition(version, i)->name;
        picture = picture || strcmp(name, "480p") == 0;
        sound = sound || strcmp(name, "audio-high-ja") == 0;
    }
    assert_true(picture && sound);
    media_version_release(version);
}

static void captions_play_beside_the_picture(void **state)
{
    (void)state;
    static const char srt[]
        = "1\r\n00:00:01,000 --> 00:00:02,000\r\nXin ch\xc3\xa0o\r\n\r\n"
          "2\r\n00:00:09,000 --> 00:00:12,000\r\n<b>T\xe1\xba\xa1m bi\xe1\xbb\x87t</b>\r\n";
    char path[200], folder[120];
    size_t count;
    const struct captions_file file = { .bytes = srt, .count = sizeof srt - 1, .language = "vi" };
    struct captions captions;
    struct problem problem = { 0 };
    if (!make(PICTURE SOUND H264 AAC, "captioned.mp4", path))
        return;
    world_prepare(&world, path);
    (void)snprintf(folder, sizeof folder, "%s/captions", world.version);
    assert_true(folder_make(folder, 0700, &problem));
    assert_true(captions_clean(&file, &captions, &problem));
    world_write(&world, "version/captions/vi.vtt", captions.vtt, captions.vtt_count);
    captions_release(&captions);
    /* ffmpeg 5.1 plays a master with captions, but says that it leaves them out: they are read for themselves. */
    check_tables(&world, 10000, 40);
    char command[400], *text;
    (void)snprintf(command, sizeof command,
        "ffmpeg -v error -y -i %s/hls/captions/vi.vtt %s/out.srt", world.version, world.folder);
    assert_int_equal(world_run(&world, command), 0);
    world_path(&world, "out.srt", path);
    world_read(path, &text, &count);
    assert_non_null(strstr(text, "00:00:09,000 --> 00:00:12,000\n<b>T\xe1\xba\xa1m"));
    free(text);
}

static void segments_begin_at_multiples_of_their_length(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "copied.mp4", PICTURE SOUND H264 AAC },
        { "encoded.mkv", PICTURE SOUND "-c:v mpeg4 -b:v 500k -c:a libopus " },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char path[200];
        struct problem problem = { 0 };
        if (!make(cases[i][1], cases[i][0], path))
            continue;
        world_prepare(&world, path);
        struct media_version *version = media_version_open(world.version, &problem);
        if (!version)
            fail_msg("%s", problem.detail);
        for (size_t k = 0; k < 2; k++) {
            const struct segment_table *table = media_version_rendition(version, k);
            assert_int_equal(table->count, 3);
            assert_int_equal(segment_start_ms(table, 0), 0);
            for (size_t n = 1; n < 3; n++)
                assert_in_range(segment_start_ms(table, n), n * 4000 - 12, n * 4000 + 12);
        }
        media_version_release(version);
    }
}

/* The first `part` of a thousand of a file. */
static void cut_off(const char *path, int part)
{
    struct stat facts;
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(truncate(path, facts.st_size * part / 1000), 0);
}

static void what_is_cut_off_is_refused_or_told_at_its_true_length(void **state)
{
    (void)state;
    static const struct {
        const char *name, *arguments;
        int part;
        const char *word;    /* NULL: it is played as far as it goes */
        int64_t duration_ms; /* of that */
    } cases[] = {
        { "first.mp4", PICTURE SOUND H264 AAC "-movflags +faststart ", 500, "cut off at 0:00:0",
            0 },
        { "nearly.mp4", PICTURE SOUND H264 AAC "-movflags +faststart ", 990, NULL, 9900 },
        { "last.mp4", PICTURE SOUND H264 AAC, 900, "its index, which is written last, is missing",
            0 },
        { "fragmented.mp4", PICTURE SOUND H264 AAC "-movflags frag_keyframe+empty_moov ", 700, NULL,
            6000 },
        { "matroska.mkv", PICTURE SOUND H264 AAC, 500, "cut off at 0:00:0", 0 },
        { "video.avi", PICTURE SOUND "-c:v mpeg4 -c:a libmp3lame ", 500, "cut off at 0:00:0", 0 },
        { "sound.wav", SOUND, 500, "cut off at 0:00:04 of 0:00:09", 0 },
        { "stream.ts", PICTURE SOUND H264 AAC, 500, NULL, 5000 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char path[200];
        if (!make(cases[i].arguments, cases[i].name, path))
            continue;
        cut_off(path, cases[i].part);
        print_message("%s\n", cases[i].name);
        world_prepare(&world, path);
        if (cases[i].word)
            check_not_ready(&world, MEDIA_REFUSED, cases[i].word);
        else
            check_tables(
                &world, cases[i].duration_ms, 1500); /* its last picture is not all there */
    }
}

static void what_is_glued_together_is_refused(void **state)
{
    (void)state;
    char path[200], *bytes, *twice;
    size_t count;
    if (!make(PICTURE SOUND H264 AAC, "once.ts", path))
        return;
    world_read(path, &bytes, &count);
    twice = malloc(2 * count);
    assert_non_null(twice);
    memcpy(twice, bytes, count);
    memcpy(twice + count, bytes, count);
    world_write(&world, "twice.ts", twice, 2 * count);
    world_path(&world, "twice.ts", path);
    world_prepare(&world, path);
    check_not_ready(&world, MEDIA_REFUSED, "clock jumps back after 0:00:");
    free(bytes);
    free(twice);
}

static void what_is_no_media_is_refused(void **state)
{
    (void)state;
    char path[200], noise[20000];
    unsigned random = 1;
    for (size_t i = 0; i < sizeof noise; i++) {
        random = random * 1664525 + 1013904223;
        noise[i] = (char)(random >> 24);
    }
    world_path(&world, "x.mp4", path);
    world_write(&world, "x.mp4", "", 0);
    world_prepare(&world, path);
    check_not_ready(&world, MEDIA_REFUSED, "The file is empty");
    world_write(&world, "x.mp4", noise, sizeof noise);
    world_prepare(&world, path);
    check_not_ready(&world, MEDIA_REFUSED, "not a video or sound file that this server knows");
    static const char letter[] = "Dear colleagues,\nthe lecture follows.\n";
    world_write(&world, "x.mp4", letter, sizeof letter - 1);
    world_prepare(&world, path);
    check_not_ready(&world, MEDIA_REFUSED, "text file");
    /* a beginning that only an MP4 has, and nothing behind it */
    world_write(&world, "x.mp4",
        "\0\0\0\x18"
        "ftypisom\0\0\2\0isommp41",
        24);
    world_prepare(&world, path);
    check_not_ready(&world, MEDIA_REFUSED, "its index, which is written last, is missing");
}

static int listen_on_loopback(int *ret_port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    *ret_port = ntohs(address.sin_port);
    return fd;
}

static void a_playlist_under_another_name_is_refused_and_contacts_nobody(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after; /* the port */
    } playlists[] = {
        { "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nhttp://127.0.0.1:",
            "/a.ts\n#EXT-X-ENDLIST\n" },
        { "#EXTM3U\n#EXTINF:5,\nconcat:http://127.0.0.1:", "/a|file:///etc/passwd\n" },
        { "ffconcat version 1.0\nfile 'http://127.0.0.1:", "/a.mp4'\n" },
        { "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video ",
            " RTP/AVP 96\r\n" },
        { "<?xml version=\"1.0\"?>\n<MPD "
          "xmlns=\"urn:mpeg:dash:schema:mpd:2011\"><BaseURL>http://127.0.0.1:",
            "/</BaseURL></MPD>" },
        { "[playlist]\nFile1=http://127.0.0.1:", "/a.mp3\n" },
        { "http://127.0.0.1:", "/a.mp4\n" },
    };
    int port, listener = listen_on_loopback(&port);
    for (size_t i = 0; i < COUNT_OF(playlists); i++) {
        char text[400], path[200];
        int count
            = snprintf(text, sizeof text, "%s%d%s", playlists[i].before, port, playlists[i].after);
        world_write(&world, "x.mp4", text, (size_t)count);
        world_path(&world, "x.mp4", path);
        world_prepare(&world, path);
        check_not_ready(&world, MEDIA_REFUSED, "playlist");
        assert_int_equal(accept(listener, NULL, NULL), -1);
    }
    (void)close(listener);
}

static int open_world(void **state)
{
    (void)state;
    world_open(&world);
    return 0;
}

static int close_world(void **state)
{
    (void)state;
    world_close(&world);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "media-job") == 0)
        return media_job_child(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(made_files_are_copied_or_converted_as_the_rules_say),
        cmocka_unit_test(turned_pictures_are_set_upright),
        cmocka_unit_test(joined_recordings_are_copied),
        cmocka_unit_test(sound_is_copied_up_to_two_units_from_the_target),
        cmocka_unit_test(another_language_is_made_beside_larger_pictures),
        cmocka_unit_test(captions_play_beside_the_picture),
        cmocka_unit_test(segments_begin_at_multiples_of_their_length),
        cmocka_unit_test(what_is_cut_off_is_refused_or_told_at_its_true_length),
        cmocka_unit_test(what_is_glued_together_is_refused),
        cmocka_unit_test(what_is_no_media_is_refused),
        cmocka_unit_test(a_playlist_under_another_name_is_refused_and_contacts_nobody),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
