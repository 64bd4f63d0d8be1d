// Listens, and brings browsers and the session together.
// The only place of the package that listens for others than a simulated device, in a process that hears no patient.

import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import PrecordiaCompanion
package import PrecordiaHost

/// What the page's program is told.
package struct PageConfiguration: Sendable {
    package var address: PageAddress
    /// A file of tokens; without one only this machine is listened to.
    package var tokens: String?
    /// A file with certificates and their key in PEM; nil for no encryption.
    package var certificate: String?

    package init(address: PageAddress = .usual, tokens: String? = nil, certificate: String? = nil) {
        (self.address, self.tokens, self.certificate) = (address, tokens, certificate)
    }

    /// Checks what it is told.
    ///
    /// - Throws: ``RuntimeError/badSource(source:problem:)`` where others could look or listen who may not.
    func check() throws(RuntimeError) {
        if let tokens { _ = try PageTokens(path: tokens) }
        if let certificate {
            var status = stat()
            guard stat(certificate, &status) == 0 else { throw .cannotRead(file: certificate, reason: String(cString: strerror(errno))) }
            guard status.st_mode & 0o007 == 0 else {
                throw .badSource(
                    source: certificate, problem: "has a key that everybody on this machine can read; chmod 600 would be right")
            }
        }
        guard !address.isLocal else { return }
        if tokens == nil {
            throw .badSource(
                source: "the page at \(address.host)",
                problem: "would be open to everybody who reaches this machine; --page-tokens FILE says who may look and act")
        }
        if certificate == nil {
            throw .badSource(
                source: "the page at \(address.host)",
                problem:
                    "would send tokens and the patient's signal unencrypted; --page-certificate FILE gives it a certificate with its key")
        }
    }
}

/// The page's server.
///
/// - Memory: some 100 KiB a viewer at most, who is left out beyond; 64 viewers and 160 connections.
package final class PageServer {
    private let configuration: PageConfiguration
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let hub: PageHub
    private var channel: (any Channel)?

    /// Connections at once, those that only ask for a file among them.
    private static let mostConnections = 160
    /// Bytes that the kernel, and then NIO, hold for one viewer before frames are left out: some seconds of signal.
    private static let kernelBytes = 32 << 10
    private static let waiting = ChannelOptions.Types.WriteBufferWaterMark(low: 16 << 10, high: 64 << 10)
    /// Seconds within which a browser has its file, or its WebSocket.
    private static let haste = TimeAmount.seconds(15)
    private static let beat = TimeAmount.milliseconds(40)

    package init(
        _ configuration: PageConfiguration, clock: @escaping () -> (utc: Int64, monotonic: Int64), tell: @escaping ([UInt8]) -> Bool
    ) {
        self.configuration = configuration
        hub = PageHub(tokens: configuration.tokens, clock: clock, tell: tell)
    }

    /// Begins to listen.
    ///
    /// - Returns: the address, with the port that was chosen.
    package func start() throws(RuntimeError) -> PageAddress {
        try configuration.check()
        let tls = try configuration.certificate.map { path throws(RuntimeError) in try Self.encryption(path) }
        let loop = group.next()
        let connections = Connections(most: Self.mostConnections)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 64)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.so_sndbuf), value: Self.kernelBytes)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: Self.waiting)
            .childChannelInitializer { [hub] channel in
                channel.eventLoop.makeCompletedFuture { try Self.prepare(channel, hub, tls, connections) }
            }
        do {
            let channel = try bootstrap.bind(host: configuration.address.host, port: configuration.address.port).wait()
            self.channel = channel
            loop.scheduleRepeatedTask(initialDelay: Self.beat, delay: Self.beat) { [hub] _ in hub.tick() }
            return PageAddress(host: configuration.address.host, port: channel.localAddress?.port ?? configuration.address.port)
        } catch {
            throw .badSource(
                source: "\(configuration.address.host):\(configuration.address.port)",
                problem:
                    "the page cannot listen there, \((error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)")")
        }
    }

    /// Takes what the session has said; waits until it has been taken, so that no more than one piece is on its way.
    ///
    /// - Returns: false once the session has ended.
    package func take(_ items: [PageInputItem]) -> Bool {
        let items = items.map(\.item)
        return
            (try? group.next().submit { [hub] in
                hub.take(items)
                return !hub.hasEnded
            }.wait()) ?? false
    }

    /// Lets browsers take the last word, and ends.
    package func stop() {
        usleep(200_000)
        try? group.syncShutdownGracefully()
    }

    private static func prepare(_ channel: any Channel, _ hub: PageHub, _ tls: NIOSSLContext?, _ connections: Connections) throws {
        guard connections.enter(channel) else {
            channel.close(promise: nil)
            return
        }
        let pipeline = channel.pipeline.syncOperations
        if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
        let isEncrypted = tls != nil
        let hurry = channel.eventLoop.scheduleTask(in: haste) { channel.close(promise: nil) }
        let upgrader = NIOWebSocketServerUpgrader(
            maxFrameSize: 2048,
            shouldUpgrade: { channel, head in
                let isTaken = PageRequest(head, from: channel, isEncrypted: isEncrypted).liveRefusal == nil
                return channel.eventLoop.makeSucceededFuture(isTaken ? HTTPHeaders() : nil)
            },
            upgradePipelineHandler: { channel, head in
                hurry.cancel()
                let request = PageRequest(head, from: channel, isEncrypted: isEncrypted)
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(PageViewerHandler(hub, isAtTheBox: request.isAtTheBox))
                }
            })
        try pipeline.configureHTTPServerPipeline(
            withServerUpgrade: (
                upgraders: [upgrader],
                completionHandler: { context in context.pipeline.removeHandler(name: PageFileHandler.name, promise: nil) }
            ))
        try pipeline.addHandler(PageFileHandler(isEncrypted: isEncrypted), name: PageFileHandler.name)
    }

    private static func encryption(_ path: String) throws(RuntimeError) -> NIOSSLContext {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(path).map { NIOSSLCertificateSource.certificate($0) }
            var settings = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain, privateKey: .privateKey(try NIOSSLPrivateKey(file: path, format: .pem)))
            settings.minimumTLSVersion = .tlsv12
            return try NIOSSLContext(configuration: settings)
        } catch {
            throw .badSource(source: path, problem: "is no certificate with its key in PEM, \(error)")
        }
    }
}

/// What came from the session, for those who only pass it on.
package struct PageInputItem: Sendable {
    let item: PageInput.Item
}

/// The session's bytes as they come.
package struct PageReader {
    private var input = PageInput()

    package init() {}

    package mutating func take(_ bytes: ArraySlice<UInt8>) -> [PageInputItem] { input.take(bytes).map { PageInputItem(item: $0) } }
}

/// How many are connected.
///
/// - Thread: the event loop's.
private final class Connections: @unchecked Sendable {
    private var count = 0
    private var byAddress: [String: Int] = [:]
    private let most: Int

    /// Of one address that is not this machine's.
    private static let mostOfOne = 40

    init(most: Int) { self.most = most }

    func enter(_ channel: any Channel) -> Bool {
        let address = channel.remoteAddress?.ipAddress ?? ""
        guard count < most, PageAddress.isLocal(address) || byAddress[address, default: 0] < Self.mostOfOne else { return false }
        count += 1
        byAddress[address, default: 0] += 1
        channel.closeFuture.whenComplete { _ in
            self.count -= 1
            self.byAddress[address] = self.byAddress[address].flatMap { $0 > 1 ? $0 - 1 : nil }
        }
        return true
    }
}
