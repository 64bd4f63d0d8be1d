// The page in a browser, taken into the program by the C compiler.
#include "precordia_page.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char html[] = {
#embed "../../page/page.html"
};

static const unsigned char css[] = {
#embed "../../page/page.css"
};

static const unsigned char page[] = {
#embed "../../page/page.js"
};

static const unsigned char trace[] = {
#embed "../../page/trace.js"
};

static const unsigned char alarms[] = {
#embed "../../page/alarms.js"
};

static const unsigned char sound[] = {
#embed "../../page/sound.js"
};

static const unsigned char english[] = {
#embed "../../page/en.json"
};

static const unsigned char portuguese[] = {
#embed "../../page/pt.json"
};

static const struct {
    const char *name;
    const void *bytes;
    size_t count;
} files[] = {
    {"page.html", html, sizeof html}, {"page.css", css, sizeof css},     {"page.js", page, sizeof page},
    {"trace.js", trace, sizeof trace}, {"alarms.js", alarms, sizeof alarms}, {"sound.js", sound, sizeof sound},
    {"en.json", english, sizeof english}, {"pt.json", portuguese, sizeof portuguese},
};

int precordia_page_files(void) { return sizeof files / sizeof *files; }
const char *precordia_page_name(int index) { return files[index].name; }
const void *precordia_page_bytes(int index) { return files[index].bytes; }
size_t precordia_page_count(int index) { return files[index].count; }
