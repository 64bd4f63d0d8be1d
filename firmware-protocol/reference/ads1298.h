// A Texas Instruments ADS1298's SPI frame to the values and flags of a data block.
// Apart from the protocol, because it knows a converter and how its inputs are wired, and the protocol knows neither.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { ADS1298_CHANNELS = 8, ADS1298_FRAME_BYTES = 27 };

/// How the electrodes hang on the converter's eight inputs, and what its channels are sent as.
///
/// Of input n the positive electrode is `positive[n]`, the negative one `negative[n]`, as WIRE_ELECTRODE_ bits; 0 for Wilson's central terminal, whose
/// electrodes are told by the limb leads, and for an input whose lead-off comparator is not switched on.
typedef struct {
    /// Where the value of input n stands in the samples, and the WIRE_LEAD_ that the configuration names there.
    uint8_t place[ADS1298_CHANNELS], lead[ADS1298_CHANNELS];
    uint16_t positive[ADS1298_CHANNELS], negative[ADS1298_CHANNELS];
    /// Magnitude from which a value counts as clipped: 8388607 at the converter's own limit, less where the amplifier's comes first.
    int32_t limit;
} ads1298_wiring;

/// IN1 LA - RA (I), IN2 LL - RA (II), IN3 to IN8 V1 to V6 against Wilson's terminal; limit 8388607.
extern const ads1298_wiring ads1298_twelve_leads;

/// Electrodes whose contact a wiring tells, and leads whose clipping it tells: the configuration's `sensed` and `watched`.
uint16_t ads1298_sensed(const ads1298_wiring *wiring);
uint16_t ads1298_watched(const ads1298_wiring *wiring);

/// Reads the 27 bytes that follow DRDY: 24 status bits (1100, LOFF_STATP, LOFF_STATN, four of GPIO), then eight big-endian numbers of 24 bits.
///
/// Gives 0, with every value WIRE_NO_SAMPLE, where the status does not begin with 1100: the transfer slipped, and the numbers are none.
int ads1298_read(const ads1298_wiring *wiring, const uint8_t frame[ADS1298_FRAME_BYTES], int32_t values[ADS1298_CHANNELS], uint16_t *off, uint16_t *clipped);

#ifdef __cplusplus
}
#endif
