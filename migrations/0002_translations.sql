-- A further language is a row here, not a change of code.
CREATE TABLE IF NOT EXISTS locales (
    tag text PRIMARY KEY,
    -- BCP 47: language, script, region, variants, extensions, private use; or private use alone.
    CONSTRAINT locales_tag_is_bcp47 CHECK (
        length(tag) <= 35
        AND tag ~ '^([a-zA-Z]{2,3}(-[a-zA-Z]{3}){0,3}|[a-zA-Z]{4,8})(-[a-zA-Z]{4})?(-([a-zA-Z]{2}|[0-9]{3}))?(-([a-zA-Z0-9]{5,8}|[0-9][a-zA-Z0-9]{3}))*(-[0-9a-wy-zA-WY-Z](-[a-zA-Z0-9]{2,8})+)*(-x(-[a-zA-Z0-9]{1,8})+)?$|^x(-[a-zA-Z0-9]{1,8})+$')
);
INSERT INTO locales (tag) VALUES ('en'), ('es'), ('fr'), ('ar'), ('de'), ('pt'), ('ja') ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS translations (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    key text NOT NULL,
    locale text NOT NULL REFERENCES locales (tag),
    value text NOT NULL,
    version text NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    -- NULL where the version is not semantic: rows older than the trigger below.
    version_order text COLLATE "C" GENERATED ALWAYS AS (semver_order(version)) STORED,
    CONSTRAINT translations_key_locale_version UNIQUE (key, locale, version)
);
CREATE INDEX IF NOT EXISTS idx_translations_key_locale ON translations (key, locale);
CREATE INDEX IF NOT EXISTS idx_translations_created_at ON translations (created_at);
-- The order in which cleanup-translations walks the table: groups, and in each the newest version first.
CREATE INDEX IF NOT EXISTS idx_translations_rank ON translations
    (key COLLATE "C", locale COLLATE "C", version_order DESC NULLS LAST, created_at DESC, id DESC);

-- Refuses what no reader could show. Its messages name the rule, never the value.
CREATE OR REPLACE FUNCTION validate_translation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.key !~ '\S' OR length(NEW.key) > 256 OR NEW.key ~ '[\x01-\x1f\x7f-\x9f]' OR NEW.key ~ '^\s|\s$' THEN
        RAISE EXCEPTION 'the key must have 1 to 256 characters, no control characters and no blanks around it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'translations_key', TABLE = 'translations';
    END IF;
    IF NEW.value !~ '\S' OR length(NEW.value) > 4096 OR NEW.value ~ '[\x01-\x1f\x7f-\x9f]' THEN
        RAISE EXCEPTION 'the value must not be blank, longer than 4096 characters, or hold control characters'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'translations_value', TABLE = 'translations';
    END IF;
    IF semver_order(NEW.version) IS NULL THEN
        RAISE EXCEPTION 'the version must be a semantic version, such as 1.10.0'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'translations_version', TABLE = 'translations';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM locales WHERE tag = NEW.locale) THEN
        RAISE EXCEPTION 'the locale is not in the table locales'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'translations_locale', TABLE = 'translations';
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER trg_validate_translations BEFORE INSERT OR UPDATE ON translations
    FOR EACH ROW EXECUTE FUNCTION validate_translation();
