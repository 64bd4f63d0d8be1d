-- The wire protocol of SPEC.md for Wireshark and tshark, on TCP and on USB bulk endpoints.
--     tshark -X lua_script:precordia.lua -r capture.pcapng          or copy it to Wireshark's personal Lua plugins
-- A TCP stream that begins with a block is found by itself; for any other use "Decode As", TCP port, PRECORDIA. On USB the endpoint is found where
-- a transfer begins with a block.

local precordia = Proto("precordia", "Precordia ECG")

local types = {
    [1] = "hello", [2] = "configuration", [3] = "data", [4] = "status", [5] = "event", [6] = "error", [7] = "answer",
    [0x81] = "identify", [0x82] = "configure", [0x83] = "start", [0x84] = "stop", [0x85] = "reset", [0x86] = "self test",
}
local results = { [0] = "done", [1] = "not known", [2] = "not now", [3] = "value", [4] = "failed" }
local states = { [0] = "idle", [1] = "streaming", [2] = "testing", [3] = "failed" }
local causes = { [0] = "power", [1] = "command", [2] = "watchdog", [3] = "brown-out" }
local leads = {
    [0] = "I", [1] = "II", [2] = "III", [3] = "aVR", [4] = "aVL", [5] = "aVF",
    [6] = "V1", [7] = "V2", [8] = "V3", [9] = "V4", [10] = "V5", [11] = "V6", [255] = "none",
}

-- Fields of each part in the order of SPEC.md's tables: name, kind, offset, bytes, names of values.
local layout = {
    header = {
        { "magic", "u32", 0, 4 }, { "version", "u8", 4, 1 }, { "type", "u8", 5, 1, types }, { "length", "u16", 6, 2 },
        { "session", "u32", 8, 4 }, { "sequence", "u32", 12, 4 }, { "ticks", "u64", 16, 8 }, { "tick_rate", "u32", 24, 4 },
    },
    hello = {
        { "lowest_version", "u8", 0, 1 }, { "highest_version", "u8", 1, 1 }, { "channel_count", "u8", 2, 1 }, { "rate_count", "u8", 3, 1 },
        { "gain_count", "u8", 4, 1 }, { "cause", "u8", 5, 1, causes }, { "capabilities", "u32", 8, 4 }, { "maker", "text", 12, 32 },
        { "product", "text", 44, 32 }, { "serial_number", "text", 76, 32 }, { "firmware_version", "text", 108, 16 },
    },
    configuration = {
        { "number", "u16", 0, 2 }, { "channel_count", "u8", 2, 1 }, { "rate", "u32", 4, 4 }, { "frames", "u64", 8, 8 },
        { "sensed", "u16", 16, 2 }, { "watched", "u16", 18, 2 },
    },
    channel = {
        { "lead", "u8", 0, 1, leads }, { "gain", "u16", 2, 2 }, { "baseline", "i32", 4, 4 }, { "scale", "f64", 8, 8 },
        { "high_pass", "u32", 16, 4 }, { "low_pass", "u32", 20, 4 },
    },
    data = {
        { "sample", "u64", 0, 8 }, { "configuration", "u16", 8, 2 }, { "sample_count", "u8", 10, 1 }, { "width", "u8", 11, 1 },
        { "channel_count", "u8", 12, 1 }, { "group_count", "u8", 13, 1 }, { "mark_count", "u8", 14, 1 },
    },
    group = { { "sample_count", "u8", 0, 1 }, { "off", "u16", 2, 2 }, { "clipped", "u16", 4, 2 } },
    mark = { { "sample", "u8", 0, 1 }, { "fraction", "u16", 2, 2 }, { "width", "u16", 4, 2 }, { "amplitude", "i16", 6, 2 } },
    status = {
        { "samples_dropped", "u64", 0, 8 }, { "blocks_dropped", "u64", 8, 8 }, { "buffer", "u16", 16, 2 }, { "battery", "u16", 18, 2 },
        { "temperature", "i16", 20, 2 }, { "state", "u8", 22, 1, states }, { "supply", "u8", 23, 1 },
    },
    event = { { "sample", "u64", 0, 8 }, { "code", "u16", 8, 2 }, { "value", "u16", 10, 2 }, { "text", "text", 12, 0 } },
    error = { { "code", "u16", 0, 2 }, { "severity", "u8", 2, 1 }, { "detail", "u32", 4, 4 }, { "text", "text", 8, 0 } },
    answer = { { "command", "u8", 0, 1, types }, { "result", "u8", 1, 1, results }, { "sequence", "u32", 4, 4 } },
    configure = { { "rate", "u32", 0, 4 }, { "gain", "u16", 4, 2 } },
}
-- Bytes that a payload has at least.
local least = { hello = 124, configuration = 24, data = 16, status = 24, event = 12, error = 8, answer = 8, configure = 8 }

