#include "http/static_files.h"

#include "base/files.h"
#include "base/memory.h"
#include "base/secure.h"
#include "base/text.h"
#include "http/field_rules.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum coding { CODING_BROTLI, CODING_GZIP, CODING_NONE, CODING_COUNT };
enum {
    ETAG_DIGEST_BYTES = 12,
    ETAG_SIZE = 2 * ETAG_DIGEST_BYTES + 6,
    FINGERPRINT_LENGTH_LEAST = 8,
    LINK_BYTES_MAX = 4096
};
static const char link_suffix[] = ".link";

/* In the order of preference. */
static const struct {
    const char *suffix, *name, *etag_suffix;
} codings[CODING_COUNT] = {
    [CODING_BROTLI] = { ".br", "br", "-br" },
    [CODING_GZIP] = { ".gz", "gzip", "-gz" },
    [CODING_NONE] = { "", NULL, "" },
};

struct variant {
    char *bytes; /* NULL: there is none */
    size_t count;
    char etag[ETAG_SIZE];
};

struct static_file {
    char *path; /* with '/' in front, without a coding's suffix */
    const char *content_type;
    bool immutable;
    char *link; /* what to hint at, or NULL */
    struct variant variants[CODING_COUNT];
};

struct static_files {
    struct static_file *files; /* by path, once loaded */
    size_t count;
    uint64_t bytes;
};

// clang-format off
static const struct { const char *extension, *type; } types[] = {
    { ".html", "text/html; charset=utf-8" },
    { ".js", "text/javascript; charset=utf-8" },
    { ".mjs", "text/javascript; charset=utf-8" },
    { ".css", "text/css; charset=utf-8" },
    { ".json", "application/json" },
    { ".map", "application/json" },
    { ".webmanifest", "application/manifest+json" },
    { ".svg", "image/svg+xml" },
    { ".png", "image/png" },
    { ".jpg", "image/jpeg" },
    { ".webp", "image/webp" },
    { ".avif", "image/avif" },
    { ".ico", "image/x-icon" },
    { ".woff2", "font/woff2" },
    { ".wasm", "application/wasm" },
    { ".txt", "text/plain; charset=utf-8" },
};
// clang-format on

static bool ends_with(const char *text, const char *suffix)
{
    size_t length = strlen(text), wanted = strlen(suffix);
    return length >= wanted && strcmp(text + length - wanted, suffix) == 0;
}

static const char *content_type_of(const char *path)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (ends_with(path, types[i].extension))
            return types[i].type;
    return "application/octet-stream";
}

