/// The `gate` executable.
@main
enum GateCommand {
    static func main() {}
}
