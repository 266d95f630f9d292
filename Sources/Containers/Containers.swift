/// Placeholder that the module's first commit replaces.
enum ContainersModule {}
