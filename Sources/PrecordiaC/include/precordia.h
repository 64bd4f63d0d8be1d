// Precordia for C and for every language that can call C. This file is the manual.
// Written by hand: the Swift in Sources/PrecordiaC implements it, and the compiler checks every declaration against it.
//
// What it does: takes a live or recorded ECG of up to twelve leads, frame by frame, and answers with events: probabilities of the model's
// statements, alerts, heart rate, signal quality, gaps. The same frames give the same events, bit for bit, on every processor.
//
//     precordia_model model;
//     if (precordia_model_open(&model, "ptbxl71.precordia") != PRECORDIA_OK) ...           once: a model, shared by all engines
//     precordia_stream stream = precordia_stream_default(500);                               what the counts mean
//     size_t bytes;
//     if (precordia_engine_bytes(&model, &stream, NULL, &bytes) != PRECORDIA_OK) ...         ask for the size
//     precordia_engine *engine;
//     precordia_engine_init(&engine, malloc(bytes), bytes, &model, &stream, NULL);           make an engine in your memory
//     for (;;) {                                                                             for each packet of `count` frames
//         size_t taken = 0;
//         while (taken < count) {
//             taken += precordia_engine_push_counts(engine, first + taken, counts + 12 * taken, NULL, count - taken);
//             precordia_event event;
//             while (precordia_engine_poll(engine, &event)) ...                              what it has to say
//         }
//     }
//
// Rules that hold for every function:
// - Memory is yours. Nothing here allocates, except that precordia_model_open maps memory for the file. After precordia_engine_init
//   nothing allocates, locks, waits, reads a clock or fails, and there is nothing to free but your own memory.
// - There is no global state, no thread and no callback. Engines share nothing but the model, which nobody writes: have as many as
//   there is memory for, each used by one thread at a time.
// - A pointer is never null, unless its parameter says PRECORDIA_NULLABLE. Indexes out of range are answered, never followed.
// - What can fail returns a precordia_error, 0 for success. precordia_error_name and precordia_error_explanation say what it means.
// - Texts are UTF-8. A precordia_text has a length and no terminator; a `const char *` is terminated and lives as long as the program.
// - Numbers that are not known are NaN, never 0.
// - Sets of leads, electrodes and reasons are bits, in the constants below.
//
// Stability: a program built against PRECORDIA_ABI 1 runs with every library whose SONAME is libprecordia.so.1. Structures keep their size
// and constants their value; functions may be added. Symbols carry the version PRECORDIA_1.
#ifndef PRECORDIA_H
#define PRECORDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#pragma clang assume_nonnull begin
#define PRECORDIA_NULLABLE _Nullable
#define PRECORDIA_NONNULL _Nonnull
#else
#define PRECORDIA_NULLABLE
#define PRECORDIA_NONNULL
#endif