local kinds = { u8 = ftypes.UINT8, u16 = ftypes.UINT16, u32 = ftypes.UINT32, u64 = ftypes.UINT64, i16 = ftypes.INT16, i32 = ftypes.INT32, f64 = ftypes.DOUBLE, text = ftypes.STRING }
local fields, registered = {}, {}
local function field(part, name, kind, values)
    local made = ProtoField.new(name:gsub("_", " "), "precordia." .. part .. "." .. name, kind, values)
    fields[part .. "." .. name] = made
    registered[#registered + 1] = made
end
for part, entries in pairs(layout) do
    for _, entry in ipairs(entries) do field(part, entry[1], kinds[entry[2]], entry[5]) end
end
field("hello", "rate", ftypes.UINT32)
field("hello", "gain", ftypes.UINT16)
field("data", "value", ftypes.INT32)
field("header", "check", ftypes.UINT32)
field("no", "block", ftypes.BYTES)
precordia.fields = registered

local damaged = ProtoExpert.new("precordia.damaged", "The check is wrong", expert.group.CHECKSUM, expert.severity.ERROR)
local skipped = ProtoExpert.new("precordia.skipped", "These bytes belong to no block", expert.group.MALFORMED, expert.severity.WARN)
precordia.experts = { damaged, skipped }

-- Exclusive or: an operator from Lua 5.3 on, a library before.
local library = bit32 or bit
local xor = library and library.bxor or load("return function(a, b) return a ~ b end")()

local remainders = {}
for byte = 0, 255 do
    local value = byte
    for _ = 1, 8 do
        local odd = value % 2 == 1
        value = math.floor(value / 2)
        if odd then value = xor(value, 0x82F63B78) % 0x100000000 end
    end
    remainders[byte] = value
end

-- CRC-32C of the bytes from `first` on.
local function check_of(bytes, first, count)
    local value = 0xFFFFFFFF
    for index = first, first + count - 1 do
        value = xor(math.floor(value / 256), remainders[xor(value, bytes:get_index(index)) % 256]) % 0x100000000
    end
    return 0xFFFFFFFF - value
end

local function add(tree, part, tvb)
    for _, entry in ipairs(layout[part]) do
        local name, kind, offset, count = entry[1], entry[2], entry[3], entry[4]
        local place = fields[part .. "." .. name]
        if kind == "text" then
            local rest = count > 0 and tvb(offset, count) or (tvb:len() > offset and tvb(offset))
            if rest then tree:add(place, rest, rest:string():match("^[^%z]*")) end
        else
            tree:add_le(place, tvb(offset, count))
        end
    end
end

local function add_data(tree, tvb)
    local groups, marks = tvb(13, 1):uint(), tvb(14, 1):uint()
    local width, count = tvb(11, 1):uint(), tvb(10, 1):uint() * tvb(12, 1):uint()
    local at = 16 + 6 * groups + 8 * marks
    if width < 2 or width > 4 or tvb:len() ~= at + count * width then return end
    for group = 0, groups - 1 do add(tree:add(precordia, tvb(16 + 6 * group, 6), "Group"), "group", tvb(16 + 6 * group, 6):tvb()) end
    for mark = 0, marks - 1 do
        local place = 16 + 6 * groups + 8 * mark
        add(tree:add(precordia, tvb(place, 8), "Pace mark"), "mark", tvb(place, 8):tvb())
    end
    local values = tree:add(precordia, tvb(at), "Values")
    for index = 0, count - 1 do
        local bytes = tvb(at + index * width, width)
        values:add(fields["data.value"], bytes, bytes:le_int())
    end
end

-- One whole block with a right check.
local function add_block(tree, pinfo, tvb)
    local version, number, length = tvb(4, 1):uint(), tvb(5, 1):uint(), tvb(6, 2):le_uint()
    local name = version == 1 and types[number] or "unknown"
    local block = tree:add(precordia, tvb(), "Precordia " .. name .. ", sequence " .. tvb(12, 4):le_uint())
    add(block, "header", tvb)
    block:add_le(fields["header.check"], tvb(28 + length, 4))
    pinfo.cols.info:append(" " .. name)
    if version ~= 1 or not least[name] or length < least[name] then return end
    local payload = tvb(28, length):tvb()
    local part = block:add(precordia, tvb(28, length), name)
    add(part, name, payload)
    if name == "hello" then
        local rates, gains = payload(3, 1):uint(), payload(4, 1):uint()
        if length < 124 + 4 * rates + 2 * gains then return end
        for index = 0, rates - 1 do part:add_le(fields["hello.rate"], payload(124 + 4 * index, 4)) end
        for index = 0, gains - 1 do part:add_le(fields["hello.gain"], payload(124 + 4 * rates + 2 * index, 2)) end
    elseif name == "configuration" then
        for channel = 0, payload(2, 1):uint() - 1 do
            local at = 24 + 24 * channel
            if at + 24 > length then return end
            add(part:add(precordia, payload(at, 24), "Channel"), "channel", payload(at, 24):tvb())
        end
    elseif name == "data" then
        add_data(part, payload)
    end
end

local magic = { 0x9E, 0x45, 0x43, 0x47 }

-- What begins at `at`: bytes of a block, and how many more are needed for it; 0 where none begins.
local function look(bytes, at)
    local seen = bytes:len() - at
    for place = 0, math.min(4, seen) - 1 do
        if bytes:get_index(at + place) ~= magic[place + 1] then return 0, 0 end
    end
    if seen < 8 then return 0, 32 - seen end
    local length = bytes:get_index(at + 6) + 256 * bytes:get_index(at + 7)
    if length > 4096 then return 0, 0 end
    if length + 32 > seen then return 0, length + 32 - seen end
    return length + 32, 0
end

-- Dissects what is whole, and gives where it stopped and how many bytes are needed there.
local function dissect(tvb, pinfo, tree)
    local bytes, at, lost = tvb:bytes(), 0, nil
    local function tell_lost(stop)
        if not lost then return end
        local item = tree:add(fields["no.block"], tvb(lost, stop - lost))
        item:add_proto_expert_info(skipped)
        lost = nil
    end
    pinfo.cols.protocol = "PRECORDIA"
    while at < bytes:len() do
        local total, needed = look(bytes, at)
        if needed > 0 then
            tell_lost(at)
            return at, needed
        end
        if total > 0 and check_of(bytes, at, total - 4) == tvb(at + total - 4, 4):le_uint() then
            tell_lost(at)
            add_block(tree, pinfo, tvb(at, total):tvb())
            at = at + total
        else
            if total > 0 then tree:add_proto_expert_info(damaged) end
            lost = lost or at
            at = at + 1
        end
    end
    tell_lost(at)
    return at, 0
end

local function begins_with_block(tvb)
    return tvb:len() >= 8 and tvb(0, 4):uint() == 0x9E454347 and tvb(6, 2):le_uint() <= 4096
end

function precordia.dissector(tvb, pinfo, tree)
    local stop, needed = dissect(tvb, pinfo, tree)
    if needed > 0 then
        pinfo.desegment_offset = stop
        pinfo.desegment_len = needed
    end
    return tvb:len()
end

precordia:register_heuristic("tcp", function(tvb, pinfo, tree)
    if not begins_with_block(tvb) then return false end
    pinfo.conversation = precordia
    precordia.dissector(tvb, pinfo, tree)
    return true
end)
DissectorTable.get("tcp.port"):add_for_decode_as(precordia)

-- USB has no reassembly of its own: what a transfer left over is kept for the next of its endpoint, by frame, so that frames can be shown in any order.
local endpoint_of = Field.new("usb.endpoint_address")
local device_of = Field.new("usb.device_address")
local rests, before = {}, {}

function precordia.init()
    rests, before = {}, {}
end

precordia:register_heuristic("usb.bulk", function(tvb, pinfo, tree)
    local device, endpoint = device_of(), endpoint_of()
    local key = tostring(device and device.value) .. "/" .. tostring(endpoint and endpoint.value)
    if not rests[key] and not before[pinfo.number] and not begins_with_block(tvb) then return false end
    if not pinfo.visited then before[pinfo.number] = rests[key] or "" end
    local kept = before[pinfo.number] or ""
    local whole = tvb
    if #kept > 0 then
        local bytes = ByteArray.new(kept)
        bytes:append(tvb:bytes())
        whole = bytes:tvb("Blocks")
    end
    local stop = dissect(whole, pinfo, tree)
    if not pinfo.visited then rests[key] = stop < whole:len() and whole(stop):bytes():tohex() or "" end
    return true
end)
