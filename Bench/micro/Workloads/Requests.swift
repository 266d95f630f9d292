/// The requests of Bench/wrk/pipeline.lua, byte for byte.
enum Requests {
    /// What a program sends that sends no more than it must.
    static let minimal = bytes("GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n")

    /// What a browser sends.
    static let browser = bytes(
        """
        GET / HTTP/1.1\r
        Host: 127.0.0.1:8080\r
        User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
        Chrome/126.0.0.0 Safari/537.36\r
        Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;\
        q=0.8\r
        Accept-Language: en-US,en;q=0.9,de;q=0.8\r
        Accept-Encoding: gzip, deflate, br, zstd\r
        Cookie: session=0123456789abcdef0123456789abcdef; theme=dark\r
        Cache-Control: max-age=0\r
        Upgrade-Insecure-Requests: 1\r
        \r

        """)

    /// 64 bytes of a form, their length announced.
    static let sizedBody =
        bytes("POST / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nContent-Length: 64\r\n\r\n")
        + [UInt8](repeating: 0x61, count: 64)

    /// The same 64 bytes in four chunks.
    static let chunkedBody =
        bytes("POST / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nTransfer-Encoding: chunked\r\n\r\n")
        + chunks(count: 4, ofByteCount: 16)

    /// A body in the chunked coding.
    static func chunks(count: Int, ofByteCount byteCount: Int) -> [UInt8] {
        let line = bytes(String(byteCount, radix: 16) + "\r\n")
        let chunk = line + [UInt8](repeating: 0x61, count: byteCount) + bytes("\r\n")
        return repeated(chunk, count) + bytes("0\r\n\r\n")
    }

    /// So many copies, one behind the other.
    static func repeated(_ bytes: [UInt8], _ count: Int) -> [UInt8] {
        Array(repeatElement(bytes, count: count).joined())
    }

    private static func bytes(_ text: String) -> [UInt8] {
        Array(text.utf8)
    }
}
