// JSON from anywhere: right values, and for everything else an error with its place.

import PrecordiaFindings
import Testing

private func read(_ text: String) -> JSONValue? { try? JSONValue(Array(text.utf8)) }

private func fault(_ text: String) -> JSONValue.Fault? {
    do throws(JSONValue.Fault) {
        _ = try JSONValue(Array(text.utf8))
        return nil
    } catch { return error }
}

@Suite("JSON is read as a value, or refused with its place")
struct JSONValueTests {
    @Test("Every kind of value is read")
    func kinds() {
        #expect(read(" null ") == .null)
        #expect(read("[true,false]") == .list([.bool(true), .bool(false)]))
        #expect(read("[0,-17,2.5,-1e3,123456789012345]") == .list([0, -17, 2.5, -1000, 123_456_789_012_345].map { .number($0) }))
        #expect(read("{\"a\":{\"b\":[]}}") == .object(["a": .object(["b": .list([])])]))
        #expect(read("\"João \\u00e9 \\ud83d\\ude00 \\n\\\"\\\\\\/\"") == .text("João é 😀 \n\"\\/"))
    }

    @Test("What is no JSON is told with its byte")
    func faults() {
        #expect(fault("")?.offset == 0)
        #expect(fault("")?.problem == "it ends too soon")
        #expect(fault("[1,2")?.offset == 4)
        #expect(fault("1 2")?.problem == "something follows the value")
        #expect(fault("{\"a\" 1}")?.problem == "a colon is due")
        #expect(fault("[1 2]")?.problem == "a comma or ] is due")
        #expect(fault("{1:2}")?.problem == "a name in quotes is due")
        #expect(fault("NaN")?.problem == "no value of JSON")
        #expect(fault("1e999")?.problem == "no value of JSON")
        #expect(fault("\"\\ud83d\"")?.problem == "half a character")
        #expect(fault("\"\\q\"")?.problem == "no escape of JSON")
        #expect(fault("\"a\nb\"")?.problem == "a control character in a text")
        #expect(throws: JSONValue.Fault.self) { try JSONValue([0x22, 0xFF, 0x22]) }
    }

    @Test("Lists that lie too deep in each other are refused, and do not end the program")
    func depth() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(fault(deep)?.problem == "lists and objects lie too deep in each other")
        let allowed = String(repeating: "[", count: JSONValue.deepest - 1)
        #expect(read(allowed + "1" + String(repeating: "]", count: JSONValue.deepest - 1)) != nil)
    }
}
