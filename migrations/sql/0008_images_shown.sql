-- What the pages need to show an image: its size, so that boxes can be drawn over any copy of it; the thresholds by which
-- its faces were decided; and which images changed a moment ago. MySQL has no ADD COLUMN IF NOT EXISTS, so the statement
-- is made where the key is missing, and the migration can be run again.
SET @ddl = IF(EXISTS (SELECT 1 FROM information_schema.statistics
                      WHERE table_schema = DATABASE() AND table_name = 'images' AND index_name = 'images_updated'),
              'DO 0',
              'ALTER TABLE images
                   ADD COLUMN width        INT UNSIGNED NULL COMMENT ''pixels, after the EXIF orientation was applied'',
                   ADD COLUMN height       INT UNSIGNED NULL,
                   ADD COLUMN accept_below FLOAT        NULL COMMENT ''a face nearer to a person than this is that person'',
                   ADD COLUMN unknown_from FLOAT        NULL COMMENT ''one as far away as this is nobody we know'',
                   ADD COLUMN margin       FLOAT        NULL COMMENT ''by which the second person has to be farther away'',
                   ADD KEY images_updated (updated_at)');
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
