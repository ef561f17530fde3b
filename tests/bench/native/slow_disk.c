/* A disk of known slowness, for files that nobody has in memory:
 *   slow_disk FOLDER MICROSECONDS
 * Mounts what lies in FOLDER over FOLDER, to be read only; each read that reaches this disk takes so
 * long, and as many as are asked for run at once.  What was read is in the page cache, as it is of
 * any disk, until the disk is unmounted (by SIGTERM, or by who mounted); prints "mounted" when it is
 * there.  FUSE, so it needs root. */
#define FUSE_USE_VERSION 314

#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { THREADS_MAX = 64 };

static int below; /* the folder that is mounted over */
static struct timespec read_takes;

static const char *name_in(const char *path)
{
    return path[1] == '\0' ? "." : path + 1;
}

static void *begin(struct fuse_conn_info *connection, struct fuse_config *config)
{
    static const double for_ever_s = 1e9;
    (void)connection;
    /* Nothing changes: only reads come here, and none twice. */
    config->attr_timeout = config->entry_timeout = config->negative_timeout = for_ever_s;
    config->kernel_cache = 1;
    (void)puts("mounted");
    (void)fflush(stdout);
    return NULL;
}

static int get_attributes(const char *path, struct stat *status, struct fuse_file_info *file)
{
    (void)file;
    return fstatat(below, name_in(path), status, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : -errno;
}

static int list(const char *path, void *names, fuse_fill_dir_t add, off_t offset,
    struct fuse_file_info *file, enum fuse_readdir_flags flags)
{
    (void)offset;
    (void)file;
    (void)flags;
    int fd = openat(below, name_in(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    if (!folder)
        return -errno;
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
        (void)add(names, entry->d_name, NULL, 0, 0);
    (void)closedir(folder);
    return 0;
}

static int open_file(const char *path, struct fuse_file_info *file)
{
    int fd = (file->flags & O_ACCMODE) == O_RDONLY
                 ? openat(below, name_in(path), O_RDONLY | O_CLOEXEC)
                 : (errno = EROFS, -1);
    if (fd < 0)
        return -errno;
    file->fh = (uint64_t)fd;
    return 0;
}

static int read_slowly(
    const char *path, char *bytes, size_t size, off_t offset, struct fuse_file_info *file)
{
    (void)path;
    (void)nanosleep(&read_takes, NULL);
    ssize_t count = pread((int)file->fh, bytes, size, offset);
    return count < 0 ? -errno : (int)count;
}

static int close_file(const char *path, struct fuse_file_info *file)
{
    (void)path;
    (void)close((int)file->fh);
    return 0;
}

static const struct fuse_operations operations = {
    .init = begin,
    .getattr = get_attributes,
    .readdir = list,
    .open = open_file,
    .read = read_slowly,
    .release = close_file,
};

static int serve(struct fuse *disk, const char *folder)
{
    struct fuse_loop_config *config = fuse_loop_cfg_create();
    int result = 1;
    fuse_loop_cfg_set_max_threads(config, THREADS_MAX);
    fuse_loop_cfg_set_idle_threads(config, THREADS_MAX);
    if (fuse_mount(disk, folder) == 0) {
        if (fuse_set_signal_handlers(fuse_get_session(disk)) == 0)
            result = fuse_loop_mt(disk, config) < 0;
        fuse_unmount(disk);
    }
    fuse_loop_cfg_destroy(config);
    return result;
}

int main(int argc, char **argv)
{
    char option[] = "-oro,fsname=slow_disk", *options[] = { argv[0], option };
    struct fuse_args arguments = FUSE_ARGS_INIT(2, options);
    int64_t takes_us;
    if (argc != 3 || !text_to_int64(argv[2], strlen(argv[2]), 1, 1000000, &takes_us)) {
        (void)fputs("usage: slow_disk FOLDER MICROSECONDS\n", stderr);
        return 1;
    }
    read_takes
        = (struct timespec){ .tv_sec = takes_us / 1000000, .tv_nsec = takes_us % 1000000 * 1000 };
    below = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (below < 0) {
        perror(argv[1]);
        return 1;
    }
    struct fuse *disk = fuse_new(&arguments, &operations, sizeof operations, NULL);
    int result = disk ? serve(disk, argv[1]) : 1;
    if (disk)
        fuse_destroy(disk);
    (void)close(below);
    return result;
}
