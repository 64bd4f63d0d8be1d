// Where bytes come from, behind one door: standard input, a file, a serial line.
// A table of kinds, so that another one, such as USB, is another row and another file.
#ifndef PRECORDIA_EDGE_SOURCE_H
#define PRECORDIA_EDGE_SOURCE_H

#include <stddef.h>
#include <stdint.h>

/// An open source. `descriptor` can be waited for with poll.
struct source {
    const struct source_kind *kind;
    int descriptor;
    /// What it is called in messages.
    const char *name;
    /// Why opening or reading failed, for a person.
    char problem[256];
};

/// A kind of source.
struct source_kind {
    /// How its name on the command line begins, such as "serial:".
    const char *prefix;
    /// How its name goes on, for the help.
    const char *form;
    /// How blocks are laid into its bytes, unless the command line says otherwise.
    uint32_t framing;
    /// Opens what stands behind the prefix. 0, or -1 with `problem`.
    int (*open)(struct source *source, const char *name);
    /// Reads up to `count` bytes: how many, 0 at the end, -1 with `problem`, -2 where a signal or nothing yet came in between.
    long (*read)(struct source *source, void *bytes, size_t count);
};

/// The kinds, ended by one without a prefix: plain paths.
extern const struct source_kind source_kinds[];

/// The kind that a name on the command line means.
const struct source_kind *source_kind_of(const char *name);

/// Opens the source of that name. 0, or -1 with `problem`.
int source_open(struct source *source, const char *name);

#endif
