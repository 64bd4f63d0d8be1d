// A Texas Instruments ADS1298's SPI frame to the values and flags of a data block.

#include "ads1298.h"

#include "wire_bytes.h"
#include "wire_encoder.h"

const ads1298_wiring ads1298_twelve_leads = {
    {0, 1, 2, 3, 4, 5, 6, 7},
    {WIRE_LEAD_I, WIRE_LEAD_II, WIRE_LEAD_V1, WIRE_LEAD_V2, WIRE_LEAD_V3, WIRE_LEAD_V4, WIRE_LEAD_V5, WIRE_LEAD_V6},
    {WIRE_ELECTRODE_LA, WIRE_ELECTRODE_LL, WIRE_ELECTRODE_V1, WIRE_ELECTRODE_V2, WIRE_ELECTRODE_V3, WIRE_ELECTRODE_V4, WIRE_ELECTRODE_V5,
     WIRE_ELECTRODE_V6},
    {WIRE_ELECTRODE_RA, WIRE_ELECTRODE_RA, 0, 0, 0, 0, 0, 0},
    8388607};

uint16_t ads1298_sensed(const ads1298_wiring *wiring) {
    unsigned input, sensed = 0;
    for (input = 0; input < ADS1298_CHANNELS; input++) sensed |= (unsigned)(wiring->positive[input] | wiring->negative[input]);
    return (uint16_t)sensed;
}

uint16_t ads1298_watched(const ads1298_wiring *wiring) {
    unsigned input, watched = 0;
    for (input = 0; input < ADS1298_CHANNELS; input++)
        if (wiring->lead[input] < WIRE_LEADS) watched |= 1u << wiring->lead[input];
    return (uint16_t)watched;
}

int ads1298_read(const ads1298_wiring *wiring, const uint8_t frame[ADS1298_FRAME_BYTES], int32_t values[ADS1298_CHANNELS], uint16_t *off, uint16_t *clipped) {
    const unsigned is_aligned = frame[0] >> 4 == 0xC;
    const unsigned positive_off = (unsigned)(frame[0] << 4 | frame[1] >> 4), negative_off = (unsigned)(frame[1] << 4 | frame[2] >> 4);
    const uint8_t *at = frame + 3;
    unsigned input;
    *off = *clipped = 0;
    for (input = 0; input < ADS1298_CHANNELS; input++, at += 3) {
        // The number in the upper three bytes, so that its sign is an int32_t's.
        const int32_t value = (int32_t)((uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8) >> 8;
        values[wiring->place[input]] = is_aligned ? value : WIRE_NO_SAMPLE;
        if (!is_aligned) continue;
        if (positive_off >> input & 1) *off |= wiring->positive[input];
        if (negative_off >> input & 1) *off |= wiring->negative[input];
        if ((value >= wiring->limit || value <= -wiring->limit) && wiring->lead[input] < WIRE_LEADS)
            *clipped |= (uint16_t)(1u << wiring->lead[input]);
    }
    return (int)is_aligned;
}
