// swift-tools-version: 6.2
import Foundation
import PackageDescription

/// CI turns every warning into an error; a user's newer compiler may warn and still build.
let isStrict = ProcessInfo.processInfo.environment["PRECORDIA_STRICT"] != nil
/// A file names what it uses, and shows to others only what it says it does.
let swift: [SwiftSetting] =
    [.enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("InternalImportsByDefault")]
    + (isStrict ? [.treatAllWarnings(as: .error)] : [])
/// What `--version` says of the source, from tools/commit: the Makefile sets it, a build by hand may.
let commit = ProcessInfo.processInfo.environment["PRECORDIA_COMMIT"] ?? "unknown commit"
let strictC: [CSetting] = isStrict ? [.enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error)] : []

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swift)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = [], exclude vectors: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: vectors, swiftSettings: swift)
}

let package = Package(
    name: "precordia",
    products: [
        .executable(name: "precordia", targets: ["precordia"]),
        .executable(name: "precordia-edge", targets: ["precordia-edge"]),
        .executable(name: "precordia-log", targets: ["precordia-log"]),
        .executable(name: "precordia-page", targets: ["precordia-page"]),
        .executable(name: "precordia-sheet", targets: ["precordia-sheet"]),
        .library(
            name: "PrecordiaEngine",
            targets: [
                "PrecordiaEngine", "PrecordiaNetwork", "PrecordiaAlerts", "PrecordiaBeats", "PrecordiaMeasure", "PrecordiaQuality",
                "PrecordiaSignal",
            ]),
        .library(name: "PrecordiaGolden", type: .static, targets: ["PrecordiaGolden"]),
        .library(name: "PrecordiaTesting", targets: ["PrecordiaTesting"]),
        .library(name: "PrecordiaC", type: .static, targets: ["PrecordiaC", "CPrecordiaFiles"]),
    ],
    // Exact, because programs are shipped from here: another version is a change of its own, with the tests run on it.
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", exact: "0.2.0"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    ],
    targets: [
        .target(name: "CPrecordiaKernels", cSettings: strictC),
        room("PrecordiaSignal", ["CPrecordiaKernels"]),
        room("PrecordiaNetwork", ["CPrecordiaKernels", "PrecordiaSignal"]),
        room("PrecordiaQuality", ["CPrecordiaKernels", "PrecordiaSignal"]),
        room("PrecordiaBeats", ["CPrecordiaKernels", "PrecordiaSignal"]),
        room("PrecordiaMeasure", ["CPrecordiaKernels", "PrecordiaBeats", "PrecordiaSignal"]),
        room("PrecordiaAlerts", ["PrecordiaSignal"]),
        room(
            "PrecordiaEngine",
            ["PrecordiaAlerts", "PrecordiaBeats", "PrecordiaMeasure", "PrecordiaNetwork", "PrecordiaQuality", "PrecordiaSignal"]),
        room("PrecordiaLink", ["PrecordiaSignal"]),
        room("PrecordiaText", ["PrecordiaSignal"]),
        room(
            "PrecordiaReport",
            [
                "PrecordiaAlerts", "PrecordiaEngine", "PrecordiaLink", "PrecordiaMeasure", "PrecordiaNetwork", "PrecordiaQuality",
                "PrecordiaSignal", "PrecordiaText",
            ]),
        room("PrecordiaSimulator", ["PrecordiaSignal"]),
        room("PrecordiaGolden", ["PrecordiaEngine", "PrecordiaNetwork", "PrecordiaSignal", "PrecordiaSimulator"]),

        .systemLibrary(name: "CPrecordia", path: "Sources/PrecordiaC/include"),
        .target(
            name: "PrecordiaC",
            dependencies: [
                "CPrecordia", "PrecordiaAlerts", "PrecordiaEngine", "PrecordiaLink", "PrecordiaMeasure", "PrecordiaNetwork",
                "PrecordiaQuality", "PrecordiaReport", "PrecordiaSignal", "PrecordiaText",
            ],
            exclude: ["include"], swiftSettings: swift),
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

        room("PrecordiaHost", ["CPrecordiaSystem", "PrecordiaText", .product(name: "Histogram", package: "hdrhistogram-swift")]),
        room("PrecordiaCompanion", ["CPrecordiaSystem", "PrecordiaHost", "PrecordiaSignal"]),
        room(
            "PrecordiaSession",
            [
                "CPrecordiaModel", "PrecordiaAlerts", "PrecordiaCompanion", "PrecordiaEngine", "PrecordiaFormats",
                "PrecordiaHost", "PrecordiaMeasure", "PrecordiaNetwork", "PrecordiaQuality", "PrecordiaReport", "PrecordiaSignal",
                "PrecordiaSimulator", "PrecordiaText",
            ]),
        room(
            "PrecordiaPolicy",
            [
                "CPrecordiaModel", "CPrecordiaTOML", "PrecordiaAlerts", "PrecordiaCompanion", "PrecordiaEngine", "PrecordiaFormats",
                "PrecordiaHost", "PrecordiaNetwork", "PrecordiaReport", "PrecordiaSession",
            ]),
        room("PrecordiaAlarm", ["CALSA", "CPrecordiaSystem", "PrecordiaAlerts", "PrecordiaHost"]),
        room(
            "PrecordiaDevice", ["CPrecordiaSystem", "CPrecordiaTransport", "PrecordiaHost", "PrecordiaLink", "PrecordiaReport"]),
        room(
            "PrecordiaLive",
            [
                "CPrecordiaSystem", "CPrecordiaTransport", "PrecordiaAlarm", "PrecordiaAlerts", "PrecordiaCompanion", "PrecordiaDevice",
                "PrecordiaEngine", "PrecordiaFormats", "PrecordiaHost", "PrecordiaLink", "PrecordiaNetwork", "PrecordiaPolicy",
                "PrecordiaQuality", "PrecordiaReport", "PrecordiaSession", "PrecordiaSignal", "PrecordiaText",
            ]),
        room(
            "PrecordiaView",
            [
                "PrecordiaAlerts", "PrecordiaDevice", "PrecordiaEngine", "PrecordiaHost", "PrecordiaLive", "PrecordiaNetwork",
                "PrecordiaPolicy", "PrecordiaQuality", "PrecordiaReport", "PrecordiaSession", "PrecordiaSignal",
            ]),
        room(
            "PrecordiaExams",
            [
                "PrecordiaAlerts", "PrecordiaBeats", "PrecordiaEngine", "PrecordiaFindings", "PrecordiaFormats", "PrecordiaHost",
                "PrecordiaMeasure",
                "PrecordiaNetwork", "PrecordiaPolicy", "PrecordiaQuality", "PrecordiaSession", "PrecordiaSignal",
            ]),
        room(
            "PrecordiaEvaluation",
            [
                "CPrecordiaModel", "PrecordiaAlerts", "PrecordiaEngine", "PrecordiaExams", "PrecordiaFormats", "PrecordiaHost",
                "PrecordiaNetwork", "PrecordiaPolicy", "PrecordiaSession", "PrecordiaSignal", "PrecordiaSimulator",
            ]),
        room(
            "PrecordiaBoards",
            [
                "PrecordiaDevice", "PrecordiaHost", "PrecordiaLink", "PrecordiaLive", "PrecordiaPolicy", "PrecordiaSession",
                "PrecordiaSignal", "PrecordiaSimulator",
            ]),
        room(
            "PrecordiaBench",
            [
                "PrecordiaAlerts", "PrecordiaBeats", "PrecordiaBoards", "PrecordiaDevice", "PrecordiaEngine", "PrecordiaExams",
                "PrecordiaFormats", "PrecordiaHost", "PrecordiaLink", "PrecordiaLive", "PrecordiaMeasure", "PrecordiaNetwork",
                "PrecordiaPolicy", "PrecordiaSession", "PrecordiaSignal", "PrecordiaSimulator",
            ]),
        room(
            "PrecordiaStore",
            [
                "PrecordiaCompanion", "PrecordiaEngine", "PrecordiaFormats", "PrecordiaHost", "PrecordiaLink", "PrecordiaReport",
                "PrecordiaSession", "PrecordiaSignal", "PrecordiaText", .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .target(name: "CPrecordiaPage", cSettings: strictC),
        room(
            "PrecordiaPage",
            [
                "CPrecordiaPage", "PrecordiaCompanion", "PrecordiaHost", "PrecordiaSignal", "PrecordiaText",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        room(
            "PrecordiaCart",
            [
                "PrecordiaDevice", "PrecordiaFormats", "PrecordiaHost", "PrecordiaLink", "PrecordiaQuality", "PrecordiaReport",
                "PrecordiaSession", "PrecordiaSignal",
            ]),
        room("PrecordiaFindings", ["PrecordiaHost"]),
        .systemLibrary(name: "CCairo", pkgConfig: "cairo", providers: [.apt(["libcairo2-dev"])]),
        room("PrecordiaSheet", ["CCairo", "PrecordiaFindings", "PrecordiaHost"]),
        room("PrecordiaTesting", ["PrecordiaHost", "PrecordiaLink"]),

        .executableTarget(
            name: "precordia",
            dependencies: [
                "CPrecordiaBuild", "PrecordiaAlarm", "PrecordiaAlerts", "PrecordiaBench", "PrecordiaBoards", "PrecordiaCart",
                "PrecordiaCompanion", "PrecordiaDevice", "PrecordiaEvaluation", "PrecordiaExams", "PrecordiaFindings",
                "PrecordiaFormats", "PrecordiaHost", "PrecordiaLink", "PrecordiaLive", "PrecordiaNetwork", "PrecordiaPolicy",
                "PrecordiaReport", "PrecordiaSession", "PrecordiaSignal", "PrecordiaSimulator", "PrecordiaView",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swift),
        .executableTarget(
            name: "precordia-log",
            dependencies: [
                "CPrecordiaBuild", "PrecordiaCompanion", "PrecordiaHost", "PrecordiaReport", "PrecordiaSession", "PrecordiaStore",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swift),
        .executableTarget(
            name: "precordia-page",
            dependencies: [
                "CPrecordiaBuild", "PrecordiaCompanion", "PrecordiaHost", "PrecordiaPage",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swift),
        .executableTarget(
            name: "precordia-sheet", dependencies: ["CPrecordiaBuild", "PrecordiaFindings", "PrecordiaHost", "PrecordiaSheet"],
            swiftSettings: swift),
        .executableTarget(
            name: "precordia-edge", dependencies: ["PrecordiaC", "CPrecordiaFiles", "CPrecordiaTransport", "CPrecordiaBuild"],
            cSettings: strictC + [.define("_GNU_SOURCE"), .headerSearchPath("../PrecordiaC/include")]),

        // What firmware is built from; here only for the tests that compare it with PrecordiaLink.
        .target(name: "CPrecordiaFirmware", path: "firmware-protocol/reference", publicHeadersPath: ".", cSettings: strictC),

        // What tests of several rooms share.
        .target(
            name: "PrecordiaSignalSupport", dependencies: ["PrecordiaBeats", "PrecordiaQuality", "PrecordiaSignal"],
            path: "Tests/SignalSupport", swiftSettings: swift),
        .target(
            name: "PrecordiaTestSupport",
            dependencies: [
                "PrecordiaBoards", "PrecordiaFormats", "PrecordiaHost", "PrecordiaLink", "PrecordiaSession", "PrecordiaSignal",
                "PrecordiaSimulator",
            ],
            path: "Tests/Support", swiftSettings: swift),

        tests("PrecordiaSignalTests", ["CPrecordiaKernels", "PrecordiaSignal"], exclude: ["Vectors"]),
        tests(
            "PrecordiaNetworkTests", ["CPrecordiaKernels", "CPrecordiaModel", "PrecordiaNetwork", "PrecordiaSignal"],
            exclude: ["Vectors"]),
        tests("PrecordiaQualityTests", ["PrecordiaQuality", "PrecordiaSignal", "PrecordiaSignalSupport", "PrecordiaSimulator"]),
        tests(
            "PrecordiaBeatsTests",
            ["PrecordiaBeats", "PrecordiaQuality", "PrecordiaSignal", "PrecordiaSignalSupport", "PrecordiaSimulator"]),
        tests(
            "PrecordiaMeasureTests", ["CPrecordiaKernels", "PrecordiaBeats", "PrecordiaMeasure", "PrecordiaSignal", "PrecordiaSimulator"]),
        tests("PrecordiaAlertsTests", ["PrecordiaAlerts", "PrecordiaSignalSupport"]),
        tests(
            "PrecordiaEngineTests",
            [
                "CPrecordiaModel", "PrecordiaAlerts", "PrecordiaEngine", "PrecordiaFormats", "PrecordiaGolden", "PrecordiaNetwork",
                "PrecordiaQuality", "PrecordiaSignal", "PrecordiaSimulator",
            ]),
        tests("PrecordiaLinkTests", ["CPrecordiaFirmware", "PrecordiaLink", "PrecordiaSignal"]),
        tests("PrecordiaTextTests", ["PrecordiaText"]),
        tests(
            "PrecordiaReportTests",
            [
                "CPrecordiaModel", "PrecordiaEngine", "PrecordiaLink", "PrecordiaMeasure", "PrecordiaNetwork", "PrecordiaQuality",
                "PrecordiaReport", "PrecordiaSignal", "PrecordiaText",
            ]),
        tests("PrecordiaSimulatorTests", ["PrecordiaSignal", "PrecordiaSimulator"]),
        tests("PrecordiaFormatsTests", ["PrecordiaFormats", "PrecordiaSignal"]),
        tests("PrecordiaHostTests", ["PrecordiaHost"]),
        tests("PrecordiaCompanionTests", ["PrecordiaCompanion", "PrecordiaHost", "PrecordiaSignal", "PrecordiaTestSupport"]),
        tests(
            "PrecordiaSessionTests",
            [
                "PrecordiaEngine", "PrecordiaFormats", "PrecordiaHost", "PrecordiaQuality", "PrecordiaSession", "PrecordiaSimulator",
                "PrecordiaTestSupport",
            ]),
        tests(
            "PrecordiaPolicyTests",
            [
                "PrecordiaAlerts", "PrecordiaCompanion", "PrecordiaExams", "PrecordiaHost", "PrecordiaNetwork", "PrecordiaPolicy",
                "PrecordiaSession", "PrecordiaSimulator",
            ]),
        tests("PrecordiaAlarmTests", ["PrecordiaAlarm", "PrecordiaAlerts"]),
        tests(
            "PrecordiaDeviceTests", ["PrecordiaDevice", "PrecordiaLink", "PrecordiaTesting"]),
        tests(
            "PrecordiaLiveTests",
            [
                "CPrecordiaTransport", "PrecordiaAlarm", "PrecordiaAlerts", "PrecordiaBoards", "PrecordiaCompanion", "PrecordiaDevice",
                "PrecordiaEngine", "PrecordiaHost", "PrecordiaLink", "PrecordiaLive", "PrecordiaNetwork", "PrecordiaPolicy",
                "PrecordiaQuality", "PrecordiaReport", "PrecordiaSession", "PrecordiaSignal", "PrecordiaSimulator",
                "PrecordiaTestSupport", "PrecordiaTesting", "PrecordiaView",
            ]),
        tests(
            "PrecordiaViewTests",
            [
                "PrecordiaAlerts", "PrecordiaEngine", "PrecordiaHost", "PrecordiaLive", "PrecordiaQuality", "PrecordiaSession",
                "PrecordiaSignal", "PrecordiaTestSupport", "PrecordiaView",
            ]),
        tests(
            "PrecordiaBoardsTests",
            [
                "PrecordiaBench", "PrecordiaBoards", "PrecordiaDevice", "PrecordiaHost", "PrecordiaLink", "PrecordiaLive",
                "PrecordiaSession", "PrecordiaSignal", "PrecordiaSimulator", "PrecordiaTestSupport", "PrecordiaTesting",
            ]),
        tests(
            "PrecordiaExamsTests",
            [
                "PrecordiaEngine", "PrecordiaExams", "PrecordiaFindings", "PrecordiaFormats", "PrecordiaHost", "PrecordiaMeasure",
                "PrecordiaQuality", "PrecordiaSession",
                "PrecordiaSignal", "PrecordiaSimulator", "PrecordiaTestSupport",
            ]),
        tests(
            "PrecordiaEvaluationTests",
            [
                "PrecordiaEvaluation", "PrecordiaExams", "PrecordiaFormats", "PrecordiaHost", "PrecordiaMeasure", "PrecordiaSession",
                "PrecordiaSimulator", "PrecordiaTestSupport",
            ],
            exclude: ["Vectors"]),
        tests(
            "PrecordiaBenchTests",
            [
                "PrecordiaBench", "PrecordiaBoards", "PrecordiaExams", "PrecordiaFormats", "PrecordiaHost", "PrecordiaLink",
                "PrecordiaNetwork", "PrecordiaSession", "PrecordiaSignal", "PrecordiaSimulator", "PrecordiaTestSupport",
            ]),
        tests(
            "PrecordiaPageTests",
            [
                "PrecordiaCompanion", "PrecordiaHost", "PrecordiaPage", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"), .product(name: "NIOWebSocket", package: "swift-nio"),
            ]),
        tests(
            "PrecordiaCartTests",
            [
                "PrecordiaBoards", "PrecordiaCart", "PrecordiaFormats", "PrecordiaHost", "PrecordiaQuality", "PrecordiaSignal",
                "PrecordiaSimulator", "PrecordiaTestSupport",
            ]),
        tests("PrecordiaFindingsTests", ["PrecordiaFindings"]),
        tests(
            "PrecordiaSheetTests", ["CCairo", "PrecordiaFindings", "PrecordiaSheet", "PrecordiaSignal", "PrecordiaSimulator"],
            exclude: ["Goldens"]),
        tests("PrecordiaTestingTests", ["PrecordiaHost", "PrecordiaTesting"]),
        tests(
            "PrecordiaStoreTests",
            [
                "PrecordiaCompanion", "PrecordiaFormats", "PrecordiaHost", "PrecordiaSession", "PrecordiaSignal", "PrecordiaSimulator",
                "PrecordiaStore", .product(name: "GRDB", package: "GRDB.swift"),
            ]),
    ],
    cxxLanguageStandard: .cxx17
)
