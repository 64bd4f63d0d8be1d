# The wire protocol of SPEC.md for Kaitai Struct: streams without a fault, as capture files and TCP or USB payloads hold them.
# Kaitai cannot look for the next block behind a broken one and does not compute the check: a reader that must, reads SPEC.md, "Finding blocks".
meta:
  id: precordia
  title: Precordia wire protocol, version 1
  endian: le
  license: Apache-2.0
seq:
  - id: blocks
    type: block
    repeat: eos
types:
  block:
    seq:
      - id: magic
        contents: [0x9e, 0x45, 0x43, 0x47]
      - id: version
        type: u1
      - id: type
        type: u1
        enum: block_type
      - id: length
        type: u2
      - id: session
        type: u4
      - id: sequence
        type: u4
      - id: ticks
        type: u8
        doc: all ones, not available
      - id: tick_rate
        type: u4
        doc: all ones, no clock
      - id: payload
        size: length
        type:
          switch-on: 'version == 1 ? type.to_i : 0'
          cases:
            1: hello
            2: configuration
            3: data
            4: status
            5: event
            6: error
            7: answer
            0x82: configure
      - id: check
        type: u4
        doc: CRC-32C of everything before it
  hello:
    seq:
      - id: lowest_version
        type: u1
      - id: highest_version
        type: u1
      - id: channel_count
        type: u1
      - id: rate_count
        type: u1
      - id: gain_count
        type: u1
      - id: cause
        type: u1
      - id: reserved
        size: 2
      - id: capabilities
        type: u4
      - id: maker
        type: strz
        size: 32
        encoding: UTF-8
      - id: product
        type: strz
        size: 32
        encoding: UTF-8
      - id: serial_number
        type: strz
        size: 32
        encoding: UTF-8
      - id: firmware_version
        type: strz
        size: 16
        encoding: UTF-8
      - id: rates
        type: u4
        repeat: expr
        repeat-expr: rate_count
      - id: gains
        type: u2
        repeat: expr
        repeat-expr: gain_count
  configuration:
    seq:
      - id: number
        type: u2
      - id: channel_count
        type: u1
      - id: reserved
        size: 1
      - id: rate
        type: u4
      - id: frames
        type: u8
      - id: sensed
        type: u2
      - id: watched
        type: u2
      - id: reserved_too
        size: 4
      - id: channels
        type: channel
        repeat: expr
        repeat-expr: channel_count
  channel:
    seq:
      - id: lead
        type: u1
      - id: reserved
        size: 1
      - id: gain
        type: u2
      - id: baseline
        type: s4
      - id: scale
        type: f8
      - id: high_pass
        type: u4
      - id: low_pass
        type: u4
  data:
    seq:
      - id: sample
        type: u8
      - id: configuration
        type: u2
      - id: sample_count
        type: u1
      - id: width
        type: u1
      - id: channel_count
        type: u1
      - id: group_count
        type: u1
      - id: mark_count
        type: u1
      - id: reserved
        size: 1
      - id: groups
        type: group
        repeat: expr
        repeat-expr: group_count
      - id: marks
        type: mark
        repeat: expr
        repeat-expr: mark_count
      - id: values
        type:
          switch-on: width
          cases:
            2: s2
            3: int24
            4: s4
        repeat: expr
        repeat-expr: sample_count * channel_count
  group:
    seq:
      - id: sample_count
        type: u1
      - id: reserved
        size: 1
      - id: 'off'
        type: u2
      - id: clipped
        type: u2
  mark:
    seq:
      - id: sample
        type: u1
      - id: reserved
        size: 1
      - id: fraction
        type: u2
      - id: width
        type: u2
      - id: amplitude
        type: s2
  int24:
    seq:
      - id: low
        type: u2
      - id: high
        type: s1
    instances:
      value:
        value: low + high * 65536
  status:
    seq:
      - id: samples_dropped
        type: u8
      - id: blocks_dropped
        type: u8
      - id: buffer
        type: u2
      - id: battery
        type: u2
      - id: temperature
        type: s2
      - id: state
        type: u1
      - id: supply
        type: u1
  event:
    seq:
      - id: sample
        type: u8
      - id: code
        type: u2
      - id: value
        type: u2
      - id: text
        type: str
        size-eos: true
        encoding: UTF-8
  error:
    seq:
      - id: code
        type: u2
      - id: severity
        type: u1
      - id: reserved
        size: 1
      - id: detail
        type: u4
      - id: text
        type: str
        size-eos: true
        encoding: UTF-8
  answer:
    seq:
      - id: command
        type: u1
      - id: result
        type: u1
      - id: reserved
        size: 2
      - id: sequence
        type: u4
  configure:
    seq:
      - id: rate
        type: u4
      - id: gain
        type: u2
      - id: reserved
        size: 2
enums:
  block_type:
    1: hello
    2: configuration
    3: data
    4: status
    5: event
    6: error
    7: answer
    0x81: identify
    0x82: configure
    0x83: start
    0x84: stop
    0x85: reset
    0x86: self_test
