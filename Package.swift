// swift-tools-version: 6.2
import Foundation
import PackageDescription

/// CI turns every warning into an error; a user's newer compiler may warn and still build.
let isStrict = ProcessInfo.processInfo.environment["PRECORDIA_STRICT"] != nil
let strict: [SwiftSetting] = isStrict ? [.treatAllWarnings(as: .error)] : []
/// What `--version` says of the source, from tools/commit: the Makefile sets it, a build by hand may.
let commit = ProcessInfo.processInfo.environment["PRECORDIA_COMMIT"] ?? "unknown commit"
let strictC: [CSetting] = isStrict ? [.enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error)] : []

func room(_ name: String, _ dependencies: [Target.Dependency] = [], path: String? = nil) -> Target {
    .target(name: name, dependencies: dependencies, path: path, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude vectors: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: vectors, swiftSettings: strict)
}

let package = Package(
    name: "precordia",
    products: [
        .executable(name: "precordia", targets: ["precordia"]),
        .executable(name: "precordia-edge", targets: ["precordia-edge"]),
        .executable(name: "precordia-log", targets: ["precordia-log"]),
        .library(
            name: "PrecordiaEngine", targets: ["PrecordiaEngine", "PrecordiaNetwork", "PrecordiaAlerts", "PrecordiaSignal"]),
        .library(name: "PrecordiaGolden", type: .static, targets: ["PrecordiaGolden"]),
        .library(name: "PrecordiaC", type: .static, targets: ["PrecordiaC", "CPrecordiaFiles"]),
    ],
    // Exact, because programs are shipped from here: another version is a change of its own, with the tests run on it.
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", exact: "0.2.0"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    ],
    targets: [
        .target(name: "CPrecordiaKernels", cSettings: strictC),
        room("PrecordiaSignal", ["CPrecordiaKernels"]),
        room("PrecordiaNetwork", ["CPrecordiaKernels", "PrecordiaSignal"]),
        room("PrecordiaAlerts", ["CPrecordiaKernels", "PrecordiaSignal"]),
        room("PrecordiaEngine", ["PrecordiaSignal", "PrecordiaNetwork", "PrecordiaAlerts"]),
        room("PrecordiaLink", ["PrecordiaSignal"]),
        room("PrecordiaReport", ["PrecordiaEngine", "PrecordiaLink"]),
        room("PrecordiaSimulator", ["PrecordiaSignal"]),
        room("PrecordiaGolden", ["PrecordiaEngine", "PrecordiaSimulator"]),

        .systemLibrary(name: "CPrecordia", path: "Sources/PrecordiaC/include"),
        .target(
            name: "PrecordiaC", dependencies: ["CPrecordia", "PrecordiaEngine", "PrecordiaLink", "PrecordiaReport"], exclude: ["include"],
            swiftSettings: strict),
        .target(name: "CPrecordiaFiles", publicHeadersPath: ".", cSettings: strictC + [.headerSearchPath("../PrecordiaC/include")]),

        .systemLibrary(name: "CLibUSB", pkgConfig: "libusb-1.0", providers: [.apt(["libusb-1.0-0-dev"])]),
        .target(
            name: "CPrecordiaTransport", dependencies: ["CLibUSB"],
            cSettings: strictC + [.define("_GNU_SOURCE"), .define("PRECORDIA_TRANSPORT_USB", to: "1")]),
        .target(name: "CPrecordiaModel", cSettings: strictC),
        room("PrecordiaFormats", ["PrecordiaSignal"]),
        .target(
            name: "CPrecordiaTOML",
            cxxSettings: isStrict ? [.enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error)] : []),
        .target(name: "CPrecordiaSystem", cSettings: strictC + [.define("_GNU_SOURCE")]),
        .target(name: "CPrecordiaBuild", cSettings: strictC + [.define("PRECORDIA_COMMIT", to: "\"\(commit)\"")]),
        .systemLibrary(name: "CALSA", pkgConfig: "alsa"),
        room("PrecordiaAlarm", ["CALSA", "CPrecordiaSystem", "PrecordiaAlerts"]),
        room(
            "PrecordiaRuntime",
            [
                "PrecordiaAlarm", "PrecordiaEngine", "PrecordiaLink", "PrecordiaReport", "PrecordiaFormats", "PrecordiaSimulator",
                "CPrecordiaModel",
                "CPrecordiaTransport", "CPrecordiaSystem", "CPrecordiaTOML",
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ]),
        room(
            "PrecordiaStore",
            ["PrecordiaRuntime", "PrecordiaFormats", "PrecordiaReport", .product(name: "GRDB", package: "GRDB.swift")]),
        .executableTarget(
            name: "precordia",
            dependencies: [
                "PrecordiaRuntime", "CPrecordiaBuild",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "precordia-log",
            dependencies: ["PrecordiaStore", "CPrecordiaBuild", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: strict),
        .executableTarget(
            name: "precordia-edge", dependencies: ["PrecordiaC", "CPrecordiaFiles", "CPrecordiaTransport", "CPrecordiaBuild"],
            cSettings: strictC + [.define("_GNU_SOURCE"), .headerSearchPath("../PrecordiaC/include")]),

        // What firmware is built from; here only for the tests that compare it with PrecordiaLink.
        .target(name: "CPrecordiaFirmware", path: "firmware-protocol/reference", publicHeadersPath: ".", cSettings: strictC),

        tests("PrecordiaSignalTests", ["PrecordiaSignal"], exclude: ["Vectors"]),
        tests("PrecordiaNetworkTests", ["PrecordiaNetwork", "PrecordiaSignal", "CPrecordiaModel"], exclude: ["Vectors"]),
        tests("PrecordiaAlertsTests", ["PrecordiaAlerts", "PrecordiaSimulator"]),
        tests("PrecordiaEngineTests", ["PrecordiaEngine", "PrecordiaSimulator", "PrecordiaGolden", "PrecordiaFormats", "CPrecordiaModel"]),
        tests("PrecordiaLinkTests", ["PrecordiaLink", "CPrecordiaFirmware"]),
        tests("PrecordiaReportTests", ["PrecordiaReport", "CPrecordiaModel"]),
        tests("PrecordiaSimulatorTests", ["PrecordiaSimulator"]),
        tests("PrecordiaFormatsTests", ["PrecordiaFormats"]),
        tests("PrecordiaAlarmTests", ["PrecordiaAlarm"]),
        tests("PrecordiaRuntimeTests", ["PrecordiaRuntime"], exclude: ["Vectors"]),
        tests("PrecordiaStoreTests", ["PrecordiaStore"]),
    ],
    cxxLanguageStandard: .cxx17
)
