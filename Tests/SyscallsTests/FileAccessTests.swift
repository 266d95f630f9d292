import Syscalls
import Testing

@Suite struct FileAccessTests {
    @Test func `a program is executable, a folder and a text are not`() {
        #expect(FileAccess.isExecutable("/bin/sh"))
        #expect(!FileAccess.isExecutable("/bin"))
        #expect(!FileAccess.isExecutable("/proc/self/status"))
        #expect(!FileAccess.isExecutable("/no such file"))
    }

    @Test func `a link leads to its target`() {
        let target = FileAccess.target(ofLink: "/proc/self/exe")
        #expect(target?.hasPrefix("/") == true)
        #expect(FileAccess.target(ofLink: "/proc/self/status") == nil)
    }

    @Test func `a folder has the names in it`() {
        let names = FileAccess.names(inFolder: "/proc/self") ?? []
        #expect(names.contains("status") && names.contains("task"))
        #expect(!names.contains(".") && !names.contains(".."))
        #expect(FileAccess.names(inFolder: "/proc/self/status") == nil)
    }
}
