// Exams of precordia.h: a whole exam in, a verdict out, by counts, doubles and floats, with an engine beside it that heard the same.
// Apart from interface.c, whose engines hear streams.

#include <math.h>

#include "interface.h"

enum { RATE = 500, FRAMES = 26 * RATE };

/// What a verdict and its probabilities are, bit for bit.
static uint64_t hash_of(const precordia_exam *exam, const precordia_verdict *verdict, uint32_t labels) {
    double values[256];
    REQUIRE(labels <= 256);
    precordia_exam_probabilities(exam, 0, labels, values);
    uint64_t hash = 14695981039346656037u;
    for (uint32_t index = 0; index < labels; index++) {
        uint64_t bits;
        REQUIRE(values[index] >= 0 && values[index] <= 1);
        memcpy(&bits, &values[index], 8);
        hash = (hash ^ bits) * 1099511628211u;
    }
    return (hash ^ verdict->windows) * 1099511628211u;
}

void exams(const precordia_model *model) {
    static int32_t counts[FRAMES * 12];
    static double doubles[FRAMES * 12];
    static float floats[FRAMES * 12];
    static precordia_marks marks[FRAMES];
    uint32_t noise = 1;
    for (int frame = 0; frame < FRAMES; frame++) {
        int phase = frame % 400, wave = phase < 20 ? phase * 50 : phase < 40 ? (40 - phase) * 50 : phase > 150 && phase < 250 ? 100 - abs(phase - 200) * 2 : 0;
        for (int lead = 0; lead < 12; lead++) {
            noise = noise * 1664525u + 1013904223u;
            counts[frame * 12 + lead] = wave * (lead - 3) / 4 + (int32_t)(noise >> 28);
            doubles[frame * 12 + lead] = floats[frame * 12 + lead] = (float)counts[frame * 12 + lead];
        }
    }
    precordia_model_facts facts;
    REQUIRE(precordia_model_describe(model, &facts) == PRECORDIA_OK);
    precordia_stream stream = precordia_stream_default(RATE);
    size_t bytes;
    REQUIRE(precordia_exam_bytes(model, &stream, &bytes) == PRECORDIA_OK);
    char *memory = malloc(bytes + 5);
    precordia_exam *exam;
    // One byte less is refused, and nothing beyond is touched.
    REQUIRE(precordia_exam_init(&exam, memory + 1, bytes - 1, model, &stream) == PRECORDIA_ERROR_MEMORY && exam == NULL);
    memset(memory + 1 + bytes, 0x55, 4);
    REQUIRE(precordia_exam_init(&exam, memory + 1, bytes, model, &stream) == PRECORDIA_OK);
    precordia_verdict verdict;
    REQUIRE(sizeof verdict == 32);
    // 26 s are two windows and the end.
    precordia_exam_classify_counts(exam, counts, NULL, FRAMES, &verdict);
    REQUIRE(verdict.frames == FRAMES && verdict.windows == 3 && verdict.windows_all == 3 && verdict.windows_unknown == 0 && verdict.is_known && !verdict.is_short);
    uint64_t whole = hash_of(exam, &verdict, facts.labels);
    precordia_exam_classify_microvolts(exam, doubles, NULL, FRAMES, &verdict);
    REQUIRE(hash_of(exam, &verdict, facts.labels) == whole);
    precordia_exam_classify_microvolts_float(exam, floats, marks, FRAMES, &verdict);
    REQUIRE(hash_of(exam, &verdict, facts.labels) == whole);
    char words[64], few[4];
    size_t length = precordia_exam_quality(exam, words, sizeof words);
    REQUIRE(length == strlen(words) && precordia_exam_quality(exam, few, sizeof few) == length && strncmp(few, words, 3) == 0 && few[3] == '\0');
    printf("exam %016llx %s\n", (unsigned long long)whole, words);
    // A window of 10 s is what an engine says of it.
    precordia_exam_classify_counts(exam, counts, NULL, 10 * RATE, &verdict);
    double one[2], classes[2];
    precordia_exam_probabilities(exam, 0, 2, one);
    size_t size;
    REQUIRE(precordia_engine_bytes(model, &stream, NULL, &size) == PRECORDIA_OK);
    char *other = malloc(size);
    precordia_engine *engine;
    REQUIRE(precordia_engine_init(&engine, other, size, model, &stream, NULL) == PRECORDIA_OK);
    for (size_t taken = 0; taken < 10 * RATE;) {
        taken += precordia_engine_push_counts(engine, taken, counts + 12 * taken, NULL, 10 * RATE - taken);
        for (precordia_event event; precordia_engine_poll(engine, &event);) {}
    }
    for (bool more = true; more;) {
        more = precordia_engine_drain(engine);
        for (precordia_event event; precordia_engine_poll(engine, &event);) {}
    }
    float said[2];
    precordia_engine_probabilities(engine, 0, 2, said);
    REQUIRE(one[0] == said[0] && one[1] == said[1]);
    precordia_exam_probabilities(exam, facts.labels - 1, 2, one);
    REQUIRE(!isnan(one[0]) && isnan(one[1]));
    if (facts.classes > 0) {
        precordia_exam_class_probabilities(exam, facts.classes - 1, 2, classes);
        REQUIRE(isnan(classes[1]));
    }
    // Half a window is short and an answer, less than a second none, nothing at all nothing.
    precordia_exam_classify_counts(exam, counts, NULL, 5 * RATE, &verdict);
    REQUIRE(verdict.windows == 1 && verdict.is_short && verdict.is_known && precordia_exam_quality(exam, words, sizeof words) >= 5 && strncmp(words, "short", 5) == 0);
    precordia_exam_classify_counts(exam, counts, NULL, 0, &verdict);
    REQUIRE(verdict.windows == 0 && !verdict.is_known && verdict.frames == 0);
    // All leads off for most of a window: no answer, with the reason.
    for (int frame = 0; frame < 8 * RATE; frame++) marks[frame].missing = PRECORDIA_LEADS_ALL;
    precordia_exam_classify_counts(exam, counts, marks, 10 * RATE, &verdict);
    REQUIRE(!verdict.is_known && verdict.windows == 1 && verdict.windows_unknown == 1 && verdict.reasons != 0);
    // Nothing of it is left.
    precordia_exam_classify_counts(exam, counts, NULL, FRAMES, &verdict);
    REQUIRE(hash_of(exam, &verdict, facts.labels) == whole);
    for (int byte = 0; byte < 4; byte++) REQUIRE(memory[1 + bytes + byte] == 0x55);
    free(memory);
    free(other);
}
