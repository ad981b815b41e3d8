/// Where the parts of the server are put together, a line each.
enum Composition {
    /// Adds every part to the context. Nothing has been connected yet.
    static func assemble(_ context: ServerContext) throws {
        StatusRoutes.add(to: context)
        try StartupChecks.add(to: context)
        let awards = try AwardDriver(context)
        context.awards = awards
        AwardBadgeMethod.add(to: context, awards)
        try BoardsPart.add(to: context)
        try SagaPart.add(to: context)
    }
}
