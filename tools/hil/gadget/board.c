// A board's firmware on the reference encoder: what it samples, says and does when it is told something.
// Apart from USB and from the faults that tests inject. Everything runs under one mutex and only waiting functions wait.
#include "board.h"

#include <errno.h>
#include <string.h>
#include <time.h>

enum { TICK_RATE = 1000000, NANOSECONDS = 1000000000 };

static uint8_t samples_a_block(const struct board *board) { return (uint8_t)(board->exam->rate / board->options.blocks); }

/// The session's next sample index, which lost samples do not stop.
static uint64_t index_of(const struct board *board) { return board->position - board->begin; }

/// The board's clock when the next sample is taken. It is exact in samples: drift is how true time passes in the meantime.
static uint64_t ticks_of(const struct board *board) { return index_of(board) * TICK_RATE / board->exam->rate; }

/// Adds a block that was written: into the buffer, whatever has to go for it.
static void add(struct board *board, const uint8_t *block, size_t bytes) {
    if (bytes == 0) return;
    uint64_t samples = board->queue.samples_dropped, blocks = board->queue.blocks_dropped;
    wire_queue_add(&board->queue, block);
    board->blocks++;
    board->samples_dropped += board->queue.samples_dropped - samples;
    board->blocks_dropped += board->queue.blocks_dropped - blocks;
    pthread_cond_broadcast(&board->changed);
}

static void tell_hello(struct board *board) {
    uint32_t rate = board->exam->rate;
    uint32_t commands = board->options.takes_commands ? WIRE_TAKES_COMMANDS : 0;
    wire_hello hello = {
        .lowest_version = WIRE_VERSION,
        .highest_version = WIRE_VERSION,
        .channels = (uint8_t)board->exam->channels,
        .cause = board->cause,
        .capabilities = WIRE_TELLS_CONTACT | WIRE_TELLS_CLIPPING | WIRE_KEEPS_DROP_COUNTER | commands,
        .maker = "Precordia",
        .product = "FunctionFS gadget",
        .serial_number = "HIL-1",
        .firmware_version = "1",
        .rates = &rate,
        .rate_count = 1,
    };
    add(board, board->block, wire_write_hello(&board->encoder, &hello, ticks_of(board)));
}

static void tell_configuration(struct board *board) {
    const struct exam *exam = board->exam;
    wire_channel channels[EXAM_CHANNELS];
    for (uint32_t index = 0; index < exam->channels; index++) {
        const struct exam_channel *channel = &exam->channel[index];
        channels[index] = (wire_channel){
            .lead = channel->lead,
            .gain = channel->gain,
            .baseline = channel->baseline,
            .scale = channel->scale,
            .high_pass = channel->high_pass,
            .low_pass = channel->low_pass,
        };
    }
    wire_configuration configuration = {
        .number = 1,
        .sensed = exam->sensed,
        .watched = exam->watched,
        .rate = exam->rate,
        .frames = board->end - board->begin,
        .channels = channels,
        .channel_count = (uint8_t)exam->channels,
    };
    add(board, board->block, wire_write_configuration(&board->encoder, &configuration, ticks_of(board)));
}

static void introduce(struct board *board) {
    tell_hello(board);
    tell_configuration(board);
}

static void tell_status(struct board *board) {
    wire_status status = {
        .samples_dropped = board->queue.samples_dropped,
        .blocks_dropped = board->queue.blocks_dropped,
        .buffer = (uint16_t)(1000 * board->queue.count / board->queue.slots),
        .battery = UINT16_MAX,
        .temperature = INT16_MIN,
        .state = (uint8_t)board->state,
        .supply = UINT8_MAX,
    };
    add(board, board->block, wire_write_status(&board->encoder, &status, ticks_of(board)));
}

/// A new session. What the last one still has in the buffer goes out before it.
static void begin_session(struct board *board, uint8_t cause, enum wire_state_of_board state) {
    board->encoder = (wire_encoder){
        .session = board->encoder.session + 1, .tick_rate = TICK_RATE, .block = board->block, .room = sizeof board->block};
    board->queue.samples_dropped = board->queue.blocks_dropped = 0;
    board->cause = cause;
    board->state = state;
    board->begin = board->position;
    board->began = 0;
    introduce(board);
    pthread_cond_broadcast(&board->changed);
}

