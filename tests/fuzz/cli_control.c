/* What arrives on the control socket and comes back over it: any bytes.  A request that is taken is parsed as a
 * command line too, and is taken again when it is written anew. */
#include "cli/command_line.h"
#include "cli/control_frame.h"
#include "cli/takeover_message.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void write_again(const struct control_request *request)
{
    struct text line;
    struct control_request again;
    struct problem problem = { 0 };
    text_init(&line, CONTROL_REQUEST_BYTES_MAX);
    const char *const *words = (const char *const *)request->argv;
    if (control_request_write(
            request->argc, words, request->language, request->password, &line, &problem)) {
        if (!control_request_read(line.bytes, line.length - 1, &again, &problem)
            || again.argc != request->argc)
            abort();
        control_request_release(&again);
    }
    text_release(&line);
}

static void read_request(const char *bytes, size_t count)
{
    struct control_request request;
    struct command_line line;
    struct problem problem = { 0 };
    if (!control_request_read(bytes, count, &request, &problem))
        return;
    enum command_parse parsed
        = command_line_parse(all_commands, request.argc, request.argv, &line, &problem);
    if ((parsed == PARSE_WRONG) != problem_is_set(&problem))
        abort();
    write_again(&request);
    control_request_release(&request);
}

static void read_takeover(const char *bytes, size_t count)
{
    struct takeover_message message, again;
    struct problem problem = { 0 };
    struct text line;
    if (!takeover_message_read(bytes, count, &message, &problem))
        return;
    text_init(&line, 2 * TAKEOVER_LINE_MAX);
    takeover_message_write(&message, &line);
    if (!takeover_message_read(line.bytes, line.length, &again, &problem)
        || again.kind != message.kind)
        abort();
    text_release(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct control_frame frame;
    struct problem problem = { 0 };
    if (count > CONTROL_REQUEST_BYTES_MAX)
        return 0;
    read_request((const char *)bytes, count);
    read_takeover((const char *)bytes, count);
    if (control_frame_read((const char *)bytes, count, &frame, &problem))
        control_frame_release(&frame);
    return 0;
}
