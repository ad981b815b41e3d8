import Postgres

/// Every statement of the prune. Values are bound; nothing here is built from input.
enum Statements {
    /// Groups in order, in each the newest version first, from behind a row on. $1, $2 its key and locale; $3 its
    /// version's order, NULL before the first row and behind one whose version is not semantic; $4 its time; $5 its id;
    /// $6 locales or NULL; $7 a LIKE pattern for keys or NULL; $8 what all keys are below, or NULL; $9 whether the
    /// content is wanted, for an archive; $10 how many rows.
    static let page: PostgresStatement = """
        SELECT ctid, xmin, key, locale, created_at, id, version_order,
            CASE WHEN $9::boolean THEN version END, CASE WHEN $9::boolean THEN value END
        FROM translations
        WHERE (key COLLATE "C", locale COLLATE "C") >= ($1::text, $2::text)
            AND ((key COLLATE "C", locale COLLATE "C") > ($1::text, $2::text)
                OR (version_order, created_at, id) < ($3::text, $4::timestamptz, $5::uuid)
                OR version_order IS NULL
                    AND ($3::text IS NOT NULL OR (created_at, id) < ($4::timestamptz, $5::uuid)))
            AND ($6::text[] IS NULL OR locale = ANY ($6::text[]))
            AND ($7::text IS NULL OR key LIKE $7::text)
            AND ($8::text IS NULL OR key COLLATE "C" < $8::text)
        ORDER BY key COLLATE "C", locale COLLATE "C", version_order DESC NULLS LAST, created_at DESC, id DESC
        LIMIT $10::bigint
        """

    /// The rows of groups that are named: $1 keys, $2 locales; $3 whether the content is wanted.
    static let groups: PostgresStatement = """
        SELECT t.ctid, t.xmin, t.key, t.locale, t.created_at, t.id, t.version_order,
            CASE WHEN $3::boolean THEN t.version END, CASE WHEN $3::boolean THEN t.value END
        FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS g(key, locale, number)
        CROSS JOIN LATERAL (
            SELECT ctid, xmin, key, locale, created_at, id, version_order, version, value FROM translations
            WHERE translations.key COLLATE "C" = g.key AND translations.locale COLLATE "C" = g.locale
            ORDER BY version_order DESC NULLS LAST, created_at DESC, id DESC
        ) AS t
        ORDER BY g.number, t.version_order DESC NULLS LAST, t.created_at DESC, t.id DESC
        """

    /// Deletes rows ($4 places, $5 writers, $6 numbers of their groups) of those groups whose newest row ($1, $2, $3)
    /// could be locked. Rows that somebody else holds, or has changed, are passed over. Answers how many of each group.
    ///
    /// A list of places is one scan; joined row by row, each lookup asks the kernel for the table's size.
    static let delete: PostgresStatement = """
        WITH survivors AS MATERIALIZED (
            SELECT s.number FROM translations AS t
            JOIN unnest($1::tid[], $2::xid[], $3::integer[]) AS s(place, writer, number)
                ON t.ctid = s.place AND t.xmin = s.writer
            WHERE t.ctid = ANY ($1::tid[])
            FOR KEY SHARE OF t SKIP LOCKED
        ), victims AS MATERIALIZED (
            SELECT t.ctid AS place, v.number FROM translations AS t
            JOIN unnest($4::tid[], $5::xid[], $6::integer[]) AS v(place, writer, number)
                ON t.ctid = v.place AND t.xmin = v.writer
            JOIN survivors ON survivors.number = v.number
            WHERE t.ctid = ANY ($4::tid[])
            FOR UPDATE OF t SKIP LOCKED
        ), deleted AS (
            DELETE FROM translations WHERE ctid = ANY (ARRAY (SELECT place FROM victims))
        )
        SELECT number, count(*) FROM victims GROUP BY number
        """

    /// The same for groups whose newest row goes too: $1 places, $2 writers, $3 numbers.
    static let deleteAll: PostgresStatement = """
        WITH victims AS MATERIALIZED (
            SELECT t.ctid AS place, v.number FROM translations AS t
            JOIN unnest($1::tid[], $2::xid[], $3::integer[]) AS v(place, writer, number)
                ON t.ctid = v.place AND t.xmin = v.writer
            WHERE t.ctid = ANY ($1::tid[])
            FOR UPDATE OF t SKIP LOCKED
        ), deleted AS (
            DELETE FROM translations WHERE ctid = ANY (ARRAY (SELECT place FROM victims))
        )
        SELECT number, count(*) FROM victims GROUP BY number
        """

