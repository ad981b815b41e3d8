-- The precedence of semantic versions (semver.org, 2.0.0) as text that sorts byte by byte: numbers carry their length
-- before them, a version before its release sorts below it. NULL for what is no semantic version. Build metadata do
-- not count. Sources/cleanup-translations/Versions/SemanticVersion.swift orders the same way; a test compares them.
CREATE OR REPLACE FUNCTION semver_order(version text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    part text[];
    identifier text;
    result text;
BEGIN
    IF length(version) > 256 THEN
        RETURN NULL;
    END IF;
    part := regexp_match(version, '^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)'
        '(?:-((?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*))?'
        '(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$');
    IF part IS NULL THEN
        RETURN NULL;
    END IF;
    result := lpad(length(part[1])::text, 3, '0') || part[1]
        || lpad(length(part[2])::text, 3, '0') || part[2]
        || lpad(length(part[3])::text, 3, '0') || part[3];
    IF part[4] IS NULL THEN
        RETURN result || '~';
    END IF;
    FOREACH identifier IN ARRAY string_to_array(part[4], '.') LOOP
        IF identifier ~ '^[0-9]+$' THEN
            result := result || '0' || lpad(length(identifier)::text, 3, '0') || identifier;
        ELSE
            -- The mark at the end is below every character of an identifier, so that a shorter one sorts first.
            result := result || '1' || identifier || '!';
        END IF;
    END LOOP;
    RETURN result;
END
$$;