void board_init(struct board *board, const struct exam *exam, const struct board_options *options) {
    memset(board, 0, sizeof *board);
    pthread_mutex_init(&board->mutex, NULL);
    pthread_cond_init(&board->changed, NULL);
    board->exam = exam;
    board->options = *options;
    board->end = exam->frames;
    board->queue = (wire_queue){.memory = board->memory, .slot_bytes = BOARD_SLOT_BYTES, .slots = options->slots};
    board->data = (wire_data){.block = board->data_block, .room = sizeof board->data_block};
    board->encoder.session = options->session - 1;
    begin_session(board, WIRE_CAUSE_POWER, options->takes_commands ? BOARD_IDLE : BOARD_STREAMING);
}

/// Sleeps until the next block's samples are due, by a clock that runs ahead by `drift`. The mutex is held before and after.
static void wait_until_due(struct board *board) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (board->began == 0) board->began = now.tv_sec * (int64_t)NANOSECONDS + now.tv_nsec;
    double seconds = (double)index_of(board) / board->exam->rate / board->options.speed / (1 + board->options.drift * 1e-6);
    int64_t due = board->began + (int64_t)(seconds * NANOSECONDS);
    struct timespec until = {.tv_sec = due / NANOSECONDS, .tv_nsec = due % NANOSECONDS};
    pthread_mutex_unlock(&board->mutex);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) continue;
    pthread_mutex_lock(&board->mutex);
}

/// Bytes that hold each of these values.
static uint8_t width_of(const int32_t *values, uint32_t count) {
    uint8_t width = 2;
    for (uint32_t index = 0; index < count; index++) {
        int32_t value = values[index];
        if (value == WIRE_NO_SAMPLE) continue;
        if (value < -INT32_C(0x7FFFFF) || value > 0x7FFFFF) return 4;
        if (value < -INT16_MAX || value > INT16_MAX) width = 3;
    }
    return width;
}

/// One data block, or what is left of the exam.
static void sample(struct board *board) {
    const struct exam *exam = board->exam;
    struct exam_frame frames[UINT8_MAX];
    uint64_t left = board->end - board->position;
    uint8_t count = left < samples_a_block(board) ? (uint8_t)left : samples_a_block(board);
    uint8_t width = 2;
    for (uint8_t place = 0; place < count; place++) {
        exam_frame_at(exam, (board->position + place) % exam->frames, &frames[place]);
        uint8_t needed = width_of(frames[place].values, exam->channels);
        if (needed > width) width = needed;
    }
    board->data.most_samples = count;
    board->data.width = width;
    if (!wire_data_begin(&board->data, &board->encoder, ticks_of(board), index_of(board))) return;
    for (uint8_t place = 0; place < count; place++) {
        const struct exam_frame *frame = &frames[place];
        wire_data_add(&board->data, frame->values, frame->off, frame->clipped);
    }
    add(board, board->data.block, wire_data_end(&board->data, &board->encoder));
    board->position += count;
    board->samples += count;
}

/// Each second: who is there and how it is.
static bool is_time_to_tell(const struct board *board) { return index_of(board) > 0 && index_of(board) % board->exam->rate == 0; }

bool board_sample(struct board *board) {
    // A second's first block comes with three others, and the host may ask in between.
    const uint8_t most = 8;
    pthread_mutex_lock(&board->mutex);
    while (board->state == BOARD_IDLE) pthread_cond_wait(&board->changed, &board->mutex);
    if (board->options.speed > 0) wait_until_due(board);
    bool is_last = board->position + samples_a_block(board) >= board->end;
    if (board->options.speed == 0 || is_last)
        while (board->queue.count + most > board->options.slots) pthread_cond_wait(&board->changed, &board->mutex);
    bool more = board->position < board->end;
    if (more && board->state == BOARD_STREAMING) {
        if (is_time_to_tell(board)) {
            introduce(board);
            tell_status(board);
        }
        sample(board);
    }
    pthread_mutex_unlock(&board->mutex);
    return more;
}

void board_introduce(struct board *board) {
    pthread_mutex_lock(&board->mutex);
    introduce(board);
    pthread_mutex_unlock(&board->mutex);
}