    /// The intents that the present transaction has left, and its id; $1 is an id that all of them are above.
    static let ownIntents: PostgresStatement = """
        SELECT id, key, locale FROM translation_invalidations
        WHERE id > $1::bigint AND xmin = pg_current_xact_id()::xid
        """
    static let transaction: PostgresStatement = "SELECT pg_current_xact_id()::text"
    /// Those of the triggers that write intents which would not fire in this session, and of what is not there.
    static let silentTriggers: PostgresStatement = """
        SELECT string_agg(name, ', ') FROM unnest(ARRAY['trg_translations_inserted', 'trg_translations_deleted']) AS name
        WHERE NOT EXISTS (
            SELECT 1 FROM pg_trigger WHERE tgrelid = 'translations'::regclass AND tgname = name AND tgenabled IN (
                'A', CASE current_setting('session_replication_role') WHEN 'replica' THEN 'R' ELSE 'O' END))
        """
    /// Those of the locales $1 that no translation can have.
    static let unknownLocales: PostgresStatement = """
        SELECT given FROM unnest($1::text[]) AS given WHERE NOT EXISTS (SELECT 1 FROM locales WHERE tag = given)
        """
    /// What became of a transaction whose commit was not heard of.
    static let transactionStatus: PostgresStatement = "SELECT pg_xact_status($1::text::xid8)"
    /// Makes the present transaction wait for the disk, and with it all before.
    static let synchronously: PostgresStatement = "SELECT set_config('synchronous_commit', 'on', true)"
    /// Something for the log, so that a synchronous commit has what to wait for.
    static let logMark: PostgresStatement =
        "SELECT pg_logical_emit_message(true, 'cleanup-translations', 'synchronize')"

    static let lastIntent: PostgresStatement = "SELECT coalesce(max(id), 0) FROM translation_invalidations"

    /// The database's time, in microseconds since 2000-01-01.
    static let now: PostgresStatement =
        "SELECT (extract(epoch FROM now()) * 1000000)::bigint - 946684800000000"
    /// How many rows go, by locale and age in days. $1 locales or NULL; $2 a LIKE pattern or NULL; $3 what keys are
    /// below, or NULL; $4 versions kept, or NULL; $5 the cutoff, or NULL; $6 whether the newest may go.
    static let survey: PostgresStatement = """
        SELECT locale, width_bucket(
                extract(epoch FROM now()) - extract(epoch FROM created_at),
                ARRAY[0, 2592000, 7776000, 15552000, 31536000]),
            count(*)
        FROM (
            SELECT locale, created_at, row_number() OVER (
                PARTITION BY key COLLATE "C", locale COLLATE "C"
                ORDER BY version_order DESC NULLS LAST, created_at DESC, id DESC) AS rank
            FROM translations
            WHERE version_order IS NOT NULL
                AND ($1::text[] IS NULL OR locale = ANY ($1::text[]))
                AND ($2::text IS NULL OR key LIKE $2::text)
                AND ($3::text IS NULL OR key COLLATE "C" < $3::text)
        ) AS ranked
        WHERE (rank > $4::bigint OR created_at < $5::timestamptz) AND (rank > 1 OR $6::boolean)
        GROUP BY 1, 2 ORDER BY 1, 2
        """
    /// Rows of the selection: $1 locales or NULL; $2 a LIKE pattern or NULL; $3 what keys are below, or NULL.
    static let countRows: PostgresStatement = """
        SELECT count(*) FROM translations
        WHERE ($1::text[] IS NULL OR locale = ANY ($1::text[]))
            AND ($2::text IS NULL OR key LIKE $2::text)
            AND ($3::text IS NULL OR key COLLATE "C" < $3::text)
        """
    /// The server's longest time for a statement, in milliseconds; 0 is for ever.
    static let statementTimeout: PostgresStatement = "SELECT set_config('statement_timeout', $1, false)"
}
