// Firmware of an electrocardiograph's board with an ADS1298, on any microcontroller: what PORTING.md builds, hour by hour.
// It waits for nobody: a full buffer drops the oldest data and counts it.

#include "board.h"

#include "ads1298.h"
#include "precordia_wire.h"

enum { TICK_RATE = 1000000, SAMPLES = 10, SLOTS = 24, REGISTERS = 25, SECOND = TICK_RATE };
enum { DATA_BYTES = WIRE_DATA_BLOCK_BYTES(SAMPLES, 0, ADS1298_CHANNELS, 3), REPORT_BYTES = WIRE_CONFIGURATION_BLOCK_BYTES(ADS1298_CHANNELS) };

// The converter's commands and registers, by its data sheet.
enum { START = 0x08, STOP = 0x0A, READ_CONTINUOUSLY = 0x10, STOP_READING = 0x11, READ_REGISTERS = 0x20, WRITE_REGISTERS = 0x40 };
enum { CONFIG1 = 1, LOFF_SENSP = 0x0F, LOFF_SENSN = 0x10 };

// What it can be set to, and the bits for that.
static const uint32_t rates[] = {500, 1000, 2000};
static const uint8_t rate_bits[] = {0x86, 0x85, 0x84};
static const uint16_t gains[] = {600, 100, 200, 300, 400, 800, 1200};
enum { RATES = 3, GAINS = 7 };

static struct {
    uint8_t registers[REGISTERS];
    uint8_t state, cause, rate, gain;
    uint32_t sessions, fault;
    uint64_t sample, last_report, last_status;
    uint8_t block[REPORT_BYTES], data_block[DATA_BYTES], slots[SLOTS * DATA_BYTES];
    wire_encoder encoder;
    wire_data data;
    wire_queue queue;
    wire_order order;
    volatile uint8_t is_sending;
} board;

static void add(size_t bytes) {
    if (bytes > 0) wire_queue_add(&board.queue, board.block);
}

static void say_hello(void) {
    static const wire_hello hello = {WIRE_VERSION, WIRE_VERSION, ADS1298_CHANNELS, 0,
                                     WIRE_TELLS_CONTACT | WIRE_TELLS_CLIPPING | WIRE_TAKES_COMMANDS | WIRE_KEEPS_DROP_COUNTER,
                                     "Example", "ADS1298 board", "A-17", "1.0", rates, gains, RATES, GAINS};
    wire_hello said = hello;
    said.cause = board.cause;
    add(wire_write_hello(&board.encoder, &said, board_ticks()));
}

/// Says what the converter has in its registers, which is what it does, whatever it was told.
static void say_configuration(void) {
    static const double scales[GAINS] = {4.8e6 / (6 * 16777216.0), 4.8e6 / (1 * 16777216.0), 4.8e6 / (2 * 16777216.0), 4.8e6 / (3 * 16777216.0),
                                         4.8e6 / (4 * 16777216.0), 4.8e6 / (8 * 16777216.0), 4.8e6 / (12 * 16777216.0)};
    static const uint32_t low_pass[RATES] = {131000, 262000, 524000};
    wire_channel channels[ADS1298_CHANNELS];
    wire_configuration configuration = {board.encoder.configuration, 0, 0, rates[board.rate], UINT64_MAX, channels, ADS1298_CHANNELS};
    configuration.sensed = ads1298_sensed(&ads1298_twelve_leads);
    configuration.watched = ads1298_watched(&ads1298_twelve_leads);
    for (unsigned input = 0; input < ADS1298_CHANNELS; input++) {
        const wire_channel channel = {ads1298_twelve_leads.lead[input], gains[board.gain], 0, scales[board.gain], 0, low_pass[board.rate]};
        channels[ads1298_twelve_leads.place[input]] = channel;
    }
    add(wire_write_configuration(&board.encoder, &configuration, board_ticks()));
}

static void say_status(void) {
    const wire_status status = {board.queue.samples_dropped, board.queue.blocks_dropped, (uint16_t)(1000 * board.queue.count / SLOTS), UINT16_MAX,
                                INT16_MIN, board.state, UINT8_MAX};
    board.last_status = board_ticks();
    add(wire_write_status(&board.encoder, &status, board.last_status));
}