void board_reset(struct board *board, uint8_t cause) {
    pthread_mutex_lock(&board->mutex);
    begin_session(board, cause, board->options.takes_commands ? BOARD_IDLE : BOARD_STREAMING);
    pthread_mutex_unlock(&board->mutex);
}

void board_conclude(struct board *board) {
    board_wait_until_sent(board);
    pthread_mutex_lock(&board->mutex);
    tell_status(board);
    pthread_mutex_unlock(&board->mutex);
    board_wait_until_sent(board);
}

void board_append(struct board *board) {
    pthread_mutex_lock(&board->mutex);
    board->end += samples_a_block(board);
    begin_session(board, WIRE_CAUSE_COMMAND, BOARD_STREAMING);
    pthread_mutex_unlock(&board->mutex);
}

/// The answer that SPEC.md's table of states gives to a command.
static uint8_t result_of(const struct board *board, const wire_command *command) {
    bool is_idle = board->state == BOARD_IDLE;
    if (command->result != WIRE_RESULT_DONE) return command->result;
    switch (command->type) {
    case WIRE_TYPE_IDENTIFY:
    case WIRE_TYPE_STOP:
    case WIRE_TYPE_RESET: return WIRE_RESULT_DONE;
    case WIRE_TYPE_START: return is_idle ? WIRE_RESULT_DONE : WIRE_RESULT_NOT_NOW;
    case WIRE_TYPE_CONFIGURE:
        if (!is_idle) return WIRE_RESULT_NOT_NOW;
        // One rate, and no gain that could be chosen.
        if (command->rate != UINT32_MAX && command->rate != board->exam->rate) return WIRE_RESULT_VALUE;
        return command->gain == UINT16_MAX ? WIRE_RESULT_DONE : WIRE_RESULT_VALUE;
    default: return WIRE_RESULT_NOT_KNOWN;
    }
}

/// Answers, still in the session in which it was asked, and does it.
static void obey(struct board *board, const wire_command *command) {
    wire_command answered = *command;
    answered.result = result_of(board, command);
    add(board, board->block, wire_write_answer(&board->encoder, &answered, ticks_of(board)));
    if (answered.result != WIRE_RESULT_DONE) return;
    switch (command->type) {
    case WIRE_TYPE_IDENTIFY: introduce(board); break;
    case WIRE_TYPE_CONFIGURE: tell_configuration(board); break;
    case WIRE_TYPE_START: begin_session(board, WIRE_CAUSE_COMMAND, BOARD_STREAMING); break;
    case WIRE_TYPE_STOP:
        if (board->state == BOARD_IDLE) break;
        board->state = BOARD_IDLE;
        tell_status(board);
        break;
    default: begin_session(board, WIRE_CAUSE_COMMAND, board->options.takes_commands ? BOARD_IDLE : BOARD_STREAMING); break;
    }
}

void board_command(struct board *board, const uint8_t *block) {
    wire_command command;
    pthread_mutex_lock(&board->mutex);
    if (wire_read_command(&board->order, block, &command)) {
        board->commands++;
        if (board->options.takes_commands) obey(board, &command);
    }
    pthread_mutex_unlock(&board->mutex);
}

const uint8_t *board_front(struct board *board, size_t *count) {
    pthread_mutex_lock(&board->mutex);
    const uint8_t *block;
    while ((block = wire_queue_front(&board->queue, count)) == NULL) pthread_cond_wait(&board->changed, &board->mutex);
    pthread_mutex_unlock(&board->mutex);
    return block;
}

void board_sent(struct board *board) {
    pthread_mutex_lock(&board->mutex);
    wire_queue_sent(&board->queue);
    board->sent++;
    pthread_cond_broadcast(&board->changed);
    pthread_mutex_unlock(&board->mutex);
}

void board_wait_until_heard(struct board *board) {
    pthread_mutex_lock(&board->mutex);
    while (board->sent == 0) pthread_cond_wait(&board->changed, &board->mutex);
    pthread_mutex_unlock(&board->mutex);
}

void board_wait_until_sent(struct board *board) {
    pthread_mutex_lock(&board->mutex);
    while (board->queue.count > 0) pthread_cond_wait(&board->changed, &board->mutex);
    pthread_mutex_unlock(&board->mutex);
}
