internal import Containers
internal import HTTP1

/// The bytes of all requests of a thread.
///
/// A request is a function of its number and the seed: whichever thread sends it, and however often
/// it must be sent again, it is the same. When all requests are the same, they lie ready one behind
/// the other, and any number of them goes out without a copy.
struct RequestSource: ~Copyable {
    /// The most bytes of requests that lie ready, unless a single one is longer.
    private static let readyByteCount = 64 * 1_024

    private let mix: Mix
    private let seed: UInt64
    private let templates: [RequestTemplate]
    private let accepted: [StatusSet]
    /// The method of each kind of request.
    let methods: [RequestMethod]
    /// Whether every request has the same bytes, all sent at once.
    let isConstant: Bool
    /// Copies of the one request, when there is only one.
    private let ready: [UInt8]
    /// The length of one of them; 0 when requests differ.
    let constantByteCount: Int

    init(_ options: Options) throws(OptionError) {
        mix = options.mix
        seed = options.seed
        var templates: [RequestTemplate] = []
        for entry in options.mix.entries {
            templates.append(try RequestTemplate(entry, options: options))
        }
        self.templates = templates
        accepted = templates.map(\.expectedStatus)
        methods = templates.map { template in
            RequestMethod.allCases.first { $0.name.description == template.method } ?? .other
        }
        isConstant =
            templates.count == 1 && templates[0].isConstant && !templates[0].expectsContinue
        guard isConstant else {
            ready = []
            constantByteCount = 0
            return
        }
        var request = ByteBuffer()
        var generator = SeededGenerator(seed: seed)
        let draw = templates[0].draw(sequence: 0, using: &generator)
        Self.append(templates[0], draw, to: &request, withBody: true)
        var one: [UInt8] = []
        for index in 0..<request.count { one.append(request.span[index]) }
        var ready: [UInt8] = []
        let copyCount = max(1, min(options.pipelineDepth, Self.readyByteCount / one.count))
        for _ in 0..<copyCount { ready += one }
        self.ready = ready
        constantByteCount = one.count
    }

    /// The kind of request number `sequence`.
    func kind(of sequence: UInt64) -> Int {
        guard templates.count > 1 else { return 0 }
        var generator = generator(of: sequence)
        return mix.next(using: &generator)
    }

    /// Whether `status` is valid for this kind.
    func accepts(_ status: Int, kind: Int) -> Bool { accepted[kind].contains(status) }

    /// Whether the body of this kind waits for 100 Continue.
    func holdsBody(kind: Int) -> Bool { templates[kind].expectsContinue }

    /// Appends the request, or its head only when its body waits.
    func render(_ request: OutstandingRequest, into output: inout ByteBuffer) {
        let template = templates[request.kind]
        Self.append(
            template, draw(of: request), to: &output, withBody: !template.expectsContinue)
    }

    /// Appends the body that was held back.
    func renderHeldBody(_ request: OutstandingRequest, into output: inout ByteBuffer) {
        let draw = draw(of: request)
        output.withUnusedCapacity(minimum: draw.bodyByteCount) { output in
            templates[request.kind].renderBody(draw, into: &output)
        }
    }

    /// What of `owed` bytes of constant requests can be sent at once. The end of what is owed is
    /// always the end of a request, so its length alone says where to go on.
    @_lifetime(borrow self)
    borrowing func readyBytes(owed: Int) -> Span<UInt8> {
        let sentOfFirst = (constantByteCount - owed % constantByteCount) % constantByteCount
        return ready.span.extracting(sentOfFirst..<min(ready.count, sentOfFirst + owed))
    }

    private func draw(of request: OutstandingRequest) -> RequestTemplate.Draw {
        var generator = generator(of: request.sequence)
        if templates.count > 1 { _ = mix.next(using: &generator) }
        return templates[request.kind].draw(sequence: request.sequence, using: &generator)
    }

    private func generator(of sequence: UInt64) -> SeededGenerator {
        SeededGenerator(seed: seed, stream: Int(truncatingIfNeeded: sequence))
    }

    private static func append(
        _ template: RequestTemplate, _ draw: RequestTemplate.Draw, to output: inout ByteBuffer,
        withBody: Bool
    ) {
        let byteCount = draw.headByteCount + (withBody ? draw.bodyByteCount : 0)
        output.withUnusedCapacity(minimum: byteCount) { output in
            template.renderHead(draw, into: &output)
            if withBody { template.renderBody(draw, into: &output) }
        }
    }
}
