import Postgres

/// A customer's badges, from PostgreSQL.
enum BadgeList {
    /// Bytes of the longest badge: a translation's key has 256 characters.
    static let badgeBytes = 1_024

    /// $1 merchant, $2 customer, $3 the badge after which the page begins (NULL from the start), $4 rows, $5 the locale that is
    /// wanted (NULL: each award's own): badge, event id, time of the award (microseconds since 2000), name, the name's locale. The
    /// name is the newest translation in the locale, its base language or English; NULL where there is none any more.
    static let page: PostgresStatement = """
        SELECT a.badge, a.event_id, a.awarded_at, name.value, coalesce(name.locale, a.locale)
        FROM (
            SELECT badge, event_id, locale, awarded_at FROM badge_awards
            WHERE merchant_id = $1 AND customer_id = $2 AND ($3::text IS NULL OR badge > $3) ORDER BY badge LIMIT $4) AS a
        LEFT JOIN LATERAL (
            SELECT newest.value, newest.locale
            FROM unnest(ARRAY[coalesce($5::text, a.locale), split_part(coalesce($5::text, a.locale), '-', 1), 'en'])
                WITH ORDINALITY AS wanted (locale, place)
            JOIN LATERAL (
                SELECT t.value, t.locale FROM translations AS t
                WHERE t.key = a.badge COLLATE "C" AND t.locale = wanted.locale COLLATE "C"
                ORDER BY t.version_order DESC NULLS LAST, t.created_at DESC, t.id DESC LIMIT 1) AS newest ON true
            ORDER BY wanted.place LIMIT 1) AS name ON true
        ORDER BY a.badge
        """
}
