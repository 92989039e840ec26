-- Who turned out to be somebody else: both rows stay, so that a merge can be undone, and one of them leads to the other.
-- Of a chain of merges each row names the last one. MySQL has no ADD COLUMN IF NOT EXISTS, so the statement is made where
-- the key is missing, and the migration can be run again.
SET @ddl = IF(EXISTS (SELECT 1 FROM information_schema.statistics
                      WHERE table_schema = DATABASE() AND table_name = 'person' AND index_name = 'person_merged'),
              'DO 0',
              'ALTER TABLE person
                   ADD COLUMN merged_into BIGINT UNSIGNED NULL COMMENT ''the person that this one is'',
                   ADD KEY person_merged (merged_into),
                   ADD CONSTRAINT person_merged_exists FOREIGN KEY (merged_into) REFERENCES person (id) ON DELETE CASCADE');
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