#ifdef __cplusplus
extern "C" {
#endif

// # Versions

/// The version of this interface that a program was compiled with; compare with precordia_abi().
#define PRECORDIA_ABI 1

/// The version of the interface that the library implements.
uint32_t precordia_abi(void);
/// The library's own version, such as "0.1.0". The events of a stream may change only with it or with the model.
const char *precordia_version(void);
/// The instruction set that the network runs with on this processor: portable, avx2, neon and so on. All give the same events.
const char *precordia_kernel(void);

// # Errors

/// 0 or one of the constants below. An integer of fixed width, because the width of an enum differs between compilers' ARM settings.
typedef int32_t precordia_error;

enum {
    PRECORDIA_OK = 0,

    // Of a stream or its options: the caller's to mend.
    /// The stream's rate is not 100 to 2000 Hz, or below the model's.
    PRECORDIA_ERROR_RATE = 1,
    /// The magnitude of a channel's microvolts a count is not 1e-9 to 1e9.
    PRECORDIA_ERROR_SCALE = 2,
    /// Only III, aVR, aVL and aVF can be derived.
    PRECORDIA_ERROR_DERIVED_LEADS = 3,
    /// The hop is not a multiple of the model's hop_unit, or longer than its hop.
    PRECORDIA_ERROR_HOP = 4,
    /// The memory is smaller than precordia_engine_bytes, precordia_exam_bytes, precordia_link_bytes or precordia_host_bytes said.
    PRECORDIA_ERROR_MEMORY = 5,
    /// The channels are not 1 to 12, one names no lead, or two name the same.
    PRECORDIA_ERROR_CHANNELS = 9,
    /// The mains frequency is not 0, 50 or 60.
    PRECORDIA_ERROR_NOTCH = 15,
    /// An alert limit is not a positive finite number.
    PRECORDIA_ERROR_ALERT_LIMIT = 16,
    /// A reserved field or bit is not 0: a program from the future, or memory that was never initialised.
    PRECORDIA_ERROR_RESERVED = 10,
    /// The framing is not one of PRECORDIA_FRAMING_.
    PRECORDIA_ERROR_FRAMING = 17,

    // Of a model: this library cannot use it.
    /// The network cannot run this model.
    PRECORDIA_ERROR_MODEL_NETWORK = 6,
    /// A threshold or persistence in the model makes no valid alert rule.
    PRECORDIA_ERROR_MODEL_ALERT_RULE = 7,
    /// The model needs more filter sections than there are.
    PRECORDIA_ERROR_MODEL_FILTERS = 8,
    /// The precordia_model was never loaded, or its loading failed.
    PRECORDIA_ERROR_MODEL_ABSENT = 11,
    /// Bytes that are no model of this format, or damaged; precordia_model_fault says which byte and what would be right.
    PRECORDIA_ERROR_MODEL_INVALID = 12,
    /// The first byte of the model does not lie at a multiple of 16.
    PRECORDIA_ERROR_MODEL_MISALIGNED = 13,
    /// The file cannot be opened or read; precordia_model_fault has the system's errno.
    PRECORDIA_ERROR_MODEL_FILE = 14,
};

/// A stable name, such as "rate"; "unknown" for a number that is no error.
const char *precordia_error_name(precordia_error error);
/// What is wrong and what would be right, a sentence for a person.
const char *precordia_error_explanation(precordia_error error);

// # Leads, electrodes, reasons

/// A lead's number, and the bit of its set. `1 << PRECORDIA_LEAD_V1` is V1 in a set of leads.
enum {
    PRECORDIA_LEAD_I = 0,
    PRECORDIA_LEAD_II = 1,
    PRECORDIA_LEAD_III = 2,
    PRECORDIA_LEAD_AVR = 3,
    PRECORDIA_LEAD_AVL = 4,
    PRECORDIA_LEAD_AVF = 5,
    PRECORDIA_LEAD_V1 = 6,
    PRECORDIA_LEAD_V2 = 7,
    PRECORDIA_LEAD_V3 = 8,
    PRECORDIA_LEAD_V4 = 9,
    PRECORDIA_LEAD_V5 = 10,
    PRECORDIA_LEAD_V6 = 11,
};

enum {
    PRECORDIA_LEADS = 12,
    PRECORDIA_LEADS_ALL = 0x0FFF,
    /// III, aVR, aVL and aVF, which I and II determine.
    PRECORDIA_LEADS_DERIVED = 0x003C,
};

/// Electrodes, one bit each.
enum {
    PRECORDIA_ELECTRODE_RIGHT_ARM = 1 << 0,
    PRECORDIA_ELECTRODE_LEFT_ARM = 1 << 1,
    PRECORDIA_ELECTRODE_LEFT_LEG = 1 << 2,
    PRECORDIA_ELECTRODE_RIGHT_LEG = 1 << 3,
    /// The chest electrodes 1 to 6 follow each other: `PRECORDIA_ELECTRODE_V1 << 5` is V6.
    PRECORDIA_ELECTRODE_V1 = 1 << 4,
};

/// Why a window is not good, one bit each.
enum {
    /// Less than a window was heard since the start.
    PRECORDIA_REASON_INCOMPLETE = 1 << 0,
    /// Samples of all leads are missing.
    PRECORDIA_REASON_GAP = 1 << 1,
    PRECORDIA_REASON_ELECTRODE_OFF = 1 << 2,
    PRECORDIA_REASON_FLAT = 1 << 3,
    /// A lead was at the limit of its amplifier or converter.
    PRECORDIA_REASON_CLIPPED = 1 << 4,
    PRECORDIA_REASON_NOISY = 1 << 5,
    /// A lead swung further than a heart can.
    PRECORDIA_REASON_OUT_OF_RANGE = 1 << 6,
    /// Samples of a lead are missing, while others have theirs.
    PRECORDIA_REASON_MISSING_LEAD = 1 << 7,
    /// More leads are bad or absent than the classifier may guess over.
    PRECORDIA_REASON_TOO_FEW_LEADS = 1 << 8,
    /// A lead has mains, wanders, has muscle noise or jumps; it stays usable.
    PRECORDIA_REASON_MAINS = 1 << 9,
    PRECORDIA_REASON_WANDER = 1 << 10,
    PRECORDIA_REASON_MUSCLE = 1 << 11,
    PRECORDIA_REASON_SPIKES = 1 << 12,
    /// Limb electrodes seem to be at each other's places.
    PRECORDIA_REASON_SWAPPED = 1 << 13,
    /// The stream has not all twelve leads, or some of nobody knows where.
    PRECORDIA_REASON_ABSENT_LEADS = 1 << 14,
    /// Of PRECORDIA_EVENT_UNKNOWN: the answer is withheld, because a rhythm that kills is alarmed and no statement may contradict it.
    PRECORDIA_REASON_RHYTHM_ALARMED = 1 << 16,
    /// The device tells more pacing pulses than any pacemaker makes; they are not believed.
    PRECORDIA_REASON_PACE_MARKS = 1 << 17,
    /// Limb leads do not fit each other: exchanged names, another scale or unit, upside down. Times are right, voltages are not.
    PRECORDIA_REASON_UNFIT = 1 << 18,
    /// Of an alert that is over: it ended because nothing is known any more, not because the patient is better.
    PRECORDIA_REASON_LAPSED = 1 << 15,
};

/// The name of the lead with this number, "I" ... "V6", or "" for any other number.
const char *precordia_lead_name(uint32_t lead);
/// The stable name of one reason's bit, such as "electrodeOff", or "" for anything else.
const char *precordia_reason_name(uint32_t reason);

// # Models

/// UTF-8 without a terminator, in the model's own bytes. In C: printf("%.*s", (int)text.count, text.bytes).
typedef struct precordia_text {
    const char *bytes;
    size_t count;
} precordia_text;

/// A model that was checked once. Put it anywhere, copy it if you like; its bytes must stay where they are as long as an engine uses them.
/// The contents are the library's.
typedef struct precordia_model {
    uint64_t reserved[10];
} precordia_model;

/// Checks a model in memory and refers to it; nothing is copied.
///
/// `bytes` lies at a multiple of 16 and stays unchanged as long as the model or an engine made from it is used. Flash that is mapped into
/// memory will do. Costs a pass for the SHA-256: a few milliseconds a megabyte on a small board.
precordia_error precordia_model_init(precordia_model *model, const void *bytes, size_t count);

/// Reads a model file into memory of its own and checks it. The file may be replaced or removed afterwards.
///
/// End it with precordia_model_close. The only function that takes memory from the system.
precordia_error precordia_model_open(precordia_model *model, const char *path);

/// Gives the memory of precordia_model_open back; no engine of this model may be used afterwards. Harmless for any other model,
/// and after a failure.
void precordia_model_close(precordia_model *model);

/// Why a model was refused.
typedef struct precordia_model_fault {
    /// What is wrong and what would be right.
    const char *explanation;
    /// The fault's number in docs/model-format.md's reader, or errno if the file could not be read.
    int32_t code;
    int32_t reserved;
    /// The byte of the file where the faulty field begins.
    uint64_t offset;
    /// The field's value; of a floating-point field its bit pattern.
    int64_t value;
} precordia_model_fault;

/// Tells about the last precordia_model_init or precordia_model_open of this `model`, which must have been called.
///
/// Returns false, and a code of 0, if there was no fault.
bool precordia_model_last_fault(const precordia_model *model, precordia_model_fault *fault);

/// What a model is.
typedef struct precordia_model_facts {
    precordia_text name;
    /// 32 bytes, the file's SHA-256, which identify it.
    const uint8_t *sha256;
    /// Counted by whoever trained it.
    uint32_t version;
    /// Samples a second of the network's input. A stream must have at least as many.
    uint32_t rate;
    /// Samples that an answer looks back on, at that rate.
    uint32_t window;
    /// The model's own step between two answers, and what every other step must be a multiple of; samples at that rate.
    uint32_t hop, hop_unit;
    /// The labels of the first set, which events and alerts are about; they are labels 0 ... statements - 1.
    uint32_t statements;
    uint32_t labels, label_sets, classes;
    uint32_t reserved;
} precordia_model_facts;

/// Fills `facts`. PRECORDIA_ERROR_MODEL_ABSENT, and zeros, if the model was not loaded.
precordia_error precordia_model_describe(const precordia_model *model, precordia_model_facts *facts);

/// Labels that belong together: `count` of them from the label `first` on.
typedef struct precordia_label_set {
    /// "statements", "subclasses" and so on.
    precordia_text name;
    uint32_t first, count;
} precordia_label_set;

/// Fills `set` with the label set number `index`. Returns false, and leaves it, if there is none.
bool precordia_model_label_set(const precordia_model *model, uint32_t index, precordia_label_set *set);

/// A statement that the network was trained on.
typedef struct precordia_label {
    /// Such as "AFIB", "atrial fibrillation", "rhythm".
    precordia_text code, words, group;
    /// Probability from which it counts as said, and from which it may raise an alert.
    float threshold, alarm_threshold;
    /// PRECORDIA_PRIORITY_NONE for a label that never alerts.
    uint32_t priority;
    uint32_t reserved;
} precordia_label;

/// Fills `label`. Returns false, and leaves it, if there is no label of this number.
bool precordia_model_label(const precordia_model *model, uint32_t index, precordia_label *label);

/// A statement of another vocabulary, derived from labels.
typedef struct precordia_class {
    precordia_text code, words, group;
    /// How sure the definition is: "confirmed", "implied" or "provisional".
    precordia_text status;
    /// What stands behind it: 0 the model does not cover it, 1 labels by people, 2 weak labels by machines.
    uint32_t evidence;
    uint32_t reserved;
} precordia_class;

/// Fills `entry`. Returns false, and leaves it, if there is no class of this number.
bool precordia_model_class(const precordia_model *model, uint32_t index, precordia_class *entry);

// # Engines

/// What a stream's numbers mean, told once. Begin with precordia_stream_default and change what differs.
typedef struct precordia_stream {
    /// Frames a second, 100 to 2000.
    uint32_t rate;
    /// Values in a frame, 1 to 12, and below which lead each of them is. Leads that no channel has, and that are not derived, are absent:
    /// no fault. Beats, rate, rhythm, quality and alarms work with what is there; the classifier answers where it may guess over the rest.
    uint32_t channels;
    uint8_t lead[12];
    /// Leads to compute from I and II: a subset of PRECORDIA_LEADS_DERIVED. A derived lead's own channel is ignored.
    uint16_t derived;
    /// Channels of which nobody knows the place on the body, as a set of the leads that they are given to: beats are looked for in them,
    /// the classifier does not hear them. 0 for none.
    uint16_t unplaced;
    /// Microvolts of one count, by channel; from the device's data sheet, gain included.
    double microvolts_per_count[12];
    /// The count that stands for 0 microvolts, by channel.
    int32_t baseline[12];
} precordia_stream;

/// Twelve channels in the order I, II, III, aVR, aVL, aVF, V1 ... V6, 1 microvolt a count, around 0, nothing derived.
precordia_stream precordia_stream_default(uint32_t rate);
/// Eight channels, I, II, V1 ... V6, as an amplifier measures them; the other four leads are derived. The rest as above.
precordia_stream precordia_stream_eight(uint32_t rate);

/// What a caller may choose. All zero, or a null pointer, is the usual choice.
typedef struct precordia_options {
    /// Samples of the model's rate between two answers, a multiple of its hop_unit up to its hop; 0 for the model's own.
    uint32_t hop;
    /// Mains frequency to remove from the display leads: 0 for none, 50 or 60.
    uint32_t display_notch;
    /// Alert limits of the engine's own conditions; 0 for the defaults, which are a first choice for adults and no clinical finding:
    /// no beat for 4 seconds, above 130 and below 40 beats a minute. A statement's limits are in the model.
    float asystole_seconds, heart_rate_high, heart_rate_low;
    /// Seconds between two measurements of the last 10 s (PR, QRS, QT, axes, ST), each a PRECORDIA_EVENT_MEASUREMENT; 0 for none, at most 60. Then ST, QTc and
    /// conduction are watched too. It takes 180 to 530 KiB more by the rate, and 46 KB more of stack; docs/measurements.md says what a measurement costs, within the frame
    /// that ends the hop.
    uint32_t measure_seconds;
    /// Who the patient is, for limits of ST: age in years up to 120 (0 not known) plus PRECORDIA_PATIENT_FEMALE or PRECORDIA_PATIENT_MALE. Who is not known gets
    /// the lower limits.
    uint32_t patient;
    uint32_t reserved[1];
} precordia_options;

/// Parts of `patient` in precordia_options.
enum {
    PRECORDIA_PATIENT_FEMALE = 0x100,
    PRECORDIA_PATIENT_MALE = 0x200,
};

/// One engine: a stream's whole state.
typedef struct precordia_engine precordia_engine;

/// Puts into `bytes` how much memory such an engine needs; about 1.3 MiB with the shipped model at 500 Hz. It does not depend on how long
/// a stream is. The memory may have any alignment.
precordia_error precordia_engine_bytes(
    const precordia_model *model, const precordia_stream *stream, const precordia_options *PRECORDIA_NULLABLE options, size_t *bytes);

/// Makes an engine in `memory`, of `bytes` bytes, and puts its address, which lies in there, into `engine`; null on failure.
///
/// The memory must stay where it is while the engine is used. There is no end function: give the memory back.
precordia_error precordia_engine_init(
    precordia_engine *PRECORDIA_NULLABLE *PRECORDIA_NONNULL engine, void *memory, size_t bytes, const precordia_model *model,
    const precordia_stream *stream, const precordia_options *PRECORDIA_NULLABLE options);

/// Back to the state after init, for another exam of the same stream and model. Events not fetched are gone, counters are 0.
void precordia_engine_reset(precordia_engine *engine);

/// What is wrong with a frame, if anything. All zero is a good frame.
typedef struct precordia_marks {
    /// Leads without a valid sample. Their counts are ignored.
    uint16_t missing;
    /// Leads whose amplifier or converter was at its limit.
    uint16_t clipped;
    /// Electrodes that the device reports as not attached.
    uint16_t off;
    uint16_t reserved;
} precordia_marks;

/// Announces a pacing pulse that the device saw after the frame `sample`, before that frame is pushed, and not before the stream's first.
/// Beats, rate, asystole and quality then do not see the pulse; display and classifier do. `width` is in microseconds, 0 if not known.
///
/// Returns false if it came too late, more than 16 wait, or marks come faster than any pacemaker makes pulses, 4.5 a second: it is counted in the report's
/// end line, and the pulse may pass for a beat.
bool precordia_engine_mark_pace(precordia_engine *engine, uint64_t sample, uint16_t width);

/// Takes consecutive frames of counts.
///
/// `counts` holds `frames` frames one after another, each with the stream's channels; `marks` one entry a frame, or null for good frames.
/// `index` is the first frame's number since the stream began, as the device counts. A jump says that frames were lost: it is counted and
/// told as PRECORDIA_EVENT_GAP. Frames that are not newer than the last are counted and left out; after more than a second of nothing
/// else the device has begun to count anew, and so does the engine. After precordia_engine_drain a new window begins.
///
/// Returns how many frames were taken: all of them, or those up to the first that caused an event. Fetch the events, look at the
/// probabilities if one is an answer, and push the rest. At least one is taken, whether or not you have fetched; 256 events are
/// kept, and the newest are refused and counted beyond that.
size_t precordia_engine_push_counts(
    precordia_engine *engine, uint64_t index, const int32_t *counts, const precordia_marks *PRECORDIA_NULLABLE marks, size_t frames);

/// The same with microvolts, NaN for a sample that is missing.
///
/// They are rounded to the stream's counts, microvolts / microvolts_per_count + baseline, halves to even, so that events do not depend on
/// the last bits of a caller's arithmetic: give the device's own resolution there, or 0.1. What does not fit 32 bits counts as clipped.
size_t precordia_engine_push_microvolts(
    precordia_engine *engine, uint64_t index, const double *microvolts, const precordia_marks *PRECORDIA_NULLABLE marks, size_t frames);
/// The same with single precision.
size_t precordia_engine_push_microvolts_float(
    precordia_engine *engine, uint64_t index, const float *microvolts, const precordia_marks *PRECORDIA_NULLABLE marks, size_t frames);

/// Lets time pass in which nothing was heard and which no index tells: a device was silent, repeated itself or began anew, and a clock says for how long.
/// The frames are counted and told as behind a jump of the index; evidence of beats and alerts goes on. UINT64_MAX says that nobody knows how many.
///
/// Returns the index that the next frame must have. Before the first frame this is nothing.
uint64_t precordia_engine_miss(precordia_engine *engine, uint64_t frames);

/// Reads the frames from here on by another stream's gains, baselines and channels, for a device that was set anew: evidence goes on. False, and
/// nothing has changed, if the rate or the derived leads differ or the stream cannot be: that takes another engine.
bool precordia_engine_adopt(precordia_engine *engine, const precordia_stream *stream);

/// Ends the stream, a step a call: brings out what the look-ahead holds back and answers once more over what is left.
///
/// Call it until it returns false, and poll after each call, the last one too.
bool precordia_engine_drain(precordia_engine *engine);

// # Events

/// What an event says.
enum {
    /// The classifier has answered for the window that ends at `sample`: `code` is its most probable statement, `value` that probability.
    /// precordia_engine_probabilities has all of them until the next answer.
    PRECORDIA_EVENT_WINDOW = 1,
    /// The classifier gives no answer, for `reasons`. One stands for a whole gap of more than a second. `value` and the probabilities
    /// are what it would have said, for those who study it: no answer.
    PRECORDIA_EVENT_UNKNOWN = 2,
    /// A new heart rate: `value` in beats a minute, NaN if there is none.
    PRECORDIA_EVENT_HEART_RATE = 3,
    /// An alert has risen, or has become more urgent: `code` is its condition, `value` the evidence: a probability, a rate or seconds.
    PRECORDIA_EVENT_ALERT_RAISED = 4,
    /// An alert is over. PRECORDIA_REASON_LAPSED means that nothing is known any more.
    PRECORDIA_EVENT_ALERT_CLEARED = 5,
    /// The signal's quality has changed: `leads` cannot be used, for `reasons`.
    PRECORDIA_EVENT_QUALITY = 6,
    /// `value` frames are missing from `sample` on, rounded to 24 bits (exact up to 9.3 hours at 500 Hz; the counters always are); NaN if nobody can know how many, because the device counts anew.
    PRECORDIA_EVENT_GAP = 7,
    /// The last 10 s were measured: `value` is beats a minute, NaN if not known, `leads` those that were measured. precordia_engine_measurement has the rest until
    /// the next one. Of an engine that was made with `measure_seconds`.
    PRECORDIA_EVENT_MEASUREMENT = 8,
};

/// How urgent an alert is, in the words of IEC 60601-1-8.
enum {
    PRECORDIA_PRIORITY_NONE = 0,
    PRECORDIA_PRIORITY_INFORMATION = 1,
    PRECORDIA_PRIORITY_LOW = 2,
    PRECORDIA_PRIORITY_MEDIUM = 3,
    PRECORDIA_PRIORITY_HIGH = 4,
};

/// Conditions that need no model; any lower code is a statement, the number of a label.
enum {
    PRECORDIA_CONDITION_ASYSTOLE = 0x8000,
    PRECORDIA_CONDITION_HEART_RATE_HIGH = 0x8001,
    PRECORDIA_CONDITION_HEART_RATE_LOW = 0x8002,
    PRECORDIA_CONDITION_ELECTRODE_OFF = 0x8003,
    PRECORDIA_CONDITION_SIGNAL_LOST = 0x8004,
    PRECORDIA_CONDITION_ARTEFACT = 0x8005,
    /// Nothing comes from the device: raised by programs that hold its line, never by the engine.
    PRECORDIA_CONDITION_DEVICE_LOST = 0x8006,
    /// A long time without a beat; `value` is seconds.
    PRECORDIA_CONDITION_PAUSE = 0x8007,
    /// Ventricular fibrillation or flutter is suspected; `value` is for how many seconds.
    PRECORDIA_CONDITION_VF_SUSPECTED = 0x8008,
    /// A run of ventricular beats is suspected; `value` is its beats.
    PRECORDIA_CONDITION_VT_SUSPECTED = 0x8009,
    /// The intervals differ without a pattern; `value` is by how many per cent.
    PRECORDIA_CONDITION_IRREGULAR_RHYTHM = 0x800A,
    /// Limb electrodes seem to be at each other's places. `value` says which: 1 right and left arm, 2 left arm and left leg, 3 right arm and left leg,
    /// 4 right arm and right leg, 5 left arm and right leg, 6 arms and legs.
    PRECORDIA_CONDITION_ELECTRODES_SWAPPED = 0x800B,
    /// The samples come at another rate than the device says; `value` is that rate, hertz. Raised by programs that hold its line, never by the engine.
    PRECORDIA_CONDITION_RATE_WRONG = 0x8011,
    /// ST is raised, or lowered, in two neighbouring leads, those of `leads`; `value` is by how many times its limit. Of an engine that measures, as the next two.
    PRECORDIA_CONDITION_ST_ELEVATION = 0x8012,
    PRECORDIA_CONDITION_ST_DEPRESSION = 0x8013,
    /// A long QT interval; `value` is QTc by Fridericia, milliseconds.
    PRECORDIA_CONDITION_QTC_LONG = 0x8014,
    /// AV block: `value` is 1 of PR above 200 ms, 1.5 from 300 ms on, 2 where beats are dropped.
    PRECORDIA_CONDITION_AV_BLOCK = 0x8015,
};

/// One statement of the engine about the stream. 24 bytes.
typedef struct precordia_event {
    /// The newest frame's index when this was known; of a gap the first missing frame's.
    uint64_t sample;
    float value;
    /// A statement's number, or a PRECORDIA_CONDITION_.
    uint16_t code;
    /// The leads that the event is about.
    uint16_t leads;
    /// PRECORDIA_REASON_ up to 1 << 15.
    uint16_t reasons;
    uint8_t kind;
    uint8_t priority;
    /// Of PRECORDIA_CONDITION_ELECTRODE_OFF: which.
    uint16_t electrodes;
    /// PRECORDIA_REASON_ >> 16.
    uint16_t more_reasons;
} precordia_event;

/// Fetches the oldest event that was not fetched yet. Returns false, and leaves `event`, if there is none.
bool precordia_engine_poll(precordia_engine *engine, precordia_event *event);

/// A stable name, such as "alertRaised", or "" for any other number.
const char *precordia_event_name(uint32_t kind);
/// A stable name, such as "medium", or "" for any other number.
const char *precordia_priority_name(uint32_t priority);
/// The short code of an event's condition: a label's, such as "AFIB", or the engine's own, such as "asystole". Empty if there is none.
precordia_text precordia_model_condition(const precordia_model *model, uint32_t code);

// # What an engine knows between two frames

/// Puts the last answer's probabilities of `count` labels from `first` on into `values`: 0 to 1, NaN for a label that does not exist.
/// Whether they may be believed is said by the event.
void precordia_engine_probabilities(const precordia_engine *engine, uint32_t first, uint32_t count, float *values);
/// The same for classes; NaN for a class that the model does not cover.
void precordia_engine_class_probabilities(const precordia_engine *engine, uint32_t first, uint32_t count, float *values);
/// Whether the last answer looked at a whole window.
bool precordia_engine_is_whole(const precordia_engine *engine);

/// Beats a minute, or NaN when it cannot be told: while asystole or fibrillation is alarmed there is none, and of a ventricular run none below 100.
double precordia_engine_heart_rate(const precordia_engine *engine);
/// Puts the last frame's twelve leads after the display filters into `microvolts`, relative to the stream's first sample.
void precordia_engine_display(const precordia_engine *engine, double *microvolts);

/// Why a value of a measurement is not known.
enum {
    PRECORDIA_GAP_NONE = 0,
    /// No beat was whole and clear enough.
    PRECORDIA_GAP_NO_BEATS = 1,
    /// No P wave belongs to the beats.
    PRECORDIA_GAP_NO_P = 2,
    /// The beats are too unlike each other, or differ too much from their median.
    PRECORDIA_GAP_NOISE = 3,
    /// The next beat comes before T has ended.
    PRECORDIA_GAP_TOO_FAST = 4,
    /// A pacemaker's beats: whether a P wave belongs to them is not looked for.
    PRECORDIA_GAP_PACED = 5,
    /// Whether there is a wave, or where it ends, cannot be told.
    PRECORDIA_GAP_UNCLEAR = 6,
};

/// What was measured of the last 10 s; docs/measurements.md defines each value. NaN for what is not known. 144 bytes.
typedef struct precordia_measurement {
    /// Beats a minute; P duration, PR interval, QRS duration, QT interval and QTc by Fridericia in milliseconds; axes in degrees.
    float heart_rate, p, pr, qrs, qt, qtc, p_axis, qrs_axis, t_axis;
    /// ST at the J point and 60 ms after it, millivolts, by PRECORDIA_LEAD_.
    float st_j[12], st_j60[12];
    /// The leads that were measured.
    uint16_t leads;
    /// Beats of the last 10 s, and those in the median that was measured.
    uint8_t beats, measured_beats;
    /// 1 where a P wave belongs to each beat, 0 where none does, 2 where it cannot be seen.
    uint8_t p_present;
    /// PRECORDIA_GAP_ of p and pr, of qrs, and of qt.
    uint8_t p_gap, qrs_gap, qt_gap;
    /// Nothing is given, because a rhythm that kills is alarmed.
    bool is_withheld;
    /// Axes and levels of limb leads are left out, because nobody knows where their electrodes are.
    bool is_voltage_doubted;
    uint16_t reserved;
} precordia_measurement;

/// Fills `measurement` with what was measured last. False, and nothing is known in it, of an engine that does not measure.
bool precordia_engine_measurement(const precordia_engine *engine, precordia_measurement *measurement);

/// What may be believed of a window.
enum {
    PRECORDIA_VERDICT_GOOD = 0,
    /// Some leads are bad, few enough for an answer.
    PRECORDIA_VERDICT_DEGRADED = 1,
    /// No answer should be given.
    PRECORDIA_VERDICT_UNKNOWN = 2,
};

/// The signal's quality over the last window; a lead is in a set if it had that fault in any second of it.
typedef struct precordia_quality {
    uint32_t verdict;
    uint16_t reasons;
    uint16_t off, flat, clipped, gap, noisy, out_of_range;
    /// Leads that the stream does not have.
    uint16_t absent;
    /// Frames of the window that are real: since the start or the last gap.
    uint32_t samples;
} precordia_quality;

void precordia_engine_quality(const precordia_engine *engine, precordia_quality *quality);

/// How much of the last window could be read, 0 to 1 by lead, 0 for an absent one; the smallest of the others is the exam's. docs/quality.md says what counts.
void precordia_engine_quality_index(const precordia_engine *engine, float index[PRECORDIA_NONNULL 12]);

/// Everything that an engine counts since init or reset, so that nothing is lost silently.
typedef struct precordia_counters {
    uint64_t frames;
    /// Frames that never came: jumps of the index.
    uint64_t frames_missing;
    /// Frames left out because their index was not above the last one's.
    uint64_t frames_out_of_order;
    /// Samples of single leads missing in frames that came, derived leads included.
    uint64_t samples_missing;
    /// Frames with at least one clipped lead.
    uint64_t frames_clipped;
    /// Hops with an answer, and hops whose answer was "unknown".
    uint64_t windows, windows_unknown;
    uint64_t alerts_raised, alerts_cleared;
    /// Events that were not fetched in time.
    uint64_t events_dropped;
    /// Beats found.
    uint64_t beats;
} precordia_counters;

void precordia_engine_counters(const precordia_engine *engine, precordia_counters *counters);

// # Recorded exams: a whole exam in, a verdict out

/// What classifies recorded exams, one after the other in the same memory: an engine that leaves out what only a stream needs, beats and alerts, and so takes
/// a quarter of the time. What it answers for an exam is what `precordia classify` does.
///
///     precordia_exam_bytes(&model, &stream, &bytes); precordia_exam_init(&exam, malloc(bytes), bytes, &model, &stream);
///     for each exam: precordia_exam_classify_counts(exam, counts, NULL, frames, &verdict); precordia_exam_probabilities(exam, 0, labels, values);
///
/// For another stream, such as an exam with other gains, call precordia_exam_init again, in the same memory where it is large enough. Use each by one
/// thread at a time, and have as many as there are threads.
typedef struct precordia_exam precordia_exam;

/// Puts into `bytes` how much memory classifying exams of this stream needs; about 1.3 MiB with the shipped model at 500 Hz, however long an exam is. The
/// memory may have any alignment.
precordia_error precordia_exam_bytes(const precordia_model *model, const precordia_stream *stream, size_t *bytes);

/// Makes one in `memory`, of `bytes` bytes, and puts its address, which lies in there, into `exam`; null on failure. There is no end function.
precordia_error precordia_exam_init(
    precordia_exam *PRECORDIA_NULLABLE *PRECORDIA_NONNULL exam, void *memory, size_t bytes, const precordia_model *model, const precordia_stream *stream);

/// What an exam came to. 32 bytes.
typedef struct precordia_verdict {
    /// Frames that were heard.
    uint64_t frames;
    /// Windows that the probabilities are the mean of: those with an answer, or all if none has one. 0 of an exam that is too short for any.
    uint32_t windows;
    /// Windows with and without an answer: each whole 10 s, and the end where a second or more remains. Those of them that have none although the exam is
    /// not merely short.
    uint32_t windows_all, windows_unknown;
    /// Why those have none: PRECORDIA_REASON_, and in which leads.
    uint32_t reasons;
    uint16_t leads;
    /// Whether the probabilities are an answer. Where not, they are what would have been said, for those who study it.
    bool is_known;
    /// Whether the exam is shorter than the model's window.
    bool is_short;
    uint32_t reserved;
} precordia_verdict;

/// Classifies a whole exam: `frames` frames of counts, each with the stream's channels, in order and without a hole; `marks` one entry a frame, or null for
/// good frames. Mark what is missing. Of an earlier exam nothing is left. Takes 1 to 2 ms for 10 s of 12 leads on a server's core.
void precordia_exam_classify_counts(
    precordia_exam *exam, const int32_t *counts, const precordia_marks *PRECORDIA_NULLABLE marks, size_t frames, precordia_verdict *verdict);
/// The same with microvolts, NaN for a sample that is missing, rounded to the stream's counts as in precordia_engine_push_microvolts.
void precordia_exam_classify_microvolts(
    precordia_exam *exam, const double *microvolts, const precordia_marks *PRECORDIA_NULLABLE marks, size_t frames, precordia_verdict *verdict);
/// The same with single precision.
void precordia_exam_classify_microvolts_float(
    precordia_exam *exam, const float *microvolts, const precordia_marks *PRECORDIA_NULLABLE marks, size_t frames, precordia_verdict *verdict);

/// Puts the last exam's probabilities of `count` labels from `first` on into `values`: means over its windows, NaN for a label that does not exist.
void precordia_exam_probabilities(const precordia_exam *exam, uint32_t first, uint32_t count, double *values);
/// The same for classes; NaN for a class that the model does not cover.
void precordia_exam_class_probabilities(const precordia_exam *exam, uint32_t first, uint32_t count, double *values);
/// Writes what was found in the last exam's windows, zero-terminated, into `buffer` of `bytes` bytes: "good", or the words of the column `quality` of
/// `precordia classify`, such as "short;flat:V3+V4". Returns how many bytes the words have without the terminator, at most 700; if that is not less than
/// `bytes`, the buffer holds only their beginning.
size_t precordia_exam_quality(const precordia_exam *exam, char *buffer, size_t bytes);

// # Links: a device's bytes as frames

/// A decoder of the wire protocol, firmware-protocol/SPEC.md. Of a device that comes and goes a host, below, does more: it has a decoder of its own.
///
///     while ((count = read(descriptor, bytes, sizeof bytes)) > 0)
///         for (size_t done = 0; done < count;) {
///             done += precordia_link_feed(link, bytes + done, count - done);
///             for (uint32_t kind; (kind = precordia_link_next(link)) != PRECORDIA_LINK_NOTHING;) ...
///         }
///     precordia_link_finish(link), and precordia_link_next again until there is nothing
///
/// Any bytes will do, in any portions; the same bytes give the same frames and counters.
typedef struct precordia_link precordia_link;

/// How blocks are laid into a transport's bytes.
enum {
    /// As they are: USB, TCP, files.
    PRECORDIA_FRAMING_PLAIN = 0,
    /// Each under COBS with a zero byte behind it: serial lines.
    PRECORDIA_FRAMING_COBS = 1,
};

/// Bytes of memory that a link needs, whatever the stream; about 10 KiB. The memory may have any alignment.
size_t precordia_link_bytes(void);

/// Makes a link in `memory`, of `bytes` bytes, and puts its address, which lies in there, into `link`; null on failure.
///
/// PRECORDIA_ERROR_MEMORY if that is too small, PRECORDIA_ERROR_FRAMING for a framing that is none. There is no end function.
precordia_error precordia_link_init(
    precordia_link *PRECORDIA_NULLABLE *PRECORDIA_NONNULL link, void *memory, size_t bytes, uint32_t framing);

/// Takes bytes, as many as there is room for, and returns how many: 0 while precordia_link_next has something left.
size_t precordia_link_feed(precordia_link *link, const void *bytes, size_t count);
/// Says that no more bytes will come: the calls of precordia_link_next that follow decode what is left in the link, or count it as skipped.
void precordia_link_finish(precordia_link *link);

/// What precordia_link_next found.
enum {
    /// More bytes are needed.
    PRECORDIA_LINK_NOTHING = 0,
    /// A new stream: precordia_link_stream_of says how frames are to be read from here on. The engine of the last one is for it where
    /// precordia_engine_adopt says so; a device that begins anew in the middle of a stream has the same patient.
    PRECORDIA_LINK_STREAM = 1,
    /// precordia_link_frame_of.
    PRECORDIA_LINK_FRAME = 2,
    /// A pacing pulse, ahead of its block's frames: precordia_link_pace_of.
    PRECORDIA_LINK_PACE = 3,
    /// precordia_link_device_of.
    PRECORDIA_LINK_HELLO = 4,
    PRECORDIA_LINK_STATUS = 5,
    /// A button or a marker: precordia_link_notice_of.
    PRECORDIA_LINK_EVENT = 6,
    /// Something went wrong in the device: precordia_link_notice_of.
    PRECORDIA_LINK_ERROR = 7,
    PRECORDIA_LINK_ANSWER = 8,
    /// A command, which only a device gets.
    PRECORDIA_LINK_COMMAND = 9,
};

/// The next message. The functions below tell about it until the next call.
uint32_t precordia_link_next(precordia_link *link);

/// Fills `stream` for precordia_engine_init, `leads` with the leads that the device measures and `frames` with how many frames will come,
/// UINT64_MAX if nobody knows. Returns false, and leaves all three, if there is no configuration yet.
bool precordia_link_stream_of(const precordia_link *link, precordia_stream *stream, uint16_t *leads, uint64_t *frames);

/// The last frame: its index, its counts in the order of the stream's channels (room for 12), and what is wrong with it.
/// Give all three to precordia_engine_push_counts.
void precordia_link_frame_of(const precordia_link *link, uint64_t *index, int32_t *counts, precordia_marks *marks);

/// The last pacing pulse: the frame that it came after and its width in microseconds, 0 if not known. Give both to precordia_engine_mark_pace.
void precordia_link_pace_of(const precordia_link *link, uint64_t *sample, uint16_t *width);

/// What the block of the last frame or pulse is.
enum {
    /// New signal.
    PRECORDIA_HEARD_NEW = 0,
    /// The samples that came just before, once more: the device is stuck, whatever it counts. Leave its frames out.
    PRECORDIA_HEARD_SAME = 1,
    /// Samples at another rate than the device says. Leave them out until they agree.
    PRECORDIA_HEARD_MISTIMED = 2,
};

/// How a block is to be taken, by its samples, the device's clock and the host's. 40 bytes.
typedef struct precordia_hearing {
    /// The index of its first frame.
    uint64_t first;
    /// Frames to be given to precordia_engine_miss before the block, because no index tells of them: 0 for none, UINT64_MAX if nobody knows how many.
    uint64_t missing;
    /// The rate at which samples come where it is not the one that the device says, hertz; 0 while they agree.
    double wrong_rate;
    /// A PRECORDIA_HEARD_.
    uint32_t verdict;
    /// Whether it is another block than at the last call: only then is anything to be done.
    bool is_new;
    /// Whether the device has begun to count anew: the block's first frame is the engine's next, whatever its index.
    bool is_rebased;
    uint16_t reserved;
    /// Frames of new signal so far, those at a wrong rate among them: while it stands still nothing is heard.
    uint64_t heard;
} precordia_hearing;

/// Judges the block of the last frame or pulse; call it at each of both, ahead of everything that is done with them.
///
/// `monotonic` is when its bytes were there, nanoseconds of a clock that does not go back; -1 where nobody knows, as of a file: then the samples and the
/// device's own clock alone are asked. `keeps_time` says whether the source is as fast as time, so that another rate by the host's clock is a fault.
void precordia_link_hear(precordia_link *link, int64_t monotonic, bool keeps_time, precordia_hearing *hearing);

/// The stream has come to the end that the device announced: what follows is another one, and no restart.
void precordia_link_conclude(precordia_link *link);

/// What precordia_link_hear has found, in frames but for the last two.
typedef struct precordia_hearing_counters {
    /// New frames; the same once more; at a wrong rate.
    uint64_t heard, same, mistimed;
    /// Frames missing by the device's clock and not by its index; frames of time that was not heard, by the host's.
    uint64_t skipped, silent;
    /// Streams cut off by another session or configuration; rates found wrong.
    uint64_t cuts, rates_wrong;
} precordia_hearing_counters;

void precordia_link_hearing_counters(const precordia_link *link, precordia_hearing_counters *counters);

/// Who the device is. The texts stand in the link's memory until the next hello.
typedef struct precordia_device {
    precordia_text maker, product, serial, firmware;
    /// Bits of the protocol's capabilities.
    uint32_t capabilities;
    uint32_t reserved;
} precordia_device;

/// Fills `device`. Returns false, and leaves it, if the device has not said hello.
bool precordia_link_device_of(const precordia_link *link, precordia_device *device);

/// A PRECORDIA_LINK_EVENT or PRECORDIA_LINK_ERROR in the device's own numbers; the text stands until the next precordia_link_next.
typedef struct precordia_notice {
    /// An event's sample; UINT64_MAX if not known, and of an error.
    uint64_t sample;
    uint32_t code;
    /// An event's value, an error's severity.
    uint32_t value;
    precordia_text text;
} precordia_notice;

/// Fills `notice`. Returns false, and leaves it, if the last message was neither.
bool precordia_link_notice_of(const precordia_link *link, precordia_notice *notice);

/// The protocol's version in the last valid block, also of one that was left out because it is not 1, the version that this library speaks.
uint32_t precordia_link_version_of(const precordia_link *link);

/// Everything that the link counts since init, so that nothing is lost silently.
typedef struct precordia_link_counters {
    uint64_t bytes;
    /// Bytes that belong to no valid block.
    uint64_t bytes_skipped;
    uint64_t blocks;
    /// Places that looked like a block and had a wrong check.
    uint64_t checksum_failures;
    /// Packets of a serial line that their own zero byte cut short.
    uint64_t packets_broken;
    /// Jumps of the sequence, and blocks that came again.
    uint64_t blocks_missing, blocks_repeated;
    /// Valid blocks that this version of the protocol cannot read.
    uint64_t blocks_other_version, blocks_unknown, blocks_malformed;
    /// Sessions after the first.
    uint64_t restarts;
    /// Frames delivered; frames that never came, came again, or came without their configuration.
    uint64_t frames, frames_missing, frames_repeated, frames_unconfigured;
    /// Samples that the device says it dropped, over all sessions; where they show as jumps of the index, frames_missing has them too.
    uint64_t device_samples_dropped;
} precordia_link_counters;

void precordia_link_counters_of(const precordia_link *link, precordia_link_counters *counters);

// # Commands: what a host says to a device

/// What precordia_link_command can say.
enum {
    PRECORDIA_COMMAND_IDENTIFY = 0x81,
    PRECORDIA_COMMAND_CONFIGURE = 0x82,
    PRECORDIA_COMMAND_START = 0x83,
    PRECORDIA_COMMAND_STOP = 0x84,
    PRECORDIA_COMMAND_RESET = 0x85,
    PRECORDIA_COMMAND_SELF_TEST = 0x86,
};

/// Writes a command's block, as it goes over USB and TCP, into `buffer` of `bytes` bytes and returns its length: 32 and the payload's. If that is
/// more than `bytes`, or 0 for a number that is no command, nothing is written.
///
/// `session` is any number that the host keeps while it talks to a device, `sequence` counts its commands from 0. Only configure has a payload, of
/// 8 bytes: rate in hertz (4 bytes), gain in hundredths (2), two zeros; all ones leave a value as it is.
size_t precordia_link_command(
    uint32_t command, uint32_t session, uint32_t sequence, const void *PRECORDIA_NULLABLE payload, size_t count, void *buffer, size_t bytes);

// # Hosts: what follows a device

/// What follows a device that comes and goes: decodes it, judges what it sends, talks to it, and says when nobody hears the patient any more. It is what
/// `precordia monitor` and precordia-edge follow theirs with. It reads nothing, waits for nothing and has no clock: bytes and times are the caller's.
///
///     precordia_host_opened(host, now, PRECORDIA_FRAMING_PLAIN)       a connection is there
///     precordia_host_act(host, now)                                   before each piece of bytes, and some ten times a second
///     for (size_t done = 0; done < count;) {
///         done += precordia_host_feed(host, bytes + done, count - done, now);
///         for (uint32_t news; (news = precordia_host_next(host)) != PRECORDIA_HOST_NOTHING;) ...   after every call, until there is nothing
///     }
///     precordia_host_look(host, now)                                  behind each piece of bytes
///     count = precordia_host_command(host, block, sizeof block)       after every call: to be sent, if not 0
///     precordia_host_finish(host), precordia_host_lost(host, now)     the connection has gone
///
/// The same calls give the same news. Times are nanoseconds of a clock that does not go back, above 0, the same one in every call. What news are about
/// stands in the host until the next call that has no `const precordia_host *`.
typedef struct precordia_host precordia_host;

/// How a device is to be followed. Begin with precordia_host_settings_default and change what differs. 40 bytes.
typedef struct precordia_host_settings {
    /// Nanoseconds that a device has to stream, from the beginning and from an announced end on, before it is lost; 10 s.
    int64_t grace;
    /// Seconds of signal after which the stream ends; 0 for no limit.
    double limit;
    /// A PRECORDIA_FRAMING_, until a connection says otherwise.
    uint32_t framing;
    /// The rate to ask the device for, hertz; 0 to take the device's own.
    uint32_t rate;
    /// The session number of the host's commands: any that another run has not.
    uint32_t number;
    /// Seconds of signal that a device has to stream without beginning anew to be there again after it kept beginning anew: the model's window, 10.
    uint16_t window_seconds;
    /// Whether it is known when bytes came, as of a device and not of a file; without, nothing is ever silent or lost. True.
    bool has_times;
    /// Whether something can be said to the device. True.
    bool takes_commands;
    /// Whether the source is as fast as time, so that another rate by the host's clock is a fault. True.
    bool keeps_time;
    /// Whether somebody is watched behind an announced end too, so that a device that says nothing more is lost.
    bool watches_behind_end;
    /// Whether a device that idles before the end that it announced has come to it; without, it is lost.
    bool ends_with_stream;
    uint8_t reserved;
} precordia_host_settings;

precordia_host_settings precordia_host_settings_default(void);

/// Bytes of memory that a host needs, whatever the stream; about 11 KiB. The memory may have any alignment.
size_t precordia_host_bytes(void);

/// Makes a host in `memory`, of `bytes` bytes, and puts its address, which lies in there, into `host`; null on failure.
///
/// PRECORDIA_ERROR_MEMORY if that is too small, PRECORDIA_ERROR_FRAMING for a framing that is none, PRECORDIA_ERROR_RATE for a rate to ask for that is
/// neither 0 nor 100 to 2000 Hz, PRECORDIA_ERROR_RESERVED. There is no end function.
precordia_error precordia_host_init(
    precordia_host *PRECORDIA_NULLABLE *PRECORDIA_NONNULL host, void *memory, size_t bytes, const precordia_host_settings *settings);

/// A connection has come about. The framing of the first one holds for all.
void precordia_host_opened(precordia_host *host, int64_t now, uint32_t framing);
/// The connection has gone; precordia_host_finish, and fetch what is left, before.
void precordia_host_lost(precordia_host *host, int64_t now);
/// Takes bytes that came at `now`, as many as there is room for, and returns how many: 0 while precordia_host_next has something left.
size_t precordia_host_feed(precordia_host *host, const void *bytes, size_t count, int64_t now);
/// What has begun on the line will not end there any more: fetch what is left.
void precordia_host_finish(precordia_host *host);
/// What is due by the clock: commands, silences, a device that never came. Before each piece of bytes, and some ten times a second.
void precordia_host_act(precordia_host *host, int64_t now);
/// Whether anything new has come: behind each piece of bytes, so that a silence begins with the last one.
void precordia_host_look(precordia_host *host, int64_t now);
/// Leaves the device: it is let to rest if it was started from here, and what becomes of it is told no more. Whether there is a command to be sent.
bool precordia_host_leave(precordia_host *host, int64_t now);

/// What precordia_host_next tells.
enum {
    /// More bytes or time are needed.
    PRECORDIA_HOST_NOTHING = 0,
    /// A stream begins: make an engine for precordia_host_stream_of. Where there can be none, call precordia_host_refuse.
    PRECORDIA_HOST_BEGAN = 1,
    /// The stream goes on under another session or configuration of the device: precordia_engine_adopt it. Where the engine cannot follow, call
    /// precordia_host_refuse: the stream ends then, and another begins.
    PRECORDIA_HOST_CHANGED = 2,
    /// Give the facts' `missing` to precordia_engine_miss.
    PRECORDIA_HOST_HOLE = 3,
    /// A pacing pulse, ahead of its block's frames: precordia_host_pace_of.
    PRECORDIA_HOST_PACE = 4,
    /// The engine's next frame: precordia_host_frame_of.
    PRECORDIA_HOST_FRAME = 5,
    /// The stream is over, for the reason in the facts' `ending`.
    PRECORDIA_HOST_ENDED = 6,
    /// The device idles, and the facts' `frames_left` of the frames that it announced have not come. Words.
    PRECORDIA_HOST_UNFINISHED = 7,
    /// New signal comes: the first of a connection, or after a silence. The device's state is PRECORDIA_DEVICE_STREAMING.
    PRECORDIA_HOST_STREAMING = 8,
    /// The line is open and nothing new comes: PRECORDIA_DEVICE_SILENT, with words.
    PRECORDIA_HOST_SILENT = 9,
    /// The device has begun anew and the stream goes on: PRECORDIA_DEVICE_RESTARTED, with words. Told once a second.
    PRECORDIA_HOST_RESTARTED = 10,
    /// Nobody hears the patient: raise PRECORDIA_CONDITION_DEVICE_LOST. The facts' `unheard` says for how long already.
    PRECORDIA_HOST_DEVICE_LOST = 11,
    /// New signal is heard again: clear it. `unheard` says for how long none was.
    PRECORDIA_HOST_DEVICE_FOUND = 12,
    /// The samples contradict the rate that the device says: raise PRECORDIA_CONDITION_RATE_WRONG, with the facts' `measured_rate`. Words.
    PRECORDIA_HOST_RATE_WRONG = 13,
    /// They agree again: clear it.
    PRECORDIA_HOST_RATE_RIGHT = 14,
    /// Who the device is: precordia_host_device_of.
    PRECORDIA_HOST_HELLO = 15,
    /// A button, a marker, a self test: precordia_host_notice_of. Words.
    PRECORDIA_HOST_EVENT = 16,
    /// Something went wrong in the device: precordia_host_notice_of. Words.
    PRECORDIA_HOST_ERROR = 17,
    /// What became of a command. Words.
    PRECORDIA_HOST_REPLY = 18,
};

/// The next news.
uint32_t precordia_host_next(precordia_host *host);

/// There is no engine for the stream of PRECORDIA_HOST_BEGAN or PRECORDIA_HOST_CHANGED; nothing at any other time.
void precordia_host_refuse(precordia_host *host);

/// Ends the stream that is open for a reason of the caller's, such as the program's end; whether one was.
bool precordia_host_end_stream(precordia_host *host);

/// The block of a command that is to be sent now, once: plain, into `buffer` of `bytes` bytes; 0 if there is none. 64 bytes are enough; of fewer than it
/// has the length is returned, and the command is lost.
size_t precordia_host_command(precordia_host *host, void *buffer, size_t bytes);

/// As precordia_link_stream_of: what the stream's counts mean, for precordia_engine_init and precordia_engine_adopt.
bool precordia_host_stream_of(const precordia_host *host, precordia_stream *stream, uint16_t *leads, uint64_t *frames);
/// The frame of PRECORDIA_HOST_FRAME, its index the stream's, which goes on where the device begins anew; `counts` has room for 12.
void precordia_host_frame_of(const precordia_host *host, uint64_t *index, int32_t *counts, precordia_marks *marks);
/// The pulse of PRECORDIA_HOST_PACE: the frame that it comes after, in the stream's count, and its width in microseconds, 0 if not known.
void precordia_host_pace_of(const precordia_host *host, uint64_t *sample, uint16_t *width);
/// Who the device is; false if it has not said hello. The texts stand until the next hello.
bool precordia_host_device_of(const precordia_host *host, precordia_device *device);
/// Of PRECORDIA_HOST_EVENT and PRECORDIA_HOST_ERROR, with the sample in the stream's count or, where the device gives none, the index after the last
/// frame; UINT64_MAX without a stream. False at other times.
bool precordia_host_notice_of(const precordia_host *host, precordia_notice *notice);

/// Where a stream stands.
enum {
    /// None is open, and the next begins with its first frame.
    PRECORDIA_STREAM_WAITING = 0,
    PRECORDIA_STREAM_OPEN = 1,
    /// One is open, and another session or configuration has cut it off, whose first frame has not come yet.
    PRECORDIA_STREAM_CUT = 2,
    /// One has ended before its time, because the one that follows takes another engine.
    PRECORDIA_STREAM_CUT_OFF = 3,
    /// The last came to the end that the device announced.
    PRECORDIA_STREAM_CONCLUDED = 4,
    /// The configuration in force was refused.
    PRECORDIA_STREAM_REFUSED = 5,
};

/// Why a stream is over.
enum {
    PRECORDIA_ENDING_ANNOUNCED = 1,
    PRECORDIA_ENDING_CUT_OFF = 2,
    PRECORDIA_ENDING_UNFINISHED = 3,
    PRECORDIA_ENDING_LIMIT = 4,
};

/// What a host knows. 120 bytes.
typedef struct precordia_host_facts {
    /// Connections so far, streams begun, times that an open line fell silent, frames that came for a stream that had been refused.
    uint64_t epoch, streams, silences, frames_unheard;
    /// The index after the last frame of the stream.
    uint64_t samples;
    /// Of PRECORDIA_HOST_HOLE: UINT64_MAX if nobody knows how many.
    uint64_t missing;
    /// Of PRECORDIA_HOST_UNFINISHED.
    uint64_t frames_left;
    /// Frames of those that were announced which a stream that is open has not had; 0 if nobody knows.
    uint64_t frames_to_come;
    /// News that nobody fetched in time; 0 with a caller that does.
    uint64_t news_dropped;
    /// Of PRECORDIA_HOST_DEVICE_LOST and PRECORDIA_HOST_DEVICE_FOUND, nanoseconds.
    int64_t unheard;
    /// Of PRECORDIA_HOST_RATE_WRONG, samples a second.
    double measured_rate;
    /// A PRECORDIA_STREAM_; a PRECORDIA_ENDING_ of PRECORDIA_HOST_ENDED.
    uint32_t stream, ending;
    /// Of PRECORDIA_HOST_SILENT: 1 no valid block, 2 no samples, 3 the same samples again and again, 4 another version of the protocol.
    uint32_t silence;
    /// Of PRECORDIA_HOST_REPLY: 1 the device streams at another rate than was asked for, 2 it does not take that rate, 3 it does not answer the request
    /// for it, 4 it does not start, 5 it does not answer start, 6 it refuses another command.
    uint32_t reply;
    /// What the last answer to a command said: 0 done, or the protocol's reason.
    uint32_t result;
    /// Of PRECORDIA_HOST_RESTARTED: how often since it was told last.
    uint32_t restarts;
    /// The device's session, and the protocol's version in its last block.
    uint32_t session, version;
} precordia_host_facts;

void precordia_host_facts_of(const precordia_host *host, precordia_host_facts *facts);

/// Writes what the news in hand say, for a person, zero-terminated, into `buffer` of `bytes` bytes and returns how many bytes the words have without the
/// terminator; 0 for news that are no words. If that is not less than `bytes`, the buffer holds only their beginning. The words are the same in every
/// program; a device's own text is made harmless for a terminal.
size_t precordia_host_words(const precordia_host *host, char *buffer, size_t bytes);

void precordia_host_counters(const precordia_host *host, precordia_link_counters *counters);
void precordia_host_hearing_counters(const precordia_host *host, precordia_hearing_counters *counters);

// # Reports: events as lines of JSON

/// How lines are written, after docs/events.md.
typedef struct precordia_report {
    /// The record's name in every line; anything that is no UTF-8 is written as U+FFFD.
    precordia_text name;
    /// Statements in each answer, most probable first; negative for all of them, and the classes too. 5 is usual.
    int32_t top;
    uint32_t reserved;
} precordia_report;

/// Each of these writes one line, with its line feed and without a terminator, into `buffer` of `bytes` bytes, and returns how many bytes
/// the line has. If that is more than `bytes`, the buffer holds only its beginning: call again with more. With `top` 5 and a short name a
/// line has less than 1 KiB, with all statements and classes less than 16 KiB. The bytes are those of `precordia replay --json`.
///
/// The first line: what is read by what. `leads` are those that the source measures, `frames` how many will come or UINT64_MAX.
size_t precordia_report_stream(
    const precordia_report *report, const precordia_engine *engine, uint16_t leads, uint64_t frames, char *buffer, size_t bytes);
/// An event that precordia_engine_poll gave, before the next frame is pushed. 0 for a kind that is none.
size_t precordia_report_event(
    const precordia_report *report, const precordia_engine *engine, const precordia_event *event, char *buffer, size_t bytes);
/// An alert of the program's own where no stream has begun, such as PRECORDIA_CONDITION_DEVICE_LOST. 0 for an event that is no alert of the kind.
size_t precordia_report_alert(const precordia_report *report, const precordia_event *event, char *buffer, size_t bytes);
/// The link's counters, ahead of the last line. `sample` is as there.
size_t precordia_report_link(
    const precordia_report *report, const precordia_engine *engine, const precordia_link *link, uint64_t sample, char *buffer, size_t bytes);
/// The same of a host, and of its stream.
size_t precordia_report_host_link(
    const precordia_report *report, const precordia_engine *engine, const precordia_host *host, char *buffer, size_t bytes);
/// What became of a device, for precordia_report_device.
enum {
    /// A connection is there.
    PRECORDIA_DEVICE_OPEN = 0,
    /// It has gone.
    PRECORDIA_DEVICE_LOST = 1,
    /// It is there and nothing valid comes over it.
    PRECORDIA_DEVICE_SILENT = 2,
    /// Frames come.
    PRECORDIA_DEVICE_STREAMING = 3,
    /// A try to connect failed.
    PRECORDIA_DEVICE_ABSENT = 4,
    /// It began anew in the middle of a stream, which goes on.
    PRECORDIA_DEVICE_RESTARTED = 5,
};

/// A stable name, such as "lost", or "" for any other number.
const char *precordia_device_state_name(uint32_t state);

/// What became of the device. `epoch` counts connections: the first is 1, 0 stands for none yet. `words` are for a person, zero-terminated.
size_t precordia_report_device(
    const precordia_report *report, uint32_t state, uint64_t epoch, const char *words, char *buffer, size_t bytes);

/// A button, a marker or an error that precordia_link_notice_of tells. `sample` is the index after the stream's last frame, which stands where the
/// device gives none; UINT64_MAX without a stream. 0 if the last message was neither.
size_t precordia_report_notice(
    const precordia_report *report, const precordia_link *link, uint64_t sample, char *buffer, size_t bytes);

/// The same of a host's PRECORDIA_HOST_EVENT or PRECORDIA_HOST_ERROR; 0 at other times.
size_t precordia_report_host_notice(const precordia_report *report, const precordia_host *host, char *buffer, size_t bytes);

/// A number with its name, zero-terminated.
typedef struct precordia_counter {
    const char *name;
    uint64_t value;
} precordia_counter;

/// What was counted over all streams: connections, streams, and the program's own counters.
size_t precordia_report_session(
    const precordia_report *report, uint64_t epoch, uint64_t streams, const precordia_counter *counters, size_t count, char *buffer, size_t bytes);

/// The last line: the index after the last frame, 0 if none came, whether somebody ended it early, and the engine's counters.
size_t precordia_report_end(
    const precordia_report *report, const precordia_engine *engine, uint64_t sample, bool interrupted, char *buffer, size_t bytes);
/// In place of a stream that cannot be read, or stops being readable: what was wrong, for a person. `message` is zero-terminated.
size_t precordia_report_error(const precordia_report *report, const char *message, char *buffer, size_t bytes);

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang assume_nonnull end
#pragma clang diagnostic pop
#endif

#endif
