import Sluice
import TestSupport
import Testing

/// Queries, and forms of the same kind.
@Suite struct QueryTests {
    @Test(arguments: [
        ("q=1&q=2&p=3&q=", "1|1,2,|true"), ("q", "||true"), ("q=", "||true"), ("q&q=2", "|,2|true"),
        ("&&q=1&&", "1|1|true"), ("=1&q=2", "2|2|true"), ("p", "nil||false"), ("", "nil||false"),
        ("%71=a%20b+c%2Bd", "a b c+d|a b c+d|true"),
        ("q=a=b", "a=b|a=b|true"), ("qq=1&Q=2", "nil||false"),
        ("q=%E2%82%AC&q=%FF", "€|€,\u{FFFD}|true"), ("q=%2526", "%26|%26|true"),
    ])
    func `names and values are decoded once, in their order`(
        query: String, expected: String
    ) throws {
        let response = try answer(to: "/?\(query)") { request, response in
            let query = request.query
            response.send(
                "\(query["q"] ?? "nil")|\(query.values(of: "q").joined(separator: ","))|"
                    + "\(query.has("q"))")
        }
        #expect(response.text == expected)
    }

    /// A target with such bytes is refused before; in a body they stand for themselves.
    @Test(arguments: ["%", "%4", "%zz", "%%20"])
    func `what is no escape stands for itself`(text: String) throws {
        let body = Array("q=\(text)".utf8)
        let response = try answer("POST", fields: [Self.form], body: body) { request, response in
            response.send(try request.form()["q"] ?? "nil")
        }
        #expect(response.text == text.replacing("%20", with: " "))
    }

    @Test func `all pairs can be listed, and the raw form stays`() throws {
        let response = try answer(to: "/?a=1&b&&a=%20&=x") { request, response in
            let all = request.query.all.map { "\($0.name)=\($0.value)" }
            response.send("\(all) \(request.query.rawValue)")
        }
        #expect(response.text == #"["a=1", "b=", "a= ", "=x"] a=1&b&&a=%20&=x"#)
    }

    @Test(arguments: [
        ("n=7", "7"), ("n=-7", "-7"), ("n=x", "400 invalid_parameter n "),
        ("n=", "400 invalid_parameter n "), ("n", "400 invalid_parameter n "),
        ("n=99999999999999999999", "400 invalid_parameter n "),
        ("m=7", "400 missing_parameter n "), ("n=1&n=x", "1"),
    ])
    func `a typed value is there and right, or the error names it`(
        query: String, expected: String
    ) throws {
        let response = try answer(to: "/?\(query)") { request, response in
            let query = request.query
            var text = ""
            do throws(HTTPError) {
                text = String(try query.value("n", as: Int.self))
            } catch {
                text = describing { throw error }
            }
            response.send(text)
        }
        #expect(response.text == expected)
    }

    @Test func `a default stands for what is missing, and not for what is wrong`() throws {
        let response = try answer(to: "/?b=true&d=0.5&bad=x") { request, response in
            let query = request.query
            let isWrong = (try? query.value("bad", as: Int.self, default: 1)) == nil
            response.send(
                "\(try query.value("b", as: Bool.self)) \(try query.value("d", as: Double.self)) "
                    + "\(try query.value("n", as: Int.self, default: 3)) \(isWrong)")
        }
        #expect(response.text == "true 0.5 3 true")
    }

    // MARK: Forms

    private static let form = "Content-Type: application/x-www-form-urlencoded"

    @Test(arguments: [form, "content-type: Application/X-WWW-Form-Urlencoded; charset=UTF-8"])
    func `a form has fields as a query has`(field: String) throws {
        let body = Array("name=Ada+L%2E&tag=a&tag=b&flag".utf8)
        let response = try answer("POST", fields: [field], body: body) { request, response in
            let form = try request.form()
            response.send(
                "\(form["name"] ?? "") \(form.values(of: "tag")) \(form.has("flag")) "
                    + "\(form.all.count) \(try form.value("age", as: Int.self, default: 36))")
        }
        #expect(response.text == #"Ada L. ["a", "b"] true 4 36"#)
    }

    @Test(arguments: [
        ([], "415 unsupported_media_type - Accept: application/x-www-form-urlencoded"),
        (
            ["Content-Type: text/plain"],
            "415 unsupported_media_type - Accept: application/x-www-form-urlencoded"
        ),
        (
            [form, form],
            "415 unsupported_media_type - Accept: application/x-www-form-urlencoded"
        ),
        ([form], "3"),
    ])
    func `a form needs its content type`(fields: [String], expected: String) throws {
        let body = Array("a=1&b=2&c=3".utf8)
        let response = try answer("POST", fields: fields, body: body) { request, response in
            var text = ""
            do throws(HTTPError) {
                text = String(try request.form().all.count)
            } catch {
                text = describing { throw error }
            }
            response.send(text)
        }
        #expect(response.text == expected)
    }

    @Test(arguments: [
        (3, "413 too_many_fields - "), (4, "4"), (Int.max, "4"), (0, "413 too_many_fields - "),
    ])
    func `a form may have so many fields`(limit: Int, expected: String) throws {
        let body = Array("a=1&&b=2&c=3&d&".utf8)
        let response = try answer("POST", fields: [Self.form], body: body) { request, response in
            var text = ""
            do throws(HTTPError) {
                text = String(try request.form(maxCount: limit).all.count)
            } catch {
                text = describing { throw error }
            }
            response.send(text)
        }
        #expect(response.text == expected)
    }
}
