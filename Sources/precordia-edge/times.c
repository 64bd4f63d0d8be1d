// Reads a capture's times, line by line, as the full program does (PrecordiaRuntime's CapturePlayer): a silence is one again, whenever it is played.
#include "times.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const int64_t LATEST = (int64_t)1 << 62;
enum { LARGEST_PIECE = 1 << 24 };

static int file = -1;
/// Bytes of the file from `start` to `end`, of which a line is the longest part: a transport's words are shorter by far.
static char bytes[4096];
static size_t start, end;
static int64_t last;

/// The next line without its line feed; null at the end, and for one that is too long.
static char *next_line(void) {
    for (;;) {
        char *line = bytes + start, *feed = memchr(line, '\n', end - start);
        if (feed != NULL) {
            *feed = '\0';
            start = (size_t)(feed - bytes) + 1;
            return line;
        }
        memmove(bytes, line, end - start);
        end -= start;
        start = 0;
        ssize_t count = end < sizeof bytes ? read(file, bytes + end, sizeof bytes - end) : 0;
        if (count > 0) end += (size_t)count;
        else if (count == 0 || errno != EINTR) return NULL;
    }
}

bool times_open(const char *source) {
    static const char prefix[] = "file:", suffix[] = ".times";
    if (strcmp(source, "-") == 0) return false;
    if (strncmp(source, prefix, sizeof prefix - 1) == 0) source += sizeof prefix - 1;
    size_t count = strlen(source);
    if (count + sizeof suffix > sizeof bytes) return false;
    memcpy(bytes, source, count);
    memcpy(bytes + count, suffix, sizeof suffix);
    file = open(bytes, O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    const char *first = next_line();
    if (first != NULL && strcmp(first, "precordia-times 1") == 0) return true;
    times_close();
    return false;
}

/// A whole number from 0 to `most` at `*text`, which `behind` follows and is passed over; -1 for anything else.
static int64_t number(char **text, char behind, int64_t most) {
    int64_t value = 0;
    char *at = *text;
    for (; *at >= '0' && *at <= '9'; at++) {
        if (value > (most - (*at - '0')) / 10) return -1;
        value = value * 10 + (*at - '0');
    }
    if (at == *text || *at != behind) return -1;
    *text = at + (behind != '\0');
    return value;
}

/// The word at `*text` if it is `word`; then it and the space behind it are passed over.
static bool is(char **text, const char *word) {
    size_t count = strlen(word);
    if (strncmp(*text, word, count) != 0 || (*text)[count] != ' ') return false;
    *text += count + 1;
    return true;
}

bool times_next(struct times_entry *entry) {
    char *text = file < 0 ? NULL : next_line();
    if (text == NULL) return false;
    int64_t time = number(&text, ' ', LATEST - 1);
    if (time < 0) return false;
    if (is(&text, "bytes")) {
        int64_t count = number(&text, '\0', LARGEST_PIECE);
        if (count <= 0) return false;
        entry->kind = TIMES_BYTES;
        entry->count = (size_t)count;
    } else if (is(&text, "opened")) {
        if ((text[0] != '0' && text[0] != '1') || (text[1] != ' ' && text[1] != '\0')) return false;
        entry->kind = TIMES_OPENED;
        entry->framing = text[0] == '1';
        text += text[1] == ' ' ? 2 : 1;
    } else if (is(&text, "lost")) {
        entry->kind = TIMES_LOST;
    } else if (is(&text, "absent")) {
        entry->kind = TIMES_ABSENT;
    } else if (is(&text, "clock")) {
        // Microseconds up to the year 9999; what time it was is nothing to this program, which puts no dates to its lines.
        if (number(&text, '\0', 253402300799999999) < 0) return false;
        entry->kind = TIMES_CLOCK;
    } else {
        return false;
    }
    last = time > last ? time : last;
    entry->time = last;
    entry->words = text;
    return true;
}

void times_close(void) {
    if (file >= 0) close(file);
    file = -1;
    start = end = 0;
}
