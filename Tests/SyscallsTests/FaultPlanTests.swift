#if FAULT_INJECTION
    import Syscalls
    import Testing

    @Suite struct FaultPlanTests {
        @Test func `interrupted calls are made again`() throws {
            let pair = try Loopback()
            let plan = FaultPlan(
                .fail(.send, with: .interrupted, onCalls: 1...3),
                .fail(.receive, with: .interrupted, onCalls: 1...2))
            try plan.run {
                try sendAll(Array("abc".utf8), to: pair.client)
                try waitUntil(.readable, pair.server)
                let text = try receiveText(3, pair.server)
                #expect(text == "abc")
            }
            #expect(plan.callCount(.send) == 4)
            #expect(plan.callCount(.receive) == 3)
        }

        @Test func `an interrupted wait returns without events`() throws {
            let epoll = try Epoll()
            let flag = try EventDescriptor()
            try flag.signal()
            try epoll.add(flag.descriptor, events: .readable, data: 1)
            var list = EventList(capacity: 4)
            try FaultPlan(.fail(.epollWait, with: .interrupted, onCalls: 1...1)).run {
                try epoll.wait(into: &list, timeoutNanoseconds: 5_000_000_000)
                #expect(list.count == 0)
                try epoll.wait(into: &list, timeoutNanoseconds: 5_000_000_000)
                #expect(list.count == 1)
            }
        }

        @Test func `receives come byte by byte`() throws {
            let pair = try Loopback()
            try sendAll(Array("abcdef".utf8), to: pair.client)
            try waitUntil(.readable, pair.server)
            let plan = FaultPlan(.limit(.receive, toBytes: 1))
            let text = try plan.run { try receiveText(6, pair.server) }
            #expect(text == "abcdef")
            #expect(plan.callCount(.receive) == 6)
        }

        @Test func `sends take a few bytes of one run or of two`() throws {
            let pair = try Loopback()
            try FaultPlan(.limit(.send, toBytes: 3)).run {
                let one = try Socket.send("abcdef".utf8.span, to: pair.client)
                #expect(one == .bytes(3))
                let inFirst = try Socket.send(
                    first: "defg".utf8.span, second: "XY".utf8.span, to: pair.client)
                #expect(inFirst == .bytes(3))
                let across = try Socket.send(
                    first: "g".utf8.span, second: "hijk".utf8.span, to: pair.client)
                #expect(across == .bytes(3))
            }
            #expect(try receiveText(9, pair.server) == "abcdefghi")
        }

        @Test func `a receive would block so many times`() throws {
            let pair = try Loopback()
            try sendAll(Array("x".utf8), to: pair.client)
            try waitUntil(.readable, pair.server)
            var area = ReadArea(size: 16)
            var results: [IOResult] = []
            try FaultPlan(.fail(.receive, with: .wouldBlock, onCalls: 1...2)).run {
                for _ in 0..<3 { results.append(try area.receive(from: pair.server)) }
            }
            #expect(results == [.wouldBlock, .wouldBlock, .bytes(1)])
        }

        @Test func `the second receive fails with a reset`() throws {
            let pair = try Loopback()
            try sendAll(Array("x".utf8), to: pair.client)
            try waitUntil(.readable, pair.server)
            var area = ReadArea(size: 16)
            var failure: Errno?
            FaultPlan(.fail(.receive, with: .connectionReset, onCalls: 2...2)).run {
                do throws(Errno) {
                    _ = try area.receive(from: pair.server)
                    _ = try area.receive(from: pair.server)
                } catch {
                    failure = error
                }
            }
            #expect(failure == .connectionReset)
        }

        @Test func `an accept out of descriptors leaves the connection waiting`() throws {
            let listener = try Listener()
            let client = try listener.connectedClient()
            try waitUntil(.readable, listener.descriptor)
            try FaultPlan(.fail(.accept, with: .tooManyOpenFiles, onCalls: 1...1)).run {
                #expect(throws: Errno.tooManyOpenFiles) {
                    _ = try Socket.accept(on: listener.descriptor, nonBlocking: true)
                }
                let accepted = try Socket.accept(on: listener.descriptor, nonBlocking: true)
                #expect((accepted == nil) == false)
            }
            #expect(client.rawValue >= 0)
        }

        @Test(arguments: [Errno.connectionAborted, .protocolError, .hostUnreachable])
        func `an accept passes over peers that left`(error: Errno) throws {
            let listener = try Listener()
            let client = try listener.connectedClient()
            try waitUntil(.readable, listener.descriptor)
            let plan = FaultPlan(.fail(.accept, with: error, onCalls: 1...2))
            try plan.run {
                let accepted = try Socket.accept(on: listener.descriptor, nonBlocking: true)
                #expect((accepted == nil) == false)
            }
            #expect(plan.callCount(.accept) == 3)
            #expect(client.rawValue >= 0)
        }

        @Test(arguments: [
            (Errno.inProgress, ConnectResult.inProgress), (.alreadyInProgress, .inProgress),
            (.alreadyConnected, .connected),
        ])
        func `a connect tells how far it is`(error: Errno, result: ConnectResult) throws {
            let socket = try Socket.stream(family: .ipv4, nonBlocking: true)
            let told = try FaultPlan(.fail(.connect, with: error)).run {
                try Socket.connect(socket, to: .loopback(port: 1))
            }
            #expect(told == result)
        }

        @Test func `a failed write and a short one`() throws {
            let flag = try EventDescriptor()
            let bytes = [UInt8](repeating: 0, count: 8)
            try FaultPlan(.fail(.write, with: .interrupted, onCalls: 1...2)).run {
                try Output.write(bytes.span, to: flag.descriptor)
            }
            #expect(throws: Errno.inputOutput) {
                try FaultPlan(.fail(.write, with: .inputOutput)).run {
                    try Output.write(bytes.span, to: flag.descriptor)
                }
            }
            // An event descriptor refuses writes below 8 bytes, so a limit shows as EINVAL.
            #expect(throws: Errno.invalidArgument) {
                try FaultPlan(.limit(.write, toBytes: 7)).run {
                    try Output.write(bytes.span, to: flag.descriptor)
                }
            }
        }

        @Test func `a plan does not reach another thread`() throws {
            let pair = try Loopback()
            let raw = pair.client.rawValue
            let plan = FaultPlan(.fail(.send, with: .brokenPipe))
            try plan.run {
                let thread = try Thread(name: "other") {
                    let client = FileDescriptor(owning: raw)
                    let bytes: [UInt8] = [UInt8(ascii: "x")]
                    let result = try? Socket.send(bytes.span, to: client)
                    #expect(result == .bytes(1))
                    _ = client.release()
                }
                thread.join()
            }
            #expect(plan.callCount(.send) == 0)
        }

        @Test func `a plan ends with its body, even by an error`() throws {
            let pair = try Loopback()
            struct Failure: Error {}
            let plan = FaultPlan(.fail(.send, with: .brokenPipe))
            #expect(throws: Failure.self) {
                try plan.run { throw Failure() }
            }
            let bytes: [UInt8] = [1]
            #expect(try Socket.send(bytes.span, to: pair.client) == .bytes(1))
        }

        @Test func `a wrong descriptor stops the program`() async {
            await #expect(processExitsWith: .failure) {
                let socket = try Socket.stream(family: .ipv4, nonBlocking: true)
                let bytes: [UInt8] = [1]
                try FaultPlan(.fail(.send, with: .badFileDescriptor)).run {
                    _ = try Socket.send(bytes.span, to: socket)
                }
            }
        }
    }
#endif