static void say_failed(uint32_t detail) {
    static const char text[] = "The converter does not keep its settings.";
    const wire_error error = {WIRE_ERROR_CODE_CONVERTER, WIRE_SEVERITY_STOPPED, detail, text, sizeof text - 1};
    add(wire_write_error(&board.encoder, &error, board_ticks()));
}

static void begin_session(uint8_t cause) {
    board.encoder.session = board_session() + board.sessions++;
    board.encoder.sequence = 0;
    board.encoder.configuration = 0;
    board.queue.samples_dropped = board.queue.blocks_dropped = 0;
    board.cause = cause;
    board.sample = 0;
    board.last_report = board_ticks();
    say_hello();
    if (board.state != WIRE_STATE_FAILED) say_configuration();
}

/// Writes all registers and reads them back: a converter forgets settings in more ways than its data sheet tells. Gives 0, or the register that is not
/// what it should be and its value.
static uint32_t set_converter(void) {
    static const uint8_t settings[REGISTERS] = {
        0,    0,    0x00, 0xCC, 0x03, // CONFIG1 below; CONFIG3: 2.4 V reference, right-leg drive; LOFF: direct current
        0,    0,    0,    0,    0,    0, 0, 0, // CHnSET below
        0x07, 0x01, 0xFF, 0x03, 0x00, // right-leg drive from LA, LL, RA; lead-off of all positive inputs and of RA
        0,    0,    0,    0,    0x02, // CONFIG4: comparators on
        0x08, 0xCA,                   // Wilson's terminal: LA, RA, LL
    };
    uint8_t out[REGISTERS + 2] = {STOP_READING}, in[REGISTERS + 2];
    board_spi(out, in, 1);
    for (unsigned index = 1; index < REGISTERS; index++) board.registers[index] = settings[index];
    board.registers[CONFIG1] = rate_bits[board.rate];
    for (unsigned channel = 5; channel < 13; channel++) board.registers[channel] = (uint8_t)(board.gain << 4);
    out[0] = WRITE_REGISTERS | CONFIG1;
    out[1] = REGISTERS - 2;
    for (unsigned index = 1; index < REGISTERS; index++) out[index + 1] = board.registers[index];
    board_spi(out, in, REGISTERS + 1);
    out[0] = READ_REGISTERS | CONFIG1;
    board_spi(out, in, REGISTERS + 1);
    for (unsigned index = 1; index < REGISTERS; index++) {
        // LOFF_STATP and LOFF_STATN are the converter's own.
        if (index == 0x12 || index == 0x13 || in[index + 1] == board.registers[index]) continue;
        board.state = WIRE_STATE_FAILED;
        return index << 8 | in[index + 1];
    }
    return 0;
}

static void tell_converter(uint8_t command) {
    uint8_t ignored;
    board_spi(&command, &ignored, 1);
}

void firmware_begin(uint8_t cause) {
    board.encoder.tick_rate = TICK_RATE;
    board.encoder.block = board.block;
    board.encoder.room = sizeof board.block;
    board.data.block = board.data_block;
    board.data.room = sizeof board.data_block;
    board.data.most_samples = SAMPLES;
    board.data.width = 3;
    board.queue.memory = board.slots;
    board.queue.slot_bytes = DATA_BYTES;
    board.queue.slots = SLOTS;
    board.state = WIRE_STATE_IDLE;
    board.fault = set_converter();
    begin_session(cause);
    if (board.fault) say_failed(board.fault);
    say_status();
}

void firmware_sample(void) {
    static const uint8_t nothing[ADS1298_FRAME_BYTES];
    uint8_t frame[ADS1298_FRAME_BYTES];
    int32_t values[ADS1298_CHANNELS];
    uint16_t off, clipped;
    const uint64_t now = board_ticks();
    if (board.state != WIRE_STATE_STREAMING) return;
    board_spi(nothing, frame, sizeof frame);
    // A frame that slipped has no values: the sample is there, and missing.
    ads1298_read(&ads1298_twelve_leads, frame, values, &off, &clipped);
    if (board.data.channels == 0) wire_data_begin(&board.data, &board.encoder, now, board.sample);
    board.sample++;
    if (wire_data_add(&board.data, values, off, clipped) == 0 && wire_data_end(&board.data, &board.encoder) > 0)
        wire_queue_add(&board.queue, board.data_block);
}

