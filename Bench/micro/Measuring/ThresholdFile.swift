internal import Syscalls

/// The file that thresholds are kept in.
struct ThresholdFile {
    let path: String

    /// Far more than any workload needs.
    private static let maximumByteCount = 1 << 20

    /// - Parameter mayBeMissing: No file is as good as an empty one.
    func read(mayBeMissing: Bool) throws(MeasuringError) -> Thresholds {
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try WholeFile.read(path, maximumByteCount: Self.maximumByteCount)
        } catch {
            if error == .noSuchFile && mayBeMissing { return Thresholds() }
            throw MeasuringError(
                "--thresholds \(path): \(error); outside the checkout that this was built from, "
                    + "give a copy of its Bench/micro/thresholds.txt")
        }
        do throws(MeasuringError) {
            return try Thresholds(text: String(decoding: bytes, as: UTF8.self))
        } catch {
            throw MeasuringError("--thresholds \(path): \(error)")
        }
    }

    func write(_ text: String) throws(MeasuringError) {
        do throws(Errno) {
            try WholeFile.write(text.utf8.span, path)
        } catch {
            throw MeasuringError("\(path): cannot be written: \(error)")
        }
    }
}
