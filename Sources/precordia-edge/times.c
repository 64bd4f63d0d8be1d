// Reads a capture's times, line by line, as the full program does (PrecordiaRuntime's CapturePlayer): a silence is one again, whenever it is played.
#include "times.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t LATEST = (int64_t)1 << 62;
enum { LARGEST_PIECE = 1 << 24 };

static FILE *file;
static char *line;
static size_t room;
static int64_t last;

/// The next line without its line feed; null at the end.
static char *next_line(void) {
    ssize_t count = getline(&line, &room, file);
    if (count <= 0) return NULL;
    line[strcspn(line, "\n")] = '\0';
    return line;
}

bool times_open(const char *source) {
    static const char prefix[] = "file:", suffix[] = ".times";
    if (strcmp(source, "-") == 0) return false;
    if (strncmp(source, prefix, sizeof prefix - 1) == 0) source += sizeof prefix - 1;
    size_t count = strlen(source);
    char *path = malloc(count + sizeof suffix);
    if (path == NULL) return false;
    memcpy(path, source, count);
    memcpy(path + count, suffix, sizeof suffix);
    file = fopen(path, "re");
    free(path);
    if (file == NULL) return false;
    const char *first = next_line();
    if (first != NULL && strcmp(first, "precordia-times 1") == 0) return true;
    times_close();
    return false;
}

/// A whole number from 0 to `most` at `*text`, which `end` follows and is passed over; -1 for anything else.
static int64_t number(char **text, char end, int64_t most) {
    int64_t value = 0;
    char *at = *text;
    for (; *at >= '0' && *at <= '9'; at++) {
        if (value > (most - (*at - '0')) / 10) return -1;
        value = value * 10 + (*at - '0');
    }
    if (at == *text || *at != end) return -1;
    *text = at + (end != '\0');
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
    char *text = file == NULL ? NULL : next_line();
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
    if (file != NULL) fclose(file);
    file = NULL;
    free(line);
    line = NULL;
    room = 0;
}
