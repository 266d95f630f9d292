import HTTPEngine
import Testing

@testable import Sluice

@Suite struct FailureNameTests {
    @Test func `failures have names of their own`() {
        let names = FailureKind.allCases.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.wholeMatch(of: /[a-z]+(_[a-z]+)*/) != nil })
    }

    @Test func `pseudo-routes are no paths`() {
        for kind in FailureKind.allCases {
            #expect(RouteLabel.pseudo(kind).wholeMatch(of: /(request|queue|drain)\/[a-z_]+/) != nil)
        }
    }
}
