/* Which Lectern this is, and the libraries that matter when something is reported. */
#include "cli/output.h"
#include "cli/transaction.h"

#include <event2/event.h>
#include <openssl/crypto.h>
#include <unicode/uvernum.h>

static int run(struct command_context *context, const struct command_line *line)
{
    const char *openssl = OpenSSL_version(OPENSSL_VERSION_STRING);
    if (command_flag(line, "json"))
        command_print_json(
            context, json_pack("{s:s, s:s, s:s, s:s}", "version", LECTERN_VERSION, "openssl",
                         openssl, "libevent", event_get_version(), "icu", U_ICU_VERSION));
    else
        command_print(context, "lectern %s\nopenssl %s\nlibevent %s\nicu %s\n", LECTERN_VERSION,
            openssl, event_get_version(), U_ICU_VERSION);
    return COMMAND_DONE;
}

const struct command command_version = {
    .name = "version",
    .arguments = "",
    .summary = "Print the version",
    .options = { JSON_OPTION },
    .place = COMMAND_ALONE,
    .run = run,
};
