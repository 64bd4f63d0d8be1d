// What stands at the end of a connection: files for a browser, then its WebSocket.

import NIOCore
import NIOHTTP1
import NIOWebSocket
import PrecordiaHost

/// Gives files. A request that brings a body, or is none for a file, is refused; the connection is closed after the answer.
final class PageFileHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    static let name = "files"
    private let isEncrypted: Bool
    private var head: HTTPRequestHead?
    private var hasBody = false

    init(isEncrypted: Bool) { self.isEncrypted = isEncrypted }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            hasBody = false
        case .body: hasBody = true
        case .end:
            guard let head else { return }
            self.head = nil
            answer(head, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A WebSocket that is refused comes here as a request, and is answered.
        if error is NIOWebSocketUpgradeError { return }
        context.close(promise: nil)
    }

    private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let request = PageRequest(head, from: context.channel, isEncrypted: isEncrypted)
        if let refusal = hasBody ? PageRequest.Refusal.badRequest : request.fileRefusal { return refuse(refusal, head, request, context) }
        guard let file = PageFile.at(request.path) else {
            return refuse(request.path == "/live" ? .forbidden : .notFound, head, request, context)
        }
        write(.ok, "\(file.type)", file.body, head, request, context)
    }

    private func refuse(_ why: PageRequest.Refusal, _ head: HTTPRequestHead, _ request: PageRequest, _ context: ChannelHandlerContext) {
        write(
            HTTPResponseStatus(statusCode: why.rawValue), "text/plain; charset=utf-8", ByteBuffer(string: "\(why.words)\n"), head, request,
            context)
    }

    private func write(
        _ status: HTTPResponseStatus, _ type: String, _ body: ByteBuffer, _ head: HTTPRequestHead, _ request: PageRequest,
        _ context: ChannelHandlerContext
    ) {
        var headers = HTTPHeaders(PageFile.headers(host: request.plainHost))
        headers.add(name: "Content-Type", value: type)
        headers.add(name: "Content-Length", value: "\(body.readableBytes)")
        headers.add(name: "Connection", value: "close")
        if status.code == 405 { headers.add(name: "Allow", value: "GET, HEAD") }
        context.write(wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: status, headers: headers))), promise: nil)
        if head.method != .HEAD { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
    }
}

/// A browser's WebSocket.
final class PageViewerHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let hub: PageHub
    private let isAtTheBox: Bool
    private var viewer: PageViewer?

    init(_ hub: PageHub, isAtTheBox: Bool) {
        self.hub = hub
        self.isAtTheBox = isAtTheBox
    }

    func handlerAdded(context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        let viewer = PageViewer(context.channel, address: context.remoteAddress?.ipAddress ?? "nowhere")
        guard hub.join(viewer, isAtTheBox: isAtTheBox) else {
            context.close(promise: nil)
            return
        }
        self.viewer = viewer
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let viewer { hub.leave(viewer) }
        viewer = nil
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        guard let viewer else { return }
        switch frame.opcode {
        case .text where frame.fin: hub.heard(Array(frame.unmaskedData.readableBytesView), from: viewer)
        case .ping where viewer.mayAsk(at: Monotonic.now()):
            context.writeAndFlush(wrapOutboundOut(WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData)), promise: nil)
        case .pong: break
        // Nothing else is sent by the page: a piece of a message, bytes, an end.
        default: context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

extension PageRequest {
    init(_ head: HTTPRequestHead, from channel: any Channel, isEncrypted: Bool) {
        func one(_ name: String) -> String? {
            let found = head.headers[name]
            return found.count == 1 ? found[0] : nil
        }
        self.init(
            method: head.method.rawValue, path: String(head.uri.prefix { $0 != "?" }), host: one("host"), origin: one("origin"),
            isForwarded: ["forwarded", "x-forwarded-for", "x-real-ip", "via"].contains { head.headers.contains(name: $0) },
            isLocal: channel.remoteAddress?.ipAddress.map { PageAddress.isLocal($0) || $0 == "::ffff:127.0.0.1" } ?? false,
            isEncrypted: isEncrypted)
    }
}
