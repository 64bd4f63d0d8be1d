// A TOML text as a flat list of values, each with its place in the text, so that whoever finds a value wrong can say where it stands.
// The reading is toml++'s; in C++ and apart because that is its language.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { PRECORDIA_TOML_TABLE, PRECORDIA_TOML_TEXT, PRECORDIA_TOML_INTEGER, PRECORDIA_TOML_NUMBER, PRECORDIA_TOML_BOOLEAN, PRECORDIA_TOML_ARRAY, PRECORDIA_TOML_OTHER };

/// One table, array or value.
struct precordia_toml_entry {
    /// Keys from the top, each followed by a zero byte; elements of an array have their index as key. `keys` of them.
    const char *path;
    uint32_t keys;
    uint32_t kind;
    /// Of a number with a fraction or a boolean.
    double number;
    /// Of a whole number; of a list how many elements it has.
    int64_t integer;
    /// Of a text, with a zero byte behind it.
    const char *text;
    /// Where the value stands, from 1, columns in characters.
    uint32_t line, column;
};

typedef struct precordia_toml precordia_toml;

/// Reads a text. Null without memory. Otherwise to be freed, also if it is no TOML.
precordia_toml *precordia_toml_read(const char *text, size_t count);
/// Why the text is no TOML, and where; null if it is one.
const char *precordia_toml_problem(const precordia_toml *toml, uint32_t *line, uint32_t *column);
/// The entries in the order of the text's tables.
size_t precordia_toml_count(const precordia_toml *toml);
const struct precordia_toml_entry *precordia_toml_at(const precordia_toml *toml, size_t index);
void precordia_toml_free(precordia_toml *toml);

#ifdef __cplusplus
}
#endif
