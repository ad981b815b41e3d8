-- One row for each key and locale that a statement changed: an intent to take it out of every cache, written in the
-- transaction of the change. Whoever has unlinked the cached names and published cache.invalidate deletes it, by id.
-- No unique constraint: writers of one key would wait for each other.
CREATE TABLE IF NOT EXISTS translation_invalidations (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key text NOT NULL,
    locale text NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now()
);

CREATE OR REPLACE FUNCTION note_translation_inserts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO translation_invalidations (key, locale) SELECT DISTINCT key, locale FROM new_rows;
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION note_translation_deletes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO translation_invalidations (key, locale) SELECT DISTINCT key, locale FROM old_rows;
    RETURN NULL;
END
$$;
-- An update that changes nothing is none, and one that moves a row concerns its old place and its new one.
CREATE OR REPLACE FUNCTION note_translation_updates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO translation_invalidations (key, locale)
    SELECT DISTINCT key, locale FROM (
        (SELECT id, key, locale, value, version, created_at FROM old_rows
            EXCEPT SELECT id, key, locale, value, version, created_at FROM new_rows)
        UNION ALL
        (SELECT id, key, locale, value, version, created_at FROM new_rows
            EXCEPT SELECT id, key, locale, value, version, created_at FROM old_rows)
    ) AS changed;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER trg_translations_inserted AFTER INSERT ON translations
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION note_translation_inserts();
CREATE OR REPLACE TRIGGER trg_translations_deleted AFTER DELETE ON translations
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION note_translation_deletes();
CREATE OR REPLACE TRIGGER trg_translations_updated AFTER UPDATE ON translations
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_translation_updates();
