// toml++ behind the header's few functions.
#include "precordia_toml.h"

#include <algorithm>
#include <deque>
#include <new>
#include <string>
#include <tuple>
#include <vector>

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

struct precordia_toml {
    std::deque<std::string> texts;
    std::vector<precordia_toml_entry> entries;
    std::string problem;
    uint32_t line = 0, column = 0;

    const char *keep(std::string text) {
        texts.push_back(std::move(text));
        return texts.back().c_str();
    }

    void add(const toml::node &node, const std::string &path, uint32_t keys) {
        precordia_toml_entry entry = {};
        entry.path = keep(path);
        entry.keys = keys;
        entry.text = "";
        entry.line = node.source().begin.line;
        entry.column = node.source().begin.column;
        if (auto value = node.as_string()) {
            entry.kind = PRECORDIA_TOML_TEXT;
            entry.text = keep(value->get());
        } else if (auto value = node.as_integer()) {
            entry.kind = PRECORDIA_TOML_INTEGER;
            entry.integer = value->get();
        } else if (auto value = node.as_floating_point()) {
            entry.kind = PRECORDIA_TOML_NUMBER;
            entry.number = value->get();
        } else if (auto value = node.as_boolean()) {
            entry.kind = PRECORDIA_TOML_BOOLEAN;
            entry.number = value->get() ? 1 : 0;
        } else {
            entry.kind = node.is_table() ? PRECORDIA_TOML_TABLE : node.is_array() ? PRECORDIA_TOML_ARRAY : PRECORDIA_TOML_OTHER;
            if (auto array = node.as_array()) entry.integer = static_cast<int64_t>(array->size());
        }
        entries.push_back(entry);
        if (auto table = node.as_table()) {
            for (auto &&[key, child] : *table) add(child, path + std::string(key.str()) + '\0', keys + 1);
        } else if (auto array = node.as_array()) {
            size_t index = 0;
            for (auto &&child : *array) add(child, path + std::to_string(index++) + '\0', keys + 1);
        }
    }
};

extern "C" precordia_toml *precordia_toml_read(const char *text, size_t count) {
    auto toml = new (std::nothrow) precordia_toml;
    if (toml == nullptr) return nullptr;
    auto result = toml::parse(std::string_view(text, count));
    if (result) {
        toml->add(result.table(), "", 0);
        std::sort(toml->entries.begin(), toml->entries.end(), [](auto &a, auto &b) {
            return std::tuple(a.line, a.column, a.keys) < std::tuple(b.line, b.column, b.keys);
        });
        return toml;
    }
    toml->problem = std::string(result.error().description());
    toml->line = result.error().source().begin.line;
    toml->column = result.error().source().begin.column;
    return toml;
}

extern "C" const char *precordia_toml_problem(const precordia_toml *toml, uint32_t *line, uint32_t *column) {
    if (toml->line == 0) return nullptr;
    *line = toml->line;
    *column = toml->column;
    return toml->problem.c_str();
}

extern "C" size_t precordia_toml_count(const precordia_toml *toml) { return toml->entries.size(); }
extern "C" const precordia_toml_entry *precordia_toml_at(const precordia_toml *toml, size_t index) { return &toml->entries[index]; }
extern "C" void precordia_toml_free(precordia_toml *toml) { delete toml; }
