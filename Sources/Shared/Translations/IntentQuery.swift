package import Postgres

/// A statement with its values, whose answer is wanted in binary form.
package struct IntentQuery: Sendable {
    /// What is asked.
    package let statement: PostgresStatement
    /// Its values.
    package let parameters: PostgresParameters

    private init(_ statement: PostgresStatement, _ fill: (inout PostgresParameters) -> Void) {
        self.statement = statement
        var parameters = PostgresParameters()
        fill(&parameters)
        self.parameters = parameters
    }

    /// The next intents above one id and up to another.
    static func intents(above id: Int64, upTo last: Int64, limit: Int) -> IntentQuery {
        IntentQuery(
            """
            SELECT id, key, locale FROM translation_invalidations WHERE id > $1::bigint AND id <= $2::bigint
            ORDER BY id LIMIT $3::bigint
            """
        ) { parameters in
            parameters.add(id)
            parameters.add(last)
            parameters.add(Int64(limit))
        }
    }

    /// The next intents above an id that are so old by the database's clock.
    static func intents(above id: Int64, olderThanSeconds age: Int64, limit: Int) -> IntentQuery {
        IntentQuery(
            """
            SELECT id, key, locale FROM translation_invalidations
            WHERE id > $1::bigint AND created_at < now() - make_interval(secs => $2::bigint)
            ORDER BY id LIMIT $3::bigint
            """
        ) { parameters in
            parameters.add(id)
            parameters.add(age)
            parameters.add(Int64(limit))
        }
    }

    /// The newest version and value of each group, with the group's number from 1; groups without one have no row.
    package static func newest(_ groups: [TranslationGroup]) -> IntentQuery {
        IntentQuery(
            """
            SELECT g.number, t.version, t.value
            FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS g(key, locale, number)
            CROSS JOIN LATERAL (
                SELECT version, value FROM translations
                WHERE translations.key COLLATE "C" = g.key AND translations.locale COLLATE "C" = g.locale
                    AND version_order IS NOT NULL
                ORDER BY version_order DESC NULLS LAST, created_at DESC, id DESC LIMIT 1
            ) AS t
            """
        ) { parameters in
            parameters.add(groups.map(\.key))
            parameters.add(groups.map(\.locale))
        }
    }

    /// Deletes finished intents.
    static func clear(_ intents: [TranslationIntent]) -> IntentQuery {
        IntentQuery("DELETE FROM translation_invalidations WHERE id = ANY ($1::bigint[])") { parameters in
            parameters.add(intents.flatMap(\.ids))
        }
    }
}
