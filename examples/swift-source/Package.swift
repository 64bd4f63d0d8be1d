// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "swift-source",
    dependencies: [.package(name: "precordia", path: "../..")],
    targets: [
        .executableTarget(name: "custom-source", dependencies: [.product(name: "PrecordiaEngine", package: "precordia")])
    ]
)
