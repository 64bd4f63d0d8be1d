// The device proper: sessions, sampling, the sending buffer and the commands of SPEC.md's state machine, on the reference encoder.
// Apart from USB and from the faults that tests inject, so that it can be read as an example of a board's firmware.
#pragma once

#include <pthread.h>
#include <stdbool.h>

#include "exam.h"
#include "precordia_wire.h"

enum { BOARD_SLOTS = 128, BOARD_SLOT_BYTES = WIRE_MAXIMUM_BLOCK };

/// How a board behaves.
struct board_options {
    /// Of the first session; each further one is 1 more.
    uint32_t session;
    /// Blocks that the sending buffer holds, 16 to BOARD_SLOTS.
    uint8_t slots;
    /// Data blocks a second, 10 to 50; so many samples as that makes are at most 255.
    uint8_t blocks;
    /// Takes commands, and waits for the start; else it streams as soon as it has power.
    bool takes_commands;
    /// Samples so many times as fast as the clock; 0: as fast as the host takes them, and then nothing is ever dropped.
    double speed;
    /// How much the board's clock is ahead of true time, parts per million.
    double drift;
};

/// A board. Three threads use it, each function takes the mutex: sampling, sending, commands.
struct board {
    const struct exam *exam;
    struct board_options options;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    wire_encoder encoder;
    wire_data data;
    wire_queue queue;
    /// Of the host's commands.
    wire_order order;
    /// Where the encoder makes blocks, and the data block, and the buffer's slots.
    uint8_t block[BOARD_SLOT_BYTES], data_block[BOARD_SLOT_BYTES], memory[BOARD_SLOTS * BOARD_SLOT_BYTES];
    enum wire_state_of_board { BOARD_IDLE = WIRE_STATE_IDLE, BOARD_STREAMING = WIRE_STATE_STREAMING } state;
    uint8_t cause;
    /// Of the exam, which begins again where it ends: the next sample instant, and the one with which this session's streaming began.
    uint64_t position, begin;
    /// The position at which there are no more samples.
    uint64_t end;
    /// True time of the session's first sample, CLOCK_MONOTONIC in nanoseconds.
    int64_t began;
    /// Blocks that have gone out, of all sessions.
    uint64_t sent;
    /// Over all sessions: blocks made, samples taken, samples and blocks that the full buffer dropped, commands heard.
    uint64_t blocks, samples, samples_dropped, blocks_dropped, commands;
};

/// Powers up: a first session, streaming or idle.
void board_init(struct board *board, const struct exam *exam, const struct board_options *options);

/// Takes the samples of one block when their time has come, or waits for a start. False when the exam is over.
///
/// Its last block waits for room, so that the host can always tell what it missed before it.
bool board_sample(struct board *board);

/// Tells hello and configuration: a host may have come.
void board_introduce(struct board *board);

/// As after power-up: a new session.
void board_reset(struct board *board, uint8_t cause);

/// Tells the last status when everything before it has gone out.
void board_conclude(struct board *board);

/// A new session of one data block more, for which board_sample must be called.
void board_append(struct board *board);

/// Carries out a command: one whole block, as the control transfer brought it.
void board_command(struct board *board, const uint8_t *block);

/// Waits for a block to be sent and gives it; it stays in place until board_sent.
const uint8_t *board_front(struct board *board, size_t *count);

/// Says that the block has gone out whole.
void board_sent(struct board *board);

/// Waits until a first block has gone out.
void board_wait_until_heard(struct board *board);

/// Waits until everything has gone out.
void board_wait_until_sent(struct board *board);
