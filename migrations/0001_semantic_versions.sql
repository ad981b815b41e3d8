-- The precedence of semantic versions (semver.org, 2.0.0) as text that sorts byte by byte: numbers carry their length
-- before them, a version before its release sorts below it. NULL for what is no semantic version. Build metadata do
-- not count. Sources/cleanup-translations/Versions/SemanticVersion.swift orders the same way; a test compares them.
--
-- The pattern has no groups that capture: with them a match took a hundred times as long.
CREATE OR REPLACE FUNCTION semver_order(version text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    precedent text;
    core text;
    identifier text;
    result text := '';
BEGIN
    IF length(version) > 256 OR version !~ '^(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*)){2}(?:-(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*)?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$'
    THEN
        RETURN NULL;
    END IF;
    precedent := split_part(version, '+', 1);
    core := split_part(precedent, '-', 1);
    result := lpad(length(split_part(core, '.', 1))::text, 3, '0') || split_part(core, '.', 1)
        || lpad(length(split_part(core, '.', 2))::text, 3, '0') || split_part(core, '.', 2)
        || lpad(length(split_part(core, '.', 3))::text, 3, '0') || split_part(core, '.', 3);
    IF length(core) = length(precedent) THEN
        RETURN result || '~';
    END IF;
    FOREACH identifier IN ARRAY string_to_array(substr(precedent, length(core) + 2), '.') LOOP
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
