import Sluice
import Testing

/// What an error says when its thrower says little.
@Suite struct HTTPErrorTests {
    static let defaults: [(status: Status, code: String)] = [
        (.badRequest, "bad_request"), (.notFound, "not_found"),
        (414, "uri_too_long"), (418, "status_418"), (431, "request_header_fields_too_large"),
        (499, "status_499"), (.internalServerError, "internal_server_error"),
        (505, "http_version_not_supported"), (599, "status_599"),
    ]

    @Test(arguments: defaults)
    func `code and message come from the status`(status: Status, code: String) {
        let error = HTTPError(status)
        #expect(error.status == status)
        #expect(error.code == code)
        #expect(!error.message.isEmpty)
        #expect(error.field == nil)
        #expect(error.fields.isEmpty)
    }

    @Test func `what its thrower says stands`() {
        let error = HTTPError(
            .badRequest, code: "invalid_parameter", message: "'x' is no number", field: "id",
            fields: [("X-Hint", "digits")])
        #expect(error.code == "invalid_parameter")
        #expect(error.message == "'x' is no number")
        #expect(error.field == "id")
        #expect(error.fields.map(\.name) == ["X-Hint"])
        #expect(error.description == "400 invalid_parameter (id): 'x' is no number")
    }

    @Test func `what is no error is not thrown`() async {
        await #expect(processExitsWith: .failure) {
            _ = HTTPError(399)
        }
    }
}