bool static_name_has_fingerprint(const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *dash = strrchr(slash ? slash : name, '-');
    if (!dash)
        return false;
    size_t length = strcspn(dash + 1, ".");
    if (length < FINGERPRINT_LENGTH_LEAST || dash[1 + length] != '.')
        return false;
    /* "touch-precomposed.png" and "notes-20261122.txt" are words and dates: hex needs a digit and a
     * letter. */
    size_t base32 = strspn(dash + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
    size_t hex = strspn(dash + 1, "0123456789abcdef");
    size_t digits = strspn(dash + 1, "0123456789");
    size_t letters = strspn(dash + 1, "abcdef");
    return base32 == length || (hex == length && digits < length && letters < length);
}

static enum coding coding_of(const char *path)
{
    for (int i = 0; i < CODING_NONE; i++)
        if (ends_with(path, codings[i].suffix))
            return (enum coding)i;
    return CODING_NONE;
}

/* The file of this path, made if it is not there yet. */
static struct static_file *file_of(struct static_files *files, const char *path, size_t length)
{
    for (size_t i = 0; i < files->count; i++)
        if (strncmp(files->files[i].path, path, length) == 0
            && files->files[i].path[length] == '\0')
            return &files->files[i];
    files->files = memory_resized(files->files, files->count + 1, sizeof *files->files);
    struct static_file *file = &files->files[files->count++];
    *file = (struct static_file){ .path = memory_alloc(length + 1) };
    memcpy(file->path, path, length);
    file->path[length] = '\0';
    file->content_type = content_type_of(file->path);
    file->immutable = static_name_has_fingerprint(file->path);
    return file;
}

static void make_etag(struct variant *variant, enum coding coding)
{
    uint8_t digest[SHA256_BYTES];
    char hex[2 * ETAG_DIGEST_BYTES + 1];
    secure_sha256(variant->bytes, variant->count, digest);
    text_hex_encode(digest, ETAG_DIGEST_BYTES, hex);
    (void)snprintf(
        variant->etag, sizeof variant->etag, "\"%s%s\"", hex, codings[coding].etag_suffix);
}

/* One line, which may stand in a field. */
static bool add_link(
    struct static_files *files, const char *full_path, const char *path, struct problem *problem)
{
    char *line;
    size_t length;
    if (!file_read_whole(full_path, LINK_BYTES_MAX, &line, &length, problem))
        return false;
    if (length > 0 && line[length - 1] == '\n')
        line[--length] = '\0';
    if (!field_is_value(line, length)) {
        free(line);
        return problem_set(problem, PROBLEM_SETTING, "web-root: '%s' is no Link value", full_path);
    }
    struct static_file *file = file_of(files, path, strlen(path) - strlen(link_suffix));
    free(file->link);
    file->link = line;
    return true;
}

static bool add_file(
    struct static_files *files, const char *full_path, const char *path, struct problem *problem)
{
    enum coding coding = coding_of(path);
    struct variant variant = { 0 };
    if (files->count >= STATIC_FILES_MAX || files->bytes >= STATIC_BYTES_MAX)
        return problem_set(problem, PROBLEM_SETTING, "web-root holds too much: '%s'", full_path);
    if (ends_with(path, link_suffix))
        return add_link(files, full_path, path, problem);
    if (!file_read_whole(full_path, (size_t)(STATIC_BYTES_MAX - files->bytes), &variant.bytes,
            &variant.count, problem))
        return false;
    files->bytes += variant.count;
    make_etag(&variant, coding);
    size_t length = strlen(path) - strlen(codings[coding].suffix);
    file_of(files, path, length)->variants[coding] = variant;
    return true;
}

static bool add_folder(struct static_files *files, const char *folder, size_t root_length,
    int depth, struct problem *problem);

static bool add_entry(struct static_files *files, const char *folder, const char *name,
    size_t root_length, int depth, struct problem *problem)
{
    char *path = NULL;
    struct stat status;
    if (asprintf(&path, "%s/%s", folder, name) < 0)
        memory_exhausted(0);
    bool added = true;
    if (lstat(path, &status) != 0)
        added = problem_set_errno(problem, errno, "reading '%s'", path);
    else if (S_ISDIR(status.st_mode))
        added = add_folder(files, path, root_length, depth + 1, problem);
    else if (S_ISREG(status.st_mode))
        added = add_file(files, path, path + root_length, problem);
    free(path);
    return added;
}

static bool add_folder(struct static_files *files, const char *folder, size_t root_length,
    int depth, struct problem *problem)
{
    if (depth > STATIC_DEPTH_MAX)
        return problem_set(problem, PROBLEM_SETTING, "web-root is too deep: '%s'", folder);
    DIR *listing = opendir(folder);
    if (!listing)
        return problem_set(problem, PROBLEM_SETTING, "web-root '%s': %s", folder, strerror(errno));
    bool added = true;
    const struct dirent *entry;
    while (added && (entry = readdir(listing)))
        if (entry->d_name[0] != '.')
            added = add_entry(files, folder, entry->d_name, root_length, depth, problem);
    (void)closedir(listing);
    return added;
}

static int compare_paths(const void *left, const void *right)
{
    const struct static_file *a = left, *b = right;
    return strcmp(a->path, b->path);
}

/* A packed sibling without its plain file is a file of its own: some client may not unpack. */
static void keep_lone_variants(struct static_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        struct static_file *file = &files->files[i];
        for (int coding = 0; coding < CODING_NONE && !file->variants[CODING_NONE].bytes; coding++) {
            if (!file->variants[coding].bytes)
                continue;
            char *path = NULL;
            if (asprintf(&path, "%s%s", file->path, codings[coding].suffix) < 0)
                memory_exhausted(0);
            free(file->path);
            file->path = path;
            file->content_type = "application/octet-stream";
            file->variants[CODING_NONE] = file->variants[coding];
            file->variants[coding].bytes = NULL;
        }
    }
}

