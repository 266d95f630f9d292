internal import HTTP1
internal import HTTPEngine
internal import Syscalls

/// What one proxy says about whom it speaks for.
struct ForwardedElement: Equatable {
    /// Who has connected to it; `nil` when it does not say, or not with an address.
    var client: SocketAddress?
    var scheme: String?
    var host: String?
}

/// The statements of all proxies, the nearest last. `nil` in place of a line that is not
/// well-formed: what stands before it cannot be trusted to be what a proxy has written.
struct ForwardedElements {
    private(set) var elements: [ForwardedElement?] = []

    /// Statements that are looked at, from the nearest on: more proxies than stand in any row.
    static let maxCount = 32

    // MARK: Forwarded

    /// The elements of `Forwarded` (RFC 7239 §4). `nil` without such a field.
    init?(forwarded view: RequestView) {
        guard view.hasField("forwarded") else { return nil }
        for index in 0..<view.fields.count {
            guard view.bytes.extracting(view.fields[index].name).equalsIgnoringCase("forwarded")
            else { continue }
            elements += Self.line(view.bytes.extracting(view.fields[index].value)) ?? [nil]
        }
    }

    /// A line is well-formed as a whole or not at all: after a quotation mark too many, nobody can
    /// tell where the next element begins.
    private static func line(_ bytes: Span<UInt8>) -> [ForwardedElement?]? {
        var elements: [ForwardedElement?] = []
        var start = 0
        while start < bytes.count {
            let end = bytes.endOfElement(
                from: start, to: bytes.count, separator: UInt8(ascii: ","))
            let range = bytes.trimmed(start..<end)
            start = end + 1
            if range.isEmpty { continue }
            guard let element = element(bytes.extracting(range)) else { return nil }
            elements.append(element)
        }
        return elements
    }

    private static func element(_ bytes: Span<UInt8>) -> ForwardedElement? {
        var element = ForwardedElement()
        var seen: Set<String> = []
        var start = 0
        while start < bytes.count {
            let end = bytes.endOfElement(
                from: start, to: bytes.count, separator: UInt8(ascii: ";"))
            let pair = bytes.trimmed(start..<end)
            start = end + 1
            if pair.isEmpty { continue }
            guard let equals = bytes.firstIndex(of: UInt8(ascii: "="), in: pair),
                let name = bytes.token(pair.lowerBound..<equals)?.lowercased(),
                let value = bytes.tokenOrQuoted(equals + 1..<pair.upperBound),
                seen.insert(name).inserted
            else { return nil }
            switch name {
            case "for": element.client = SocketAddress(node: value, allowsBareIPv6: false)
            case "proto": element.scheme = Self.scheme(value)
            case "host": element.host = Self.host(value)
            default: break
            }
        }
        return element
    }

    // MARK: X-Forwarded-*

    /// The statements of `X-Forwarded-For`, `-Proto` and `-Host`. The lists of the latter two are
    /// often shorter, because a proxy overwrites instead of appending: they count from the nearest,
    /// and the farthest value holds for all before it. `nil` without any of the three.
    init?(xForwarded view: RequestView) {
        let clients = Self.list("x-forwarded-for", in: view)
        let schemes = Self.list("x-forwarded-proto", in: view)
        let hosts = Self.list("x-forwarded-host", in: view)
        let count = max(clients.count, schemes.count, hosts.count)
        guard count > 0 else { return nil }
        // Counted from the nearest; only the first few are looked at.
        for distance in (0..<min(count, Self.maxCount)).reversed() {
            var element = ForwardedElement()
            if distance < clients.count {
                element.client = SocketAddress(
                    node: clients[clients.count - 1 - distance], allowsBareIPv6: true)
            }
            element.scheme = Self.value(at: distance, of: schemes).flatMap(Self.scheme)
            element.host = Self.value(at: distance, of: hosts).flatMap(Self.host)
            elements.append(element)
        }
    }

    private static func value(at distance: Int, of list: [String]) -> String? {
        list.isEmpty ? nil : list[max(0, list.count - 1 - distance)]
    }

    /// The members of all lines of a field (RFC 9110 §5.6.1).
    private static func list(_ name: StaticString, in view: RequestView) -> [String] {
        var list: [String] = []
        for index in 0..<view.fields.count {
            guard view.bytes.extracting(view.fields[index].name).equalsIgnoringCase(name) else {
                continue
            }
            let value = String(copying: view.bytes.extracting(view.fields[index].value))
            for member in value.split(separator: ",") {
                let member = member.trimmingBlanks()
                if !member.isEmpty { list.append(String(member)) }
            }
        }
        return list
    }

    // MARK: Values

    /// `http` or `https`; a proxy that says something else says nothing that we could serve.
    private static func scheme(_ text: String) -> String? {
        let scheme = text.lowercased()
        return scheme == "http" || scheme == "https" ? scheme : nil
    }

    private static func host(_ text: String) -> String? {
        !text.isEmpty && Authority.isValidHost(text.utf8.span) ? text : nil
    }
}

extension SocketAddress {
    /// A node of `Forwarded` (RFC 7239 §6) or of `X-Forwarded-For`: an address with or without a
    /// port. `nil` for `unknown`, for names that hide the address, and for anything else.
    ///
    /// - Parameter allowsBareIPv6: As most write it into `X-Forwarded-For`: without brackets.
    init?(node: String, allowsBareIPv6: Bool) {
        if node.hasPrefix("[") {
            guard let close = node.firstIndex(of: "]"), node[..<close].contains(":"),
                let port = Self.port(node[node.index(after: close)...])
            else { return nil }
            self.init(numericHost: String(node[..<close].dropFirst()), port: port)
            return
        }
        let isIPv6 = node.utf8.count(where: { $0 == UInt8(ascii: ":") }) > 1
        if isIPv6 {
            guard allowsBareIPv6 else { return nil }
            self.init(numericHost: node, port: 0)
            return
        }
        let colon = node.firstIndex(of: ":") ?? node.endIndex
        guard let port = Self.port(node[colon...]) else { return nil }
        self.init(numericHost: String(node[..<colon]), port: port)
    }

    /// Nothing, or a colon and a port; 0 where it is hidden (`_abc`, RFC 7239 §6.2).
    private static func port(_ text: Substring) -> UInt16? {
        guard let first = text.first else { return 0 }
        let digits = text.dropFirst()
        guard first == ":", !digits.isEmpty else { return nil }
        if digits.hasPrefix("_") { return 0 }
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt16(digits)
    }
}

extension RequestView {
    /// Whether there is a line with this name, given in lower case.
    fileprivate func hasField(_ name: StaticString) -> Bool {
        for index in 0..<fields.count {
            if bytes.extracting(fields[index].name).equalsIgnoringCase(name) { return true }
        }
        return false
    }
}

extension Substring {
    fileprivate func trimmingBlanks() -> Substring {
        var text = drop { $0 == " " || $0 == "\t" }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