void firmware_turn(void) {
    const uint64_t now = board_ticks();
    board_mask(1);
    // Repeats wait while the buffer is filling: nobody hears them, and they would push data out.
    if (now - board.last_report >= SECOND && board.queue.count < SLOTS / 2) {
        board.last_report = now;
        say_hello();
        if (board.state != WIRE_STATE_FAILED) say_configuration();
    }
    if (now - board.last_status >= SECOND && board.queue.count < SLOTS / 2) say_status();
    if (!board.is_sending) {
        size_t bytes;
        const uint8_t *block = wire_queue_front(&board.queue, &bytes);
        if (block) {
            board.is_sending = 1;
            board_send(block, bytes);
        }
    }
    board_mask(0);
}

void firmware_sent(int is_whole) {
    if (is_whole) wire_queue_sent(&board.queue);
    else wire_queue_broken(&board.queue);
    board.is_sending = 0;
}

/// The place of `value` among `count` numbers; `count` if it is none of them.
static uint8_t find(uint32_t value, const uint32_t *numbers, uint8_t count) {
    uint8_t place = 0;
    while (place < count && numbers[place] != value) place++;
    return place;
}

static uint8_t configure(const wire_command *command) {
    uint8_t rate = command->rate == UINT32_MAX ? board.rate : find(command->rate, rates, RATES), gain = 0;
    while (gain < GAINS && gains[gain] != command->gain) gain++;
    if (command->gain == UINT16_MAX) gain = board.gain;
    if (rate == RATES || gain == GAINS) return WIRE_RESULT_VALUE;
    board.rate = rate;
    board.gain = gain;
    board.fault = set_converter();
    return board.fault ? WIRE_RESULT_FAILED : WIRE_RESULT_DONE;
}

/// Carries a command out in the state that the board is in, by the table of SPEC.md.
static uint8_t carry_out(const wire_command *command) {
    static const wire_command as_it_is = {WIRE_TYPE_CONFIGURE, 0, 0, 0, UINT32_MAX, UINT16_MAX};
    const int is_idle = board.state == WIRE_STATE_IDLE;
    switch (command->type) {
        case WIRE_TYPE_IDENTIFY:
        case WIRE_TYPE_RESET: return WIRE_RESULT_DONE;
        case WIRE_TYPE_STOP: return board.state == WIRE_STATE_FAILED ? WIRE_RESULT_NOT_NOW : WIRE_RESULT_DONE;
        case WIRE_TYPE_CONFIGURE: return is_idle ? configure(command) : WIRE_RESULT_NOT_NOW;
        case WIRE_TYPE_START: return is_idle ? configure(&as_it_is) : WIRE_RESULT_NOT_NOW;
        default: return WIRE_RESULT_NOT_KNOWN;
    }
}

int firmware_command(const uint8_t *block, size_t count) {
    wire_command command;
    if (!wire_is_block(block, count) || block[WIRE_HEADER_VERSION] != WIRE_VERSION) return 0;
    if (!wire_read_command(&board.order, block, &command)) return 1;
    board_mask(1);
    const int was_streaming = board.state == WIRE_STATE_STREAMING;
    if (command.result == WIRE_RESULT_DONE) command.result = carry_out(&command);
    add(wire_write_answer(&board.encoder, &command, board_ticks()));
    if (command.result == WIRE_RESULT_DONE) {
        switch (command.type) {
            case WIRE_TYPE_IDENTIFY:
                say_hello();
                if (board.state != WIRE_STATE_FAILED) say_configuration();
                break;
            case WIRE_TYPE_CONFIGURE:
                board.encoder.configuration++;
                say_configuration();
                break;
            case WIRE_TYPE_START:
                board.state = WIRE_STATE_STREAMING;
                begin_session(WIRE_CAUSE_COMMAND);
                tell_converter(START);
                tell_converter(READ_CONTINUOUSLY);
                break;
            case WIRE_TYPE_STOP:
                if (was_streaming) {
                    tell_converter(STOP);
                    board.state = WIRE_STATE_IDLE;
                    if (wire_data_end(&board.data, &board.encoder) > 0) wire_queue_add(&board.queue, board.data_block);
                    say_status();
                }
                break;
            default: firmware_begin(WIRE_CAUSE_COMMAND);
        }
    }
    if (board.state == WIRE_STATE_FAILED && command.type != WIRE_TYPE_RESET) say_failed(board.fault);
    board_mask(0);
    return 1;
}
