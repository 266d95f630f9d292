package import Sluice

/// The engine that servers of a test run on: `withServer` and `SluiceProcess` start that one.
package enum EngineUnderTest {
    /// The reactor, unless a trait of the suite says otherwise.
    @TaskLocal package static var current = ServerConfiguration.Engine.reactor
}