struct static_files *static_files_load(const char *folder, struct problem *problem)
{
    struct static_files *files = memory_zeroed(1, sizeof *files);
    size_t root_length = strlen(folder);
    char *root = memory_strdup(folder);
    while (root_length > 1 && root[root_length - 1] == '/')
        root[--root_length] = '\0';
    bool loaded = add_folder(files, root, root_length, 0, problem);
    free(root);
    if (!loaded) {
        static_files_free(files);
        return NULL;
    }
    keep_lone_variants(files);
    if (files->count > 0)
        qsort(files->files, files->count, sizeof *files->files, compare_paths);
    return files;
}

void static_files_free(struct static_files *files)
{
    if (!files)
        return;
    for (size_t i = 0; i < files->count; i++) {
        free(files->files[i].path);
        free(files->files[i].link);
        for (int coding = 0; coding < CODING_COUNT; coding++)
            free(files->files[i].variants[coding].bytes);
    }
    free(files->files);
    free(files);
}

static const struct static_file *find_file(
    const struct static_files *files, struct arena *arena, const char *path)
{
    struct static_file wanted = { .path = arena_strdup(arena, path) };
    if (ends_with(path, "/"))
        wanted.path = arena_printf(arena, "%sindex.html", path);
    const struct static_file *file
        = files->count == 0
              ? NULL
              : bsearch(&wanted, files->files, files->count, sizeof wanted, compare_paths);
    return file && file->variants[CODING_NONE].bytes ? file : NULL; /* a lone ".link" is none */
}

/* The one that the client takes; says what the choice depended on. */
static enum coding choose_coding(const struct static_file *file, struct exchange *exchange)
{
    const char *accepted = exchange_field(exchange, "accept-encoding");
    int coding = 0;
    while (
        coding < CODING_NONE
        && !(file->variants[coding].bytes && field_accepts_coding(accepted, codings[coding].name)))
        coding++;
    if (file->variants[CODING_BROTLI].bytes || file->variants[CODING_GZIP].bytes)
        exchange_vary(exchange, "Accept-Encoding");
    return (enum coding)coding;
}

bool static_files_answer(
    const struct static_files *files, struct exchange *exchange, const char *path)
{
    const struct static_file *file = find_file(files, &exchange->arena, path);
    if (!file)
        return false;
    enum coding coding = choose_coding(file, exchange);
    exchange_add_field(exchange, "Cache-Control",
        file->immutable ? "public, max-age=31536000, immutable" : "no-cache");
    const struct variant *variant = &file->variants[coding];
    struct representation representation = {
        .content_type = file->content_type,
        .etag = variant->etag,
        .last_modified_ms = -1,
        .content_encoding = codings[coding].name,
        .ranges = coding == CODING_NONE,
    };
    struct body_memory body = { .bytes = variant->bytes, .count = variant->count };
    exchange_send_memory(exchange, &representation, body);
    return true;
}

void static_files_hint(
    const struct static_files *files, struct exchange *exchange, const char *path)
{
    const struct static_file *file = find_file(files, &exchange->arena, path);
    const char *mode = exchange_field(exchange, "sec-fetch-mode");
    if (file && file->link && mode && strcmp(mode, "navigate") == 0)
        exchange_send_hints(exchange, file->link);
}

bool static_files_answer_as(
    const struct static_files *files, struct exchange *exchange, int status, const char *path)
{
    const struct static_file *file = find_file(files, &exchange->arena, path);
    if (!file)
        return false;
    enum coding coding = choose_coding(file, exchange);
    const struct variant *variant = &file->variants[coding];
    if (codings[coding].name)
        exchange_add_field(exchange, "Content-Encoding", codings[coding].name);
    exchange_add_field(exchange, "Cache-Control", "no-cache");
    exchange_send(exchange, status, file->content_type, variant->bytes, variant->count);
    return true;
}
