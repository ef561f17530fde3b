/* Lists of networks, and addresses by themselves. */
#include "http/networks.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct networks networks;
    struct peer_address address, again;
    struct problem problem = { 0 };
    char told[PEER_TEXT_SIZE];
    char *text = malloc(size + 1);
    memcpy(text, data, size);
    text[size] = '\0';
    if (networks_read("fuzz", text, &networks, &problem) == problem_is_set(&problem))
        abort();
    for (size_t i = 0; i < networks.count && !problem_is_set(&problem); i++)
        if (!networks_hold(&networks, &networks.list[i].address)
            && !peer_address_is_four(&networks.list[i].address))
            abort();
    if (peer_address_read(text, size, &address)) {
        peer_address_write(&address, told);
        if (!peer_address_read(told, strlen(told), &again) || !peer_address_equal(&address, &again))
            abort();
    }
    free(text);
    return 0;
}
