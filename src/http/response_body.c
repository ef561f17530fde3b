#include "http/response_body.h"

#include "http/file_body.h"
#include "http/push_body.h"

enum body_step response_body_peek(struct response_body *body, size_t most, const char **ret_bytes,
    size_t *ret_count, uint64_t *ret_cold_offset)
{
    if (body->left == 0) {
        *ret_count = 0;
        return BODY_READY;
    }
    if (body->push)
        return push_peek(body, most, ret_bytes, ret_count);
    const struct body_piece *piece = &body->pieces[body->piece];
    uint64_t left = piece->count - body->done;
    size_t count = left < most ? (size_t)left : most;
    if (piece->in_file) {
        uint64_t offset = piece->offset + body->done;
        if (!media_map_is_resident(body->map, offset, count)) {
            *ret_cold_offset = offset;
            return media_map_is_sound(body->map, offset + count) ? BODY_COLD : BODY_BROKEN;
        }
    }
    *ret_bytes = piece->bytes + body->done;
    *ret_count = count;
    return BODY_READY;
}

void response_body_advance(struct response_body *body, size_t count)
{
    if (body->push) {
        push_advance(body, count);
        return;
    }
    const struct body_piece *piece = &body->pieces[body->piece];
    body->left -= count;
    body->done += count;
    if (piece->in_file && piece->offset + body->done > body->file_end)
        body->file_end = piece->offset + body->done;
    if (body->done == piece->count && body->left > 0) {
        body->piece++;
        body->done = 0;
    }
}

bool response_body_is_sound(const struct response_body *body)
{
    return !body->map || media_map_is_sound(body->map, body->file_end);
}

bool response_body_next_range(
    const struct response_body *body, uint64_t most, uint64_t *ret_offset, uint64_t *ret_count)
{
    if (!body->map || body->piece_count == 0)
        return false;
    const struct body_piece *last = &body->pieces[body->piece_count - 1];
    uint64_t size = media_map_size(body->map);
    uint64_t end = last->offset + last->count;
    if (!last->in_file || end >= size)
        return false;
    uint64_t count = last->count < most ? last->count : most;
    *ret_offset = end;
    *ret_count = count < size - end ? count : size - end;
    return true;
}

void response_body_release(struct response_body *body)
{
    if (body->memory.release)
        body->memory.release(body->memory.data);
    media_map_release(body->map);
    *body = (struct response_body){ 0 };
}
