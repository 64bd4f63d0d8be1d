// A disk for tests, preloaded into precordia-log: it notes every write and flush, can be full, and lets a program believe that the system was started anew.
//     DISK_FOLDER   files below it are on the disk
//     DISK_TRACE    a file that gets a record of each operation on them, and of each answer on standard output
//     DISK_ROOM     a file that says how many bytes the disk's files may grow in all; read at each growth
//     DISK_BOOT     stands in for /proc/sys/kernel/random/boot_id
//     DISK_BAD      an inode and an offset in it at which a page cannot be read, as "1234:8192"
//     DISK_FLUSH    milliseconds that each flush takes longer
// A record is: kind (one character), path's length (16 bits), offset or size (64 bits), data's length (32 bits), path, data; little-endian.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int64_t grown;

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/// The path of an open file if it is on the disk; 0 otherwise.
static int on_disk(int descriptor, char *path, size_t room) {
    const char *folder = getenv("DISK_FOLDER");
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t count = folder != NULL ? syscall(SYS_readlink, link, path, room - 1) : -1;
    if (count < 0) return 0;
    path[count] = 0;
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && path[length] == '/';
}

static void note(char kind, const char *path, uint64_t number, const void *data, uint32_t count) {
    static int trace = -2;
    if (trace == -2) trace = getenv("DISK_TRACE") ? (int)syscall(SYS_openat, AT_FDCWD, getenv("DISK_TRACE"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644) : -1;
    if (trace < 0) return;
    uint16_t length = (uint16_t)strlen(path);
    size_t size = 15 + length + count;
    unsigned char *record = malloc(size);
    record[0] = (unsigned char)kind;
    memcpy(record + 1, &length, 2);
    memcpy(record + 3, &number, 8);
    memcpy(record + 11, &count, 4);
    memcpy(record + 15, path, length);
    if (count > 0) memcpy(record + 15 + length, data, count);
    if (syscall(SYS_write, trace, record, size) != (long)size) abort();
    free(record);
}

static int64_t room_left(void) {
    const char *name = getenv("DISK_ROOM");
    if (name == NULL) return INT64_MAX;
    char text[32] = {0};
    int descriptor = (int)syscall(SYS_openat, AT_FDCWD, name, O_RDONLY | O_CLOEXEC, 0);
    if (descriptor < 0 || syscall(SYS_read, descriptor, text, sizeof text - 1) < 0) abort();
    syscall(SYS_close, descriptor);
    return atoll(text) - grown;
}

static int64_t size_of(int descriptor) {
    struct stat status;
    return fstat(descriptor, &status) == 0 ? status.st_size : 0;
}

/// Whether a file may grow to `end`; counts what it takes.
static int may_grow(int descriptor, int64_t end) {
    int64_t more = end - size_of(descriptor);
    if (more <= 0) return 1;
    if (more > room_left()) return 0;
    grown += more;
    return 1;
}

static ssize_t put(int descriptor, const void *data, size_t count, int64_t offset, int is_placed) {
    char path[4096];
    if (!on_disk(descriptor, path, sizeof path)) {
        if (descriptor == 1) note('a', "answer", 0, data, (uint32_t)count);
        return is_placed ? syscall(SYS_pwrite64, descriptor, data, count, offset) : syscall(SYS_write, descriptor, data, count);
    }
    pthread_mutex_lock(&lock);
    if (!is_placed) offset = lseek(descriptor, 0, SEEK_CUR);
    ssize_t done = -1;
    if (may_grow(descriptor, offset + (int64_t)count)) {
        done = is_placed ? syscall(SYS_pwrite64, descriptor, data, count, offset) : syscall(SYS_write, descriptor, data, count);
        if (done > 0) note('w', path, (uint64_t)offset, data, (uint32_t)done);
    } else {
        errno = ENOSPC;
    }
    pthread_mutex_unlock(&lock);
    return done;
}

/// Whether a read meets the page that the medium has lost.
static int is_bad(int descriptor, size_t count, int64_t offset) {
    const char *bad = getenv("DISK_BAD");
    struct stat status;
    if (bad == NULL || fstat(descriptor, &status) != 0 || (long long)status.st_ino != atoll(bad)) return 0;
    int64_t place = atoll(strchr(bad, ':') + 1);
    if (offset >= place + 4096 || offset + (int64_t)count <= place) return 0;
    errno = EIO;
    return 1;
}

ssize_t pread(int descriptor, void *data, size_t count, off_t offset) {
    return is_bad(descriptor, count, offset) ? -1 : NEXT(pread)(descriptor, data, count, offset);
}
ssize_t pread64(int descriptor, void *data, size_t count, off64_t offset) {
    return is_bad(descriptor, count, offset) ? -1 : NEXT(pread64)(descriptor, data, count, offset);
}

ssize_t write(int descriptor, const void *data, size_t count) { return put(descriptor, data, count, 0, 0); }
ssize_t pwrite(int descriptor, const void *data, size_t count, off_t offset) { return put(descriptor, data, count, offset, 1); }
ssize_t pwrite64(int descriptor, const void *data, size_t count, off64_t offset) { return put(descriptor, data, count, offset, 1); }

static int flush(int descriptor, int call) {
    char path[4096];
    const char *slow = getenv("DISK_FLUSH");
    if (slow != NULL) nanosleep(&(struct timespec){atoi(slow) / 1000, atoi(slow) % 1000 * 1000000L}, NULL);
    int done = (int)syscall(call, descriptor);
    if (on_disk(descriptor, path, sizeof path)) {
        pthread_mutex_lock(&lock);
        note('f', path, 0, NULL, 0);
        pthread_mutex_unlock(&lock);
    }
    return done;
}

int fsync(int descriptor) { return flush(descriptor, SYS_fsync); }
int fdatasync(int descriptor) { return flush(descriptor, SYS_fdatasync); }

static int resize(int descriptor, int64_t size) {
    char path[4096];
    if (!on_disk(descriptor, path, sizeof path)) return (int)syscall(SYS_ftruncate, descriptor, size);
    pthread_mutex_lock(&lock);
    int64_t less = size_of(descriptor) - size;
    int done = -1;
    if (less >= 0 || may_grow(descriptor, size)) {
        done = (int)syscall(SYS_ftruncate, descriptor, size);
        if (less > 0 && done == 0) grown -= less;
        note('t', path, (uint64_t)size, NULL, 0);
    } else {
        errno = ENOSPC;
    }
    pthread_mutex_unlock(&lock);
    return done;
}

int ftruncate(int descriptor, off_t size) { return resize(descriptor, size); }
int ftruncate64(int descriptor, off64_t size) { return resize(descriptor, size); }

static int allocate(int descriptor, int64_t offset, int64_t count) {
    char path[4096];
    if (on_disk(descriptor, path, sizeof path) && !may_grow(descriptor, offset + count)) return ENOSPC;
    if (syscall(SYS_fallocate, descriptor, 0, offset, count) == 0) return 0;
    return syscall(SYS_ftruncate, descriptor, offset + count) == 0 ? 0 : errno;
}

int posix_fallocate(int descriptor, off_t offset, off_t count) { return allocate(descriptor, offset, count); }
int posix_fallocate64(int descriptor, off64_t offset, off64_t count) { return allocate(descriptor, offset, count); }

int unlink(const char *path) {
    struct stat status;
    const char *folder = getenv("DISK_FOLDER");
    int is_there = folder != NULL && strncmp(path, folder, strlen(folder)) == 0 && stat(path, &status) == 0;
    pthread_mutex_lock(&lock);
    int done = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    if (is_there && done == 0) {
        grown -= status.st_size;
        note('u', path, 0, NULL, 0);
    }
    pthread_mutex_unlock(&lock);
    return done;
}

int rename(const char *from, const char *to) {
    const char *folder = getenv("DISK_FOLDER");
    struct stat replaced;
    pthread_mutex_lock(&lock);
    int64_t less = stat(to, &replaced) == 0 ? replaced.st_size : 0;
    int done = (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
    if (done == 0 && folder != NULL && strncmp(from, folder, strlen(folder)) == 0) {
        grown -= less;
        note('r', from, 0, to, (uint32_t)strlen(to));
    }
    pthread_mutex_unlock(&lock);
    return done;
}

static int boot_instead(const char *path) { return getenv("DISK_BOOT") != NULL && strcmp(path, "/proc/sys/kernel/random/boot_id") == 0; }

static int open_any(const char *path, int flags, mode_t mode) {
    if (boot_instead(path)) path = getenv("DISK_BOOT");
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

#define OPEN(name)                                 \
    int name(const char *path, int flags, ...) {   \
        va_list more;                              \
        va_start(more, flags);                     \
        mode_t mode = (mode_t)va_arg(more, int);   \
        va_end(more);                              \
        return open_any(path, flags, mode);        \
    }
OPEN(open)
OPEN(open64)

int statvfs(const char *path, struct statvfs *found) {
    int done = NEXT(statvfs)(path, found);
    if (done == 0 && getenv("DISK_ROOM")) found->f_bavail = (fsblkcnt_t)(room_left() > 0 ? room_left() : 0) / found->f_frsize;
    return done;
}
int fstatvfs(int descriptor, struct statvfs *found) {
    int done = NEXT(fstatvfs)(descriptor, found);
    if (done == 0 && getenv("DISK_ROOM")) found->f_bavail = (fsblkcnt_t)(room_left() > 0 ? room_left() : 0) / found->f_frsize;
    return done;
}
