import Syscalls
import Testing

@Suite struct ErrnoTests {
    @Test(arguments: [
        (Errno.addressInUse, "EADDRINUSE", "Address already in use"),
        (.connectionReset, "ECONNRESET", "Connection reset by peer"),
        (.tooManyOpenFiles, "EMFILE", "Too many open files"),
        (.wouldBlock, "EAGAIN", "Resource temporarily unavailable"),
        (.crossDeviceLink, "EXDEV", "Invalid cross-device link"),
        (.tooManySymbolicLinks, "ELOOP", "Too many levels of symbolic links"),
        (.nameTooLong, "ENAMETOOLONG", "File name too long"),
        (.notImplemented, "ENOSYS", "Function not implemented"),
        (.brokenPipe, "EPIPE", "Broken pipe"),
        (.interrupted, "EINTR", "Interrupted system call"),
    ])
    func `has a name and a sentence`(error: Errno, name: String, sentence: String) {
        #expect(error.name == name)
        #expect(error.description == "\(sentence) (\(name))")
    }

    @Test func `names a number that it does not know`() {
        let error = Errno(rawValue: 4000)
        #expect(error.name == "errno 4000")
        #expect(error.description.contains("errno 4000"))
    }
}
