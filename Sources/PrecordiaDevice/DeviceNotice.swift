// What a device says of itself, in words for the person at the cart.
// Apart from the link, which passes on numbers and the maker's text.

import PrecordiaHost
import PrecordiaLink

extension DeviceEvent {
    package var words: String {
        let what =
            switch (code, value) {
            case (1, 0): "button released"
            case (1, 1): "button pressed"
            case (1, _): "button, \(value)"
            case (2, _): "marker \(value)"
            case (3, 0): "self test passed"
            case (3, _): "self test failed, number \(value)"
            default: "event \(code), value \(value)"
            }
        return "device: " + what + said(text)
    }
}

extension DeviceError {
    /// Whether it says that nothing more comes.
    package var isFatal: Bool { severity >= 2 }

    package var words: String {
        let parts = [
            "converter error", "voltage reference outside its limits", "buffer overrun", "settings not taken by the converter",
            "self test failed", "power too low", "too hot",
        ]
        let what = code >= 1 && Int(code) <= parts.count ? parts[Int(code) - 1] : code == 255 ? "other error" : "error \(code)"
        let follows =
            switch severity {
            case 0: "samples are as good as before"
            case 1: "samples are affected"
            case 2: "it has stopped sending samples"
            default: "severity \(severity)"
            }
        return "device: \(what), \(follows)" + (detail == 0 ? "" : ", detail \(detail)") + said(text)
    }
}

private func said(_ text: UnsafeRawBufferPointer) -> String {
    text.isEmpty ? "" : ": " + Text.printable(String(decoding: text, as: UTF8.self))
}
