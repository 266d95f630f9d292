internal import Arguments
internal import Sluice

extension ServeOptions {
    static let watching = OptionGroup<ServeOptions>(
        "Status pages, at /_status and /_dashboard",
        [
            Option(
                "--status-from", placeholder: "CIDR,…",
                help: "clients that may see status pages, dashboard and metrics, such as "
                    + "10.0.0.0/8, judged after --trusted-proxies. [this machine, without a proxy]"
            ) { options, text throws(ValueError) in
                options.status?.visibleFrom = try ranges(text)
            },
            Option(
                "--slow-request", placeholder: "TIME",
                help: "requests whose answer begins later are listed at /_status/slow; 0: none is "
                    + "listed. [500ms]"
            ) { options, text throws(ValueError) in
                let time = try Values.duration(text)
                options.status?.slowRequestThreshold =
                    time == 0 ? nil : .nanoseconds(Int64(time))
            },
            Option("--no-status", help: "there are no such pages; others than these are served.") {
                $0.status = nil
            },
        ])
}
